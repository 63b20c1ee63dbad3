"""Which claims stand, and what was said last.

Promise: one reading for everybody who asks. Of each source its latest word counts; what the customer
corrected is closed, whoever claimed it, until somebody who would know says it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from terrain.core.customer import Customer
from terrain.core.fact import Claim, Evidence, EvidenceKind, FactKey, SourceKind

# Of these the last word counts, whoever said it: a complaint is open until somebody closes it.
COMPLAINT = "complaint"
STATES = frozenset({COMPLAINT, "in_charge", "wants_a_person"})
# A machine that repeats a guess which the customer corrected has learnt nothing.
_GUESSES = frozenset({SourceKind.BEHAVIOUR, SourceKind.THIRD_PARTY, SourceKind.INFERRED})
_HEARD_FROM = frozenset(
    {SourceKind.CUSTOMER_SAID, SourceKind.STAFF_HEARD, SourceKind.TRANSACTION, SourceKind.BEHAVIOUR}
)
_ANSWERS = frozenset({EvidenceKind.CLICK, EvidenceKind.CONFIRMED, EvidenceKind.DENIED})
_IDENTIFYING = frozenset({"email", "phone", "card", "handle"})


def latest(customer: Customer, key: FactKey) -> Claim | None:
    """Return what was said last, by whomever, unless it was denied since.

    So are complaints, who is in charge and wishes read.
    """
    said = customer.claims.get(key)
    if said is None:
        return None
    last = said[0] if len(said) == 1 else max(said, key=said_when, default=None)
    return last if last is not None and is_open(last) else None


def open_complaints(customer: Customer) -> tuple[str, ...]:
    """Return the ids of the complaints that nobody has closed."""
    keys = [key for key in customer.claims if key.fact == COMPLAINT]
    said = ((key.about, latest(customer, key)) for key in keys)
    return tuple(about for about, claim in said if claim is not None and claim.value == "open")


def last_heard(customer: Customer) -> datetime | None:
    """Return when the person last did something that left a trace (FR-RET): a click, not an open."""
    times = [
        claim.at
        for claims in customer.claims.values()
        for claim in claims
        if claim.kind in _HEARD_FROM
    ]
    times += [row.at for rows in customer.evidence.values() for row in rows if row.kind in _ANSWERS]
    return max((*times, *(consent.at for consent in customer.consents)), default=None)


def same(value: Any) -> Any:
    """Return what is equal for equal values of a fact, and can be looked up."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value, order="sorted")
    return (isinstance(value, bool), value)


def close(claims: Iterable[Claim], evidence: Sequence[Evidence]) -> tuple[Claim, ...]:
    """Return the claims with the time at which the customer denied each one's value, if ever."""
    denials: dict[Any, datetime] = {}
    for row in evidence:
        if row.kind is EvidenceKind.DENIED:
            value = same(row.value)
            denials[value] = max(row.at, denials.get(value, row.at))
    if not denials:
        return tuple(claims)
    return tuple(
        claim
        if claim.closed_at == denials.get(same(claim.value))
        else msgspec.structs.replace(claim, closed_at=denials.get(same(claim.value)))
        for claim in claims
    )


def is_open(claim: Claim) -> bool:
    """Tell whether the claim stands: never denied, or said anew by somebody who would know."""
    if claim.closed_at is None:
        return True
    return claim.kind not in _GUESSES and claim.at > claim.closed_at


def is_state(key: FactKey) -> bool:
    return key.fact in STATES or key.fact.startswith("wish.")


def said_when(claim: Claim) -> tuple[datetime, str]:
    return (claim.at, claim.message_id)


def speaking(customer: Customer, key: FactKey, now: datetime) -> list[Claim]:
    """Return what each source says now: its latest claim, unless that was denied."""
    said = customer.claims.get(key, ())
    if not said and key.fact in _IDENTIFYING and not key.about:
        return _as_named(customer, key, now)
    if len(said) > 1:
        by_source: dict[str, Claim] = {}
        for claim in said:
            other = by_source.get(claim.source)
            if other is None or said_when(claim) > said_when(other):
                by_source[claim.source] = claim
        said = tuple(by_source.values())
    claims = [claim for claim in said if is_open(claim)]
    answer = standing_answer(customer, key)
    if answer is not None and all(isinstance(claim.value, bool) for claim in claims):
        claims.append(answer)
    return claims


def _as_named(customer: Customer, key: FactKey, now: datetime) -> list[Claim]:
    """Return the addresses we know somebody by, where nobody said that they are theirs."""
    return [
        Claim(
            key=key,
            value=identifier.value,
            source="identifier",
            kind=SourceKind.THIRD_PARTY,
            first_at=now,
            at=now,
            message_id="",
        )
        for identifier in customer.identifiers
        if identifier.kind == key.fact
    ]


def standing_answer(customer: Customer, key: FactKey) -> Claim | None:
    """Return what "always" or "never" says about this fact, whatever it is about this time."""
    wishes = (
        (latest(customer, FactKey("wish.always", key.fact)), True),
        (latest(customer, FactKey("wish.never", key.fact)), False),
    )
    standing = [(wish, value) for wish, value in wishes if wish is not None and wish.value is True]
    if not standing:
        return None
    wish, value = max(standing, key=lambda pair: said_when(pair[0]))
    return msgspec.structs.replace(wish, value=value, source=f"{wish.source} ({wish.key.fact})")
