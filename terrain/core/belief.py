"""What is believed of a customer at one moment, and how sure that is (`guard.md` 1 and 4).

Promise: derived anew from claims and evidence each time, so that it depends on what was said and
when, never on the order in which we heard it. What the customer said in the last twelve months
holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.act import Assumption
from terrain.core.aging import aging_of, kept
from terrain.core.catalogue import Aging
from terrain.core.claims import is_state, latest, said_when, same, speaking, standing_answer
from terrain.core.customer import Customer
from terrain.core.decision import UsedFact
from terrain.core.duration import Span
from terrain.core.fact import Belief, Claim, Evidence, EvidenceKind, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.settings import GuardSettings

UTC = ZoneInfo("UTC")
# A person who says it again takes back what spoke against it in between.
_PEOPLE = frozenset({SourceKind.CUSTOMER_SAID, SourceKind.STAFF_HEARD})
_PRIOR = "prior"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def believe(customer: Customer, key: FactKey, house: House, now: datetime) -> Belief | None:
    """Return the value that holds now and how sure that is; None when nobody ever said anything.

    What is only supposed, by the catalogue's prior, has a holder of kind `inferred` named "prior".
    """
    said = customer.claims.get(key)
    if said is not None and len(said) == 1 and _is_simple(customer, key, said[0]):
        return _of_one(said[0], customer, house, now)
    claims = speaking(customer, key, now)
    if not claims:
        return None if key in customer.claims else _supposed(key, house)
    if is_state(key):
        return _last_word(customer, key, house, now)
    return _weighed(claims, _Sureness(customer, key, house, now))


def probability(
    customer: Customer, assumption: Assumption, house: House, now: datetime
) -> UsedFact:
    """Return how sure it is that the assumption is true, as the guard uses and keeps it.

    Without `expects` the value that holds is meant. With it, a value that nobody claims has no
    probability, and neither has one that the customer has contradicted in the last twelve months.
    """
    belief = believe(customer, assumption.key, house, now)
    if belief is None:
        return UsedFact(
            key=assumption.key,
            value=None,
            confidence=0.0,
            source="",
            kind=None,
            since=None,
            words=assumption.words,
        )
    holder = belief.holder
    sure = belief.confidence
    if assumption.expects is not None and not _alike(assumption.expects, belief.value):
        sure = _of_another_value(customer, assumption, belief, house, now)
    return UsedFact(
        key=assumption.key,
        value=belief.value,
        confidence=sure,
        source=holder.source,
        kind=holder.kind,
        since=None if holder.source == _PRIOR else holder.first_at,
        disputed=belief.disputed,
        assumed=holder.assumed,
        words=assumption.words,
    )


def _is_simple(customer: Customer, key: FactKey, only: Claim) -> bool:
    """Tell whether nobody contradicts the only claim and nothing came back: most facts, and quick."""
    if only.closed_at is not None or key in customer.evidence or is_state(key):
        return False
    return not isinstance(only.value, bool) or standing_answer(customer, key) is None


def _of_one(only: Claim, customer: Customer, house: House, now: datetime) -> Belief:
    settings = house.settings
    if only.confidence is None:
        sure = settings.source_quality[only.kind]
    else:
        sure = max(0.0, min(only.confidence, settings.model_confidence_cap))
    aging = _aging(customer, only.key, house, now)
    return Belief(
        key=only.key,
        value=only.value,
        confidence=sure * kept(aging, only.at, only.at, now),
        holder=only,
    )


def _last_word(customer: Customer, key: FactKey, house: House, now: datetime) -> Belief | None:
    last = latest(customer, key)
    if last is None:
        return None
    sure = _Sureness(customer, key, house, now).of(last)
    return Belief(key=key, value=last.value, confidence=sure, holder=last)


def _supposed(key: FactKey, house: House) -> Belief | None:
    kind = house.catalogue.facts.get(key.fact)
    if kind is None or kind.prior is None:
        return None
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    holder = Claim(
        key=key,
        value=kind.prior.value,
        source=_PRIOR,
        kind=SourceKind.INFERRED,
        first_at=long_ago,
        at=long_ago,
        message_id="",
        confidence=kind.prior.confidence,
        assumed=True,
    )
    return Belief(key=key, value=kind.prior.value, confidence=kind.prior.confidence, holder=holder)


class _Sureness:
    """How sure the claims of one fact are at one moment."""

    __slots__ = ("aging", "customer", "evidence", "house", "key", "now", "settings")

    def __init__(self, customer: Customer, key: FactKey, house: House, now: datetime) -> None:
        self.customer = customer
        self.key = key
        self.house = house
        self.now = now
        self.settings: GuardSettings = house.settings
        self.aging: Aging = _aging(customer, key, house, now)
        self.evidence = _spoken(customer, key, house, now)

    def of(self, claim: Claim) -> float:
        """Return c(now): the source's quality, aged, with what came back folded in as it came."""
        sure, since = self._at_first(claim), claim.at
        for row in self._about(claim):
            if row.at > since:
                sure *= self._kept(claim, since, row.at)
                since = row.at
            odds = self.settings.evidence[row.kind]
            if_true = sure * odds.if_true
            total = if_true + (1 - sure) * odds.if_false
            sure = if_true / total if total else sure
        return sure * self._kept(claim, since, self.now)

    def _at_first(self, claim: Claim) -> float:
        if claim.confidence is None:
            return self.settings.source_quality[claim.kind]
        return max(0.0, min(claim.confidence, self.settings.model_confidence_cap))

    def _about(self, claim: Claim) -> list[Evidence]:
        if not self.evidence:
            return []
        value = same(claim.value)
        fresh = claim.kind in _PEOPLE
        return [
            row
            for row in self.evidence
            if same(row.value) == value and (row.at > claim.at or not fresh)
        ]

    def _kept(self, claim: Claim, since: datetime, until: datetime) -> float:
        # A standing answer ("always", "never") is a wish, and those do not age with the fact.
        return 1.0 if claim.key != self.key else kept(self.aging, claim.at, since, until)


