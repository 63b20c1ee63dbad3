"""From rows to matters: which acts belong together, what came back of them, and whether her word was heeded.

Promise: pure; each matter stands in the result once, at its first act. A control counts as heeded only
by what was done afterwards, never by what a file says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from terrain.core.act import ActKind
from terrain.core.claims import same
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.process import Control
from terrain.core.seen import CERTAIN, DONE_TO_HER, ON_ITS_WAY, Deed, Matter, Use
from terrain.core.signal import Signal
from terrain.core.voices import Voice

# Who asks for a person in writing has one in time within a day.
A_PERSON_IN = timedelta(days=1)
_NO = frozenset({"no", "never", "non", "jamais"})


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One act that left, with what its decision says."""

    key: CustomerKey
    act_id: int
    run_id: int
    decision_id: int
    at: datetime
    kind: ActKind
    offers: frozenset[str] = frozenset()
    subject: str = ""
    because: str = ""
    used: dict[FactKey, Any] = {}

    @property
    def matter(self) -> tuple[CustomerKey, int]:
        """What it belongs to: its run, or itself where another system asked before acting."""
        return (self.key, self.run_id or -self.act_id)


class Heard(NamedTuple):
    """One signal about one act."""

    key: CustomerKey
    act_id: int
    kind: Signal
    at: datetime
    source: str
    message_id: str
    invited: bool = False


class Answer(NamedTuple):
    """What she answered to a question of a run."""

    key: CustomerKey
    run_id: int
    at: datetime
    answer: Any


class Claimed(NamedTuple):
    """One thing she said: a date chosen, a stop or its end, a fact put right."""

    key: CustomerKey
    fact: FactKey
    at: datetime
    value: Any
    message_id: str


