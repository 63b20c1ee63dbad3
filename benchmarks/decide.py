"""How long another system waits for the guard's judgement: /v1/decide, 200 times a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from benchmarks import shop, stage
from benchmarks.caller import Met
from benchmarks.row import Row
from benchmarks.web import serving
from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.identifier import Identifier, Kind
from terrain.store import claims, identifiers

RATE = 200
CALLERS = 8
CUSTOMERS = 1_000
KNOWN: dict[tuple[str, str], Any] = {
    ("email", ""): "lea@example.org",
    ("phone", ""): "+33612345678",
    ("address", ""): {"country": "FR", "city": "Lyon"},
    ("name", ""): "Léa",
    ("language", ""): "fr",
    ("uses", "filter-a"): True,
}
ASKED: dict[str, Any] = {
    "act": "send",
    "name": "notice",
    "purpose": "service",
    "benefit": "useful",
    "reach": "inbox",
    "undo": "by_customer",
    "channel": "email",
    "assumes": [{"fact": "email"}, {"fact": "uses", "about": "filter-a", "expects": True}],
}


def measure(*, long: bool) -> list[Row]:
    """Ask at a steady rate, and ask /health at the same rate."""
    seconds = 30 if long else 10
    with stage.database() as conninfo:
        _introduce(conninfo)
        with serving(conninfo) as web:
            web.ask("/v1/decide", _questions(RATE), CALLERS)
            before = web.cpu
            met = web.ask("/v1/decide", _questions(RATE * seconds), CALLERS, RATE)
            used = [now - then for now, then in zip(web.cpu, before, strict=True)]
            health = web.ask("/health", [""] * RATE * seconds, CALLERS, RATE)
    ours, postgres = (1e3 * spent / len(met.times) for spent in used)
    note = f"CPU each: web {ours:.1f} ms, PostgreSQL {postgres:.1f} ms; {CUSTOMERS:,} customers"
    return [
        _row("p50", 0.5, 5, (met, health), note),
        _row("p99", 0.99, 20, (met, health), f"slowest {met.times[-1]:.0f} ms"),
    ]


def _row(name: str, share: float, aim: float, both: tuple[Met, Met], note: str) -> Row:
    met, health = both
    return Row(
        name=f"/v1/decide at {RATE} requests/s, {name}",
        figure=met.percentile(share),
        unit="ms",
        aim=aim,
        limit=health.percentile(share),
        limit_is="/health at the same rate",
        less_is_better=True,
        note=note,
    )


def _questions(count: int) -> list[str]:
    return [
        msgspec.json.encode(ASKED | {"customer": {"user_id": f"user-{n % CUSTOMERS}"}}).decode()
        for n in range(count)
    ]


def _introduce(conninfo: str) -> None:
    """Write down customers of whom something is known."""
    now = datetime.now(UTC)
    people = [Identifier(Kind.USER_ID, f"user-{number}") for number in range(CUSTOMERS)]
    with psycopg.connect(conninfo) as db:
        nodes = identifiers.resolve(db, people, now)
        claims.save(db, [(nodes[one], claim) for one in people for claim in _claims(one, now)])
        db.commit()
        db.execute("ANALYZE")


def _claims(person: Identifier, now: datetime) -> list[Claim]:
    at = now - timedelta(days=30)
    return [
        Claim(
            key=FactKey(fact, about),
            value=value,
            source=shop.SOURCE,
            kind=SourceKind.TRANSACTION,
            first_at=at,
            at=at,
            message_id=f"{person.value}-{fact}",
        )
        for (fact, about), value in KNOWN.items()
    ]
