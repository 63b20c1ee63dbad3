"""Léa and what is said of her: good defaults, so that a test names only what matters."""

from datetime import UTC, datetime, timedelta
from typing import Any

from terrain.core.catalogue import Catalogue
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim, Evidence, EvidenceKind, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import Identifier, Kind, id_from, key_of
from terrain.core.law import Law
from terrain.core.settings import GuardSettings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
YEAR = timedelta(days=365.25)
MONTH = YEAR / 12
LEA = Identifier(Kind.USER_ID, "lea")
OMAR = Identifier(Kind.USER_ID, "omar")
SOURCES = {
    "shop": SourceKind.TRANSACTION,
    "page": SourceKind.CUSTOMER_SAID,
    "desk": SourceKind.STAFF_HEARD,
    "platform": SourceKind.INFERRED,
    "site": SourceKind.BEHAVIOUR,
}


def a_house(catalogue: Catalogue | None = None, **settings: Any) -> House:
    return House(
        catalogue=catalogue or Catalogue(),
        law=Law(),
        settings=GuardSettings(**settings),
        sources=SOURCES,
    )


def a_claim(value: Any, source: str = "page", ago: timedelta = MONTH, **more: Any) -> Claim:
    at = NOON - ago
    fact = more.pop("fact", "address")
    given = {
        "key": fact if isinstance(fact, FactKey) else FactKey(fact),
        "kind": SOURCES.get(source, SourceKind.THIRD_PARTY),
        "first_at": at,
        "message_id": f"{source}-{at:%Y%m%d%H%M}",
    }
    return Claim(value=value, source=source, at=at, **{**given, **more})


def an_evidence(kind: EvidenceKind, value: Any, ago: timedelta, fact: str = "address") -> Evidence:
    at = NOON - ago
    return Evidence(key=FactKey(fact), value=value, kind=kind, at=at, message_id=f"{kind}-{at}")


def a_customer(*said: Claim | Evidence, **more: Any) -> Customer:
    claims: dict[FactKey, tuple[Claim, ...]] = {}
    evidence: dict[FactKey, tuple[Evidence, ...]] = {}
    for row in said:
        if isinstance(row, Claim):
            claims[row.key] = (*claims.get(row.key, ()), row)
        else:
            evidence[row.key] = (*evidence.get(row.key, ()), row)
    return Customer(key=key_of(1), nodes=(key_of(1),), claims=claims, evidence=evidence, **more)


def an_event(name: str, at: datetime = NOON, source: str = "shop", **more: Any) -> Event:
    message_id = more.pop("message_id", f"{name}-{at:%Y%m%d%H%M%S}-{source}")
    return Event(
        message_id=message_id,
        event_id=id_from(at, message_id),
        name=name,
        at=at,
        received_at=at,
        source=source,
        identifiers=more.pop("identifiers", (LEA,)),
        **more,
    )
