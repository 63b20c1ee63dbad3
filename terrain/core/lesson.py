"""How claims and evidence are laid beside what is known already, and what one event has to teach.

Promise: laying down is the same whatever the order, and the same in memory as in the record
(`store/claims.py` does in SQL what `merged` does here).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from terrain.core.catalogue import FactKind
from terrain.core.claims import close
from terrain.core.consent import Channel, Consent, Purpose
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim, Evidence, EvidenceKind, FactKey, SourceKind
from terrain.core.house import House

LONGEST_NAME = 80
LONGEST_ABOUT = 200
LONGEST_VALUE = 8_000
_LARGEST_WHOLE = 2**53
# Only these may say how sure they are; people and orders are as good as their kind.
_MACHINES = frozenset({SourceKind.BEHAVIOUR, SourceKind.THIRD_PARTY, SourceKind.INFERRED})
_YES = frozenset({"yes", "true", "oui", "y", "on", "1"})
_NO = frozenset({"no", "false", "non", "n", "off", "0"})


class Suppress(msgspec.Struct, frozen=True, kw_only=True):
    """An address whose owner objected: it goes on the suppression list as a keyed hash (FR-SUPP)."""

    channel: Channel
    address: str
    purpose: Purpose
    because: str
    at: datetime


class Lesson:
    """What one event teaches, while it is being read. Whatever is odd becomes a note and no more."""

    __slots__ = (
        "claims",
        "consents",
        "customer",
        "event",
        "evidence",
        "house",
        "notes",
        "suppress",
    )

    def __init__(self, customer: Customer, event: Event, house: House) -> None:
        self.customer = customer
        self.event = event
        self.house = house
        self.claims: list[Claim] = []
        self.evidence: list[Evidence] = []
        self.consents: list[Consent] = []
        self.suppress: list[Suppress] = []
        self.notes: list[str] = []

    def says(self, fact: Any, value: Any, about: Any = "", kind: SourceKind | None = None) -> None:
        """Take down that the event's source says this."""
        key, (value, odd) = self._key(fact, about), self.understood(fact, value)
        if key is None or odd:
            self.notes.append(f"odd_value:{str(fact)[:LONGEST_NAME]}")
        else:
            self._claim(key, value, kind)

    def says_none(self, fact: str, kind: SourceKind) -> None:
        """Take down that there is none any more: nobody in charge, no absence."""
        self._claim(FactKey(fact), None, kind)

    def shows(self, fact: Any, value: Any, about: Any, kind: EvidenceKind) -> None:
        """Take down something that came back; without a value it is about the one that held."""
        event, key = self.event, self._key(fact, about)
        kept, odd = self.understood(fact, value)
        if key is None or (odd and value is not None):
            self.notes.append(f"odd_value:{str(fact)[:LONGEST_NAME]}")
            return
        self.evidence.append(
            Evidence(key=key, value=kept, kind=kind, at=event.at, message_id=event.message_id)
        )

    def understood(self, fact: Any, value: Any) -> tuple[Any, bool]:
        """Return the value as this fact's values are compared and kept, and whether it cannot be."""
        kind = self.house.catalogue.facts.get(fact) if isinstance(fact, str) else None
        value, odd = understood(value, kind)
        return value.lower() if fact == "email" and isinstance(value, str) else value, odd

    def _claim(self, key: FactKey, value: Any, kind: SourceKind | None) -> None:
        event = self.event
        kind = kind or self.house.kind_of(event.source)
        self.claims.append(
            Claim(
                key=key,
                value=value,
                source=event.source,
                kind=kind,
                first_at=event.at,
                at=event.at,
                message_id=event.message_id,
                confidence=self._confidence() if kind in _MACHINES else None,
                assumed=bool(event.assumed) and key.fact in event.assumed,
            )
        )

    def mark_assumed(self, since: int, name: str) -> None:
        """Mark the claims taken down since then, if an archive's mapping assumed this property."""
        if name in self.event.assumed:
            self.claims[since:] = [
                msgspec.structs.replace(claim, assumed=True) for claim in self.claims[since:]
            ]

    def _confidence(self) -> float | None:
        said = self.event.properties.get("confidence")
        if isinstance(said, bool) or not isinstance(said, int | float):
            return None
        return float(said) if 0 <= said <= 1 else None

    def _key(self, fact: Any, about: Any) -> FactKey | None:
        about = "" if about is None else about
        if type(fact) is str and type(about) is str:
            return _key_of(fact, about)
        if isinstance(about, int | float) and not isinstance(about, bool):
            about = str(about)
        return _key_of(fact, about) if isinstance(fact, str) and isinstance(about, str) else None


