"""What is open about one customer now, and why each thing believed of them holds: for whoever speaks with them.

Promise: it says what the gates would see, in the order in which somebody who picks up the phone needs it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec

from terrain.core import rights
from terrain.core.claims import is_open, is_state, latest
from terrain.core.customer import Customer
from terrain.core.fact import Belief, Claim, FactKey, SourceKind
from terrain.core.own_page import open_questions
from terrain.core.wishes import wishes
from terrain.core.word import Word

_RELIABLE = tuple(SourceKind)  # the most reliable first


class What(Word):
    """One thing that is open; each has its sentence."""

    FROZEN = "frozen"
    COMPLAINT = "complaint"
    IN_CHARGE = "in_charge"
    WANTS_A_PERSON = "wants_a_person"
    STOPPED_ALL = "stopped_all"
    AWAY = "away"
    QUESTION = "question"


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is open: since when, and what belongs into its sentence."""

    what: What
    since: datetime | None = None
    said: Any = None


class Because(Word):
    """Why a value holds and no other does."""

    ALONE = "alone"
    DISPUTED = "disputed"
    OWN_WORD = "own_word"
    MORE_RELIABLE = "more_reliable"
    LATEST = "latest"
    WEIGHS_MORE = "weighs_more"


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """How often one source was wrong about this customer, of what the customer said something about."""

    source: str
    kind: SourceKind
    wrong: int
    tested: int


def open_now(customer: Customer, now: datetime) -> list[Open]:
    """Return what is open about this customer, the weightiest first."""
    asked_for = wishes(customer)
    found = []
    if rights.is_frozen(customer):
        found.append(Open(what=What.FROZEN, since=rights.frozen_since(customer)))
    for key in sorted(customer.claims):
        said = latest(customer, key) if key.fact == "complaint" else None
        if said is not None and said.value == "open":
            found.append(Open(what=What.COMPLAINT, since=said.at, said=key.about))
    found += _said(customer, "in_charge", What.IN_CHARGE)
    found += _said(customer, "wants_a_person", What.WANTS_A_PERSON)
    if asked_for.stopped_all:
        found.append(Open(what=What.STOPPED_ALL))
    if asked_for.absence and asked_for.absence.value:
        absence = asked_for.absence
        found.append(Open(what=What.AWAY, since=absence.at, said=absence.value))
    found += [
        Open(what=What.QUESTION, since=question.asked_at, said=question.words)
        for question in open_questions(customer, now)
    ]
    return found


def _said(customer: Customer, fact: str, what: What) -> list[Open]:
    claim = latest(customer, FactKey(fact))
    return [Open(what=what, since=claim.at, said=claim.value)] if claim and claim.value else []


def why_it_holds(belief: Belief) -> Because:
    """Return why this value holds, in the words of the strongest reason."""
    holder, rivals = belief.holder, belief.rivals
    if not rivals:
        return Because.ALONE
    if holder.kind is SourceKind.CUSTOMER_SAID and not _any_of(rivals, SourceKind.CUSTOMER_SAID):
        return Because.OWN_WORD
    if all(_RELIABLE.index(holder.kind) < _RELIABLE.index(rival.kind) for rival in rivals):
        return Because.MORE_RELIABLE
    if all(holder.at > rival.at for rival in rivals):
        return Because.LATEST
    return Because.DISPUTED if belief.disputed else Because.WEIGHS_MORE


def _any_of(claims: tuple[Claim, ...], kind: SourceKind) -> bool:
    return any(claim.kind is kind for claim in claims)


def wrong_about(customer: Customer) -> list[Wrong]:
    """Return which sources the customer's own word found wrong, most often first (story 6)."""
    counts: defaultdict[tuple[str, SourceKind], list[int]] = defaultdict(lambda: [0, 0])
    for key, claims in customer.claims.items():
        own = [c.value for c in claims if c.kind is SourceKind.CUSTOMER_SAID and is_open(c)]
        for claim in claims:
            if is_state(key) or claim.kind is SourceKind.CUSTOMER_SAID:
                continue
            is_wrong = claim.closed_at is not None or (bool(own) and claim.value not in own)
            if is_wrong or own:
                counted = counts[claim.source, claim.kind]
                counted[0] += is_wrong
                counted[1] += 1
    found = [
        Wrong(source=source, kind=kind, wrong=wrong, tested=tested)
        for (source, kind), (wrong, tested) in counts.items()
        if wrong
    ]
    return sorted(found, key=lambda each: (-each.wrong, each.source))