class APersonCame(NamedTuple):
    """When a person was wanted, by which message, and when one had seen to it."""

    key: CustomerKey
    message_id: str
    wanted_at: datetime
    done_at: datetime | None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one automation and some customers."""

    done: Sequence[Done] = ()
    heard: Sequence[Heard] = ()
    answers: Sequence[Answer] = ()
    claimed: Sequence[Claimed] = ()
    people: Sequence[APersonCame] = ()
    # Sources that are people at work: who complains to one has a person.
    staff: frozenset[str] = frozenset()


def matters(evidence: Evidence, begun_by: Collection[int]) -> Iterator[Matter]:
    """Yield each matter whose first act follows from one of these decisions."""
    by_matter: dict[tuple[CustomerKey, int], list[Done]] = {}
    for done in sorted(evidence.done, key=lambda one: (one.at, one.act_id)):
        by_matter.setdefault(done.matter, []).append(done)
    about = _About(evidence)
    for mine in by_matter.values():
        if mine[0].decision_id in begun_by:
            yield about.matter(mine)


class _About:
    """What came back, by what it is about."""

    def __init__(self, evidence: Evidence) -> None:
        self.staff = evidence.staff
        self.done = _by_customer(evidence.done)
        self.claimed = _by_customer(evidence.claimed)
        self.heard: defaultdict[int, list[Heard]] = defaultdict(list)
        for each in evidence.heard:
            self.heard[each.act_id].append(each)
        self.answers = {(one.key, one.run_id): one for one in evidence.answers}
        self.people = {(one.key, one.message_id): one for one in evidence.people}

    def matter(self, mine: Sequence[Done]) -> Matter:
        heard = sorted(
            (each for done in mine for each in self.heard[done.act_id]),
            key=lambda each: each.at,
            reverse=True,
        )
        asked = [each for each in heard if self._asks(each)]
        return Matter(
            deeds=tuple(Deed(at=one.at, kind=one.kind, offers=one.offers) for one in mine),
            is_sure=any(one.because in CERTAIN for one in mine),
            heard={each.kind: each.at for each in heard},  # the first of each kind comes last
            answer=_answer(heard),
            uses=(*self._stops(mine, heard), *self._corrections(mine, heard), *self._choices(mine)),
            asked=bool(asked),
            in_time=bool(asked) and all(self._came(each) for each in asked),
        )

    # -- a person ----------------------------------------------------------------------------------

    def _asks(self, heard: Heard) -> bool:
        complains = heard.kind is Signal.COMPLAINT and heard.source in self.staff
        return heard.kind is Signal.A_PERSON or complains

    def _came(self, heard: Heard) -> bool:
        if heard.source in self.staff:
            return True
        person = self.people.get((heard.key, heard.message_id))
        if person is None or person.done_at is None:
            return False
        return person.done_at - person.wanted_at <= A_PERSON_IN

    # -- controls ----------------------------------------------------------------------------------

    def _stops(self, mine: Sequence[Done], heard: Sequence[Heard]) -> Iterator[Use]:
        stops = [each for each in heard if each.kind is Signal.STOP]
        if stops:
            said = stops[-1].at
            again = self._resumed_at(mine[0].key, said)
            later = [one for one in self._after(mine[0].key, said) if not again or one.at < again]
            yield Use(Control.STOP, not later)

    def _corrections(self, mine: Sequence[Done], heard: Sequence[Heard]) -> Iterator[Use]:
        messages = {each.message_id for each in heard if each.kind is Signal.CORRECTION}
        for claim in self.claimed[mine[0].key]:
            if claim.message_id in messages:
                again = self._after(claim.key, claim.at)
                yield Use(Control.CORRECT, not any(_relies_otherwise(one, claim) for one in again))

    def _choices(self, mine: Sequence[Done]) -> Iterator[Use]:
        key = mine[0].key
        answer = self.answers.get((key, mine[0].run_id)) if mine[0].run_id else None
        if answer is not None:
            was_done = any(one.kind in DONE_TO_HER and one.at > answer.at for one in mine)
            yield Use(Control.DECIDE_WHEN, not (was_done and _is_no(answer.answer)))
        for claim in self.claimed[key]:
            if claim.fact.fact == "wish.date" and self._is_latest_before(mine, claim.at):
                too_soon = [
                    one
                    for one in self._after(key, claim.at)
                    if one.subject == claim.fact.about
                    and one.at.date().isoformat() < str(claim.value)
                ]
                yield Use(Control.DECIDE_WHEN, not too_soon)

    def _is_latest_before(self, mine: Sequence[Done], at: datetime) -> bool:
        """Say whether she chose the date after this letter, and before the next."""
        before = [one for one in self.done[mine[0].key] if one.at <= at]
        return bool(before) and max(before, key=lambda one: one.at).matter == mine[0].matter

    def _after(self, key: CustomerKey, at: datetime) -> list[Done]:
        return [one for one in self.done[key] if one.at > at + ON_ITS_WAY]

    def _resumed_at(self, key: CustomerKey, after: datetime) -> datetime | None:
        times = [
            claim.at
            for claim in self.claimed[key]
            if claim.fact.fact == "wish.stop" and claim.value is False and claim.at > after
        ]
        return min(times, default=None)


def _answer(heard: Sequence[Heard]) -> tuple[Voice, bool] | None:
    """Return what she said first of whether it helped, and whether she had been asked."""
    said = [each for each in heard if each.kind in (Signal.HELPED, Signal.DISSATISFIED)]
    if not said:
        return None
    voice = Voice.INVITED if said[-1].invited else Voice.SPONTANEOUS
    return voice, said[-1].kind is Signal.HELPED


def _relies_otherwise(done: Done, claim: Claimed) -> bool:
    used = done.used.get(claim.fact)
    return used is not None and bool(same(used) != same(claim.value))


def _is_no(answer: Any) -> bool:
    return answer is False or str(answer).casefold() in _NO


def _by_customer(some: Iterable[Any]) -> defaultdict[CustomerKey, list[Any]]:
    found: defaultdict[CustomerKey, list[Any]] = defaultdict(list)
    for each in some:
        found[each.key].append(each)
    return found