@lru_cache(maxsize=8192)
def _key_of(fact: str, about: str) -> FactKey | None:
    """Return the key, unless it cannot be written; the same few are asked for again and again."""
    for text, longest in ((fact, LONGEST_NAME), (about, LONGEST_ABOUT)):
        if len(text) > longest or not _writable(text):
            return None
    return FactKey(fact, about.strip()) if fact else None


def understood(value: Any, kind: FactKind | None) -> tuple[Any, bool]:
    """Return the value as it is compared and kept, and whether it cannot be."""
    if isinstance(value, str):
        value = value.strip()
        if not value or not _writable(value):
            return None, True
        if not value.isascii() and not unicodedata.is_normalized("NFC", value):
            value = unicodedata.normalize("NFC", value)
        value = _as_kind(value, kind)
    elif isinstance(value, float):
        value = _whole(value)
    elif isinstance(value, dict | list):
        value = _plain(value)
    return value, value is None or not _fits(value, kind)


def merged(one: Claim, other: Claim) -> Claim:
    """Return the two as one: the earlier first time, and all else from the one said last."""
    is_later = (other.at, other.message_id) > (one.at, one.message_id)
    last, first_at = (other if is_later else one), min(one.first_at, other.first_at)
    return last if last.first_at == first_at else msgspec.structs.replace(last, first_at=first_at)


def with_claims(customer: Customer, claims: Iterable[Claim]) -> Customer:
    """Return the customer with these claims laid down."""
    known = dict(customer.claims)
    for claim in claims:
        rows = _laid(known.get(claim.key, ()), claim)
        evidence = customer.evidence.get(claim.key)
        known[claim.key] = close(rows, evidence) if evidence else rows
    return msgspec.structs.replace(customer, claims=known)


def with_evidence(customer: Customer, evidence: Iterable[Evidence]) -> Customer:
    """Return the customer with this evidence, and what it denies closed."""
    known, claims = dict(customer.evidence), dict(customer.claims)
    for row in evidence:
        rows = known.get(row.key, ())
        if row not in rows:
            known[row.key] = (*rows, row)
        if row.kind is EvidenceKind.DENIED and row.key in claims:
            claims[row.key] = close(claims[row.key], known[row.key])
    return msgspec.structs.replace(customer, evidence=known, claims=claims)


def with_consents(customer: Customer, consents: Iterable[Consent]) -> Customer:
    """Return the customer with these consents."""
    new = tuple(row for row in consents if row not in customer.consents)
    return msgspec.structs.replace(customer, consents=(*customer.consents, *new))


def _laid(rows: tuple[Claim, ...], claim: Claim) -> tuple[Claim, ...]:
    for place, row in enumerate(rows):
        if row.source == claim.source and _equal(row.value, claim.value):
            return (*rows[:place], merged(row, claim), *rows[place + 1 :])
    return (*rows, claim)


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _writable(text: str) -> bool:
    """Tell whether a database takes it: no NUL, no half of a character."""
    return text.isprintable() or not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def _as_kind(value: str, kind: FactKind | None) -> Any:
    """Return what a text means where the catalogue says that it is no text."""
    if kind is None:
        return value
    if kind.type == "yes_no":
        plain = value.casefold()
        return True if plain in _YES else False if plain in _NO else None
    if kind.type == "number":
        try:
            return _whole(float(value))
        except ValueError:
            return None
    return value


def _fits(value: Any, kind: FactKind | None) -> bool:
    if kind is None or kind.type not in ("yes_no", "choice", "number"):
        return True
    if kind.type == "yes_no":
        return isinstance(value, bool)
    if kind.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return not kind.choices or value in kind.choices


def _whole(value: float) -> float | int | None:
    # JSON knows one kind of number and writes 100 for 100.0; so that it compares equal, do we.
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else value


def _plain(value: Any) -> Any:
    """Return a list or mapping as JSON gives it back, or None where it cannot be written."""
    try:
        text = msgspec.json.encode(value, order="sorted")
    except (TypeError, ValueError, UnicodeEncodeError):
        return None
    if len(text) > LONGEST_VALUE or b"\\u0000" in text:
        return None
    return _wholes(msgspec.json.decode(text))


def _wholes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _wholes(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_wholes(each) for each in value]
    return _whole(value) if isinstance(value, float) else value