def _aging(customer: Customer, key: FactKey, house: House, now: datetime) -> Aging:
    aging = aging_of(key, house)
    settings = house.settings
    if key.fact != "address" or aging != settings.default_aging.get("address"):
        return aging
    age = _age_in_years(customer, house, now)
    if age is None or settings.young_until <= age < settings.old_from:
        return aging
    young = age < settings.young_until
    return Aging(
        yearly_change=settings.young_address_change if young else settings.old_address_change
    )


def _age_in_years(customer: Customer, house: House, now: datetime) -> int | None:
    birth = FactKey("birth_date")
    belief = believe(customer, birth, house, now) if birth in customer.claims else None
    try:
        born = date.fromisoformat(str(belief.value)[:10]) if belief else None
    except ValueError:
        return None
    if born is None:
        return None
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


def _spoken(customer: Customer, key: FactKey, house: House, now: datetime) -> list[Evidence]:
    """Return the evidence up to now as it happened.

    What names no value is about the one that held at that moment.
    """
    rows = [
        row
        for row in customer.evidence.get(key, ())
        if row.kind is not EvidenceKind.DENIED and row.at <= now
    ]
    rows.sort(key=lambda row: (row.at, row.message_id, row.kind))
    plain: _Plain | None = None
    for place, row in enumerate(rows):
        if row.value is not None:
            continue
        plain = plain or _Plain(customer, key)
        if plain.is_clear_at(row.at):
            rows[place] = msgspec.structs.replace(row, value=plain.value_at(row.at))
        else:
            then = _as_known_before(customer, key, row.at, rows[:place])
            held = believe(then, key, house, row.at)
            value = held.value if held else None
            rows[place] = msgspec.structs.replace(row, value=value)
    return rows


class _Plain:
    """Which value held at a moment, where nobody ever claimed another.

    Hundreds of parcels came to one address; they need not each be thought through.
    """

    __slots__ = ("first", "is_one", "named")

    def __init__(self, customer: Customer, key: FactKey) -> None:
        said = customer.claims.get(key, ())
        self.first = min(said, key=lambda claim: claim.first_at, default=None)
        value = same(self.first.value) if self.first else None
        self.is_one = all(claim.closed_at is None and same(claim.value) == value for claim in said)
        # A yes or no may be answered for good by a wish, whoever claims it.
        self.is_one &= self.first is None or not isinstance(self.first.value, bool)
        self.named = [row.value for row in speaking(_unsaid(customer, key), key, _EPOCH)]

    def is_clear_at(self, at: datetime) -> bool:
        if self.first is not None and self.first.first_at <= at:
            return self.is_one
        return len(self.named) <= 1

    def value_at(self, at: datetime) -> Any:
        if self.first is not None and self.first.first_at <= at:
            return self.first.value
        return self.named[0] if self.named else None


def _unsaid(customer: Customer, key: FactKey) -> Customer:
    """Return the customer as before anybody claimed anything about this fact."""
    return msgspec.structs.replace(customer, claims={**customer.claims, key: ()})


def _as_known_before(
    customer: Customer, key: FactKey, at: datetime, evidence: Sequence[Evidence]
) -> Customer:
    said = tuple(claim for claim in customer.claims.get(key, ()) if claim.first_at <= at)
    then = tuple(
        msgspec.structs.replace(claim, at=claim.first_at) if claim.at > at else claim
        for claim in said
    )
    known = {**customer.evidence, key: tuple(evidence)}
    return msgspec.structs.replace(customer, claims={**customer.claims, key: then}, evidence=known)


def _weighed(claims: Sequence[Claim], sureness: _Sureness) -> Belief:
    """Return the value that holds among these, one claim a source, and its probability."""
    values = _by_value(claims, sureness)
    shares = _shares([sure for sure, _ in values])
    ranked = sorted(zip(shares, values, strict=True), key=lambda pair: pair[0], reverse=True)
    best = max(ranked, key=lambda pair: (pair[0], said_when(pair[1][1][0])))
    spoken = _customers_own(claims, sureness)
    if spoken is not None:
        wanted = same(spoken.value)
        best = next(pair for pair in ranked if same(pair[1][1][0].value) == wanted)
    share, (_, agreeing) = best
    holder = spoken or agreeing[0]
    rivals = tuple(claim for claim in claims if same(claim.value) != same(holder.value))
    disputed = share < sureness.settings.disputed_under and any(
        rival.source != holder.source for rival in rivals
    )
    return Belief(
        key=sureness.key,
        value=holder.value,
        confidence=share,
        holder=holder,
        rivals=rivals,
        disputed=disputed,
    )


def _by_value(claims: Sequence[Claim], sureness: _Sureness) -> list[tuple[float, list[Claim]]]:
    """Return for each value how sure its surest claim is, with its claims, the surest first.

    Sources copy from one another: that two of them agree makes neither surer.
    """
    values: dict[Any, list[tuple[float, Claim]]] = {}
    for claim in claims:
        values.setdefault(same(claim.value), []).append((sureness.of(claim), claim))
    found = []
    for rows in values.values():
        rows.sort(key=lambda row: (row[0], *said_when(row[1])), reverse=True)
        found.append((rows[0][0], [claim for _, claim in rows]))
    # In one fixed order, so that rounding too is the same whatever the order of arrival.
    found.sort(key=lambda value: (value[0], *said_when(value[1][0])), reverse=True)
    return found


def _shares(sures: Sequence[float]) -> list[float]:
    """Return the probability of each of several values of which at most one is true.

    P(A) is proportional to c(A) times (1 - c) of every rival; that none is true, to all (1 - c).
    """
    if len(sures) == 1:
        return list(sures)
    parts = []
    for place, sure in enumerate(sures):
        part = sure
        for other, rival in enumerate(sures):
            if other != place:
                part *= 1 - rival
        parts.append(part)
    none = 1.0
    for sure in sures:
        none *= 1 - sure
    total = sum(parts) + none
    # Two certainties that exclude each other: nothing can be said for either.
    return [part / total for part in parts] if total else [1 / len(sures)] * len(sures)


def _customers_own(claims: Sequence[Claim], sureness: _Sureness) -> Claim | None:
    """Return what the customer said last, if that was in the last twelve months."""
    own = [claim for claim in claims if claim.kind is SourceKind.CUSTOMER_SAID]
    if not own:
        return None
    last = max(own, key=said_when)
    months = Span(months=sureness.settings.customer_holds_months)
    return last if sureness.now < months.after(last.at, UTC) else None


def _of_another_value(
    customer: Customer, assumption: Assumption, belief: Belief, house: House, now: datetime
) -> float:
    """Return the probability of a value that is claimed but does not hold."""
    claims = speaking(customer, assumption.key, now)
    sureness = _Sureness(customer, assumption.key, house, now)
    if not belief.rivals or _customers_own(claims, sureness) is not None:
        return 0.0
    values = _by_value(claims, sureness)
    shares = _shares([sure for sure, _ in values])
    return sum(
        share
        for share, (_, agreeing) in zip(shares, values, strict=True)
        if _alike(assumption.expects, agreeing[0].value)
    )


def _alike(expected: Any, value: Any) -> bool:
    """Tell whether an automation that expects this means that value: capitals do not matter."""
    if isinstance(expected, str) and isinstance(value, str):
        return expected.casefold() == value.casefold()
    return bool(same(expected) == same(value))
