"""Which act caused what came back.

Promise: pure, and the same whatever the order in which events are heard. What names an act is credited to
that act; what names none, to the latest act of the right kind that it can be an answer to, on whatever
channel; what nothing here can have caused is handed back as loose, never guessed at. What is said against an
act with the key of a page is kept with it and counts nothing: whoever looks into the page may say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.signal import ANSWERS, GOOD, LATE, Signal
from terrain.core.signs import Sign, signs
from terrain.core.touched import Touched


class Creditable(Protocol):
    """One kind of signal for one act, in whatever form it is kept."""

    @property
    def of(self) -> tuple[int, Signal]:
        """What there is only one of."""

    @property
    def counted(self) -> bool:
        """Whether it came before the act's cohort was closed."""

    @property
    def at(self) -> datetime:
        """When it came."""


One = TypeVar("One", bound=Creditable)


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of signal for one act. `counted` is false when its cohort was closed, or a page's key said it.

    `invited`: they were asked whether it helped. Whoever says so unasked is another voice (`core/voices.py`).
    """

    act: Touched
    signal: Signal
    at: datetime
    counted: bool
    invited: bool = False

    @property
    def of(self) -> tuple[int, Signal]:
        """What there is only one of."""
        return (self.act.act_id, self.signal)


class Loose(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that no act is known to have caused; the one it names may still become known."""

    signal: Signal
    at: datetime
    source: str = ""
    act_id: int = 0
    decision_id: int = 0
    invited: bool | None = False


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from one event."""

    credits: tuple[Credit, ...] = ()
    loose: tuple[Loose, ...] = ()


def credited(event: Event, customer: Customer, acts: Sequence[Touched], house: House) -> Heard:
    """Return which acts of this customer the event speaks of, and what of it none can have caused."""
    found: list[Credit] = []
    loose: list[Loose] = []
    at = min(event.at, event.received_at)  # nothing comes back from the future
    for sign in signs(event, customer, house):
        causes = list(_causes(sign, at, acts))
        came = Loose(
            signal=sign.signal,
            at=at,
            source=event.source,
            act_id=sign.act_id,
            decision_id=sign.decision_id,
            invited=sign.invited,
        )
        found += [_credit(act, came, event.received_at, house) for act in causes]
        if sign.is_kept and all(act.held_out for act in causes):
            loose.append(came)
    return Heard(credits=tuple(found), loose=tuple(loose))


def of_loose(
    loose: Loose, learned_at: datetime, acts: Iterable[Touched], house: House
) -> Credit | None:
    """Return the credit of a signal that came before the act it names was known."""
    for act in acts:
        if _is_named(act, loose.act_id, loose.decision_id):
            return _credit(act, loose, learned_at, house)
    return None


def once(some: Iterable[One]) -> list[One]:
    """Return one an act and kind: one that counts before one that does not, then the first."""
    best: dict[tuple[int, Signal], One] = {}
    for each in sorted(some, key=lambda one: (not one.counted, one.at)):
        best.setdefault(each.of, each)
    return list(best.values())


def _causes(sign: Sign, at: datetime, acts: Sequence[Touched]) -> Iterator[Touched]:
    if sign.act_id or sign.decision_id:
        yield from (act for act in acts if _is_named(act, sign.act_id, sign.decision_id))
        return
    fits = sign.fits
    if fits is None:
        return
    can_be = [act for act in acts if _in_time(act, sign.signal, at) and fits(act)]
    if sign.every:
        yield from can_be
    elif can_be:
        yield from _latest(can_be)


def _latest(acts: Sequence[Touched]) -> Iterator[Touched]:
    """Yield the latest act; and what would have been the latest, had it been done instead of left out.

    So both groups of an automation are counted by one rule, and what was left out takes nothing off an act.
    """
    done = max((act for act in acts if not act.held_out), key=_when, default=None)
    if done is not None:
        yield done
    left_out: dict[str, Touched] = {}
    for act in sorted(acts, key=_when):
        if act.held_out and (done is None or _when(act) > _when(done)):
            left_out[act.automation] = act
    yield from left_out.values()


def _is_named(act: Touched, act_id: int, decision_id: int) -> bool:
    return act.act_id == act_id if act_id else act.decision_id == decision_id


def _in_time(act: Touched, signal: Signal, at: datetime) -> bool:
    return act.at is not None and act.at <= at <= act.at + LATE[signal]


def _when(act: Touched) -> tuple[Any, int]:
    return (act.at, act.act_id)


def _credit(act: Touched, heard: Loose, learned_at: datetime, house: House) -> Credit:
    # A cohort closes by the clock of those who hear, whenever it is said to have happened.
    closes = (act.at or heard.at) + LATE[heard.signal]
    is_late = max(heard.at, learned_at) > closes
    answers = heard.signal in ANSWERS
    return Credit(
        act=act,
        signal=heard.signal,
        at=heard.at,
        counted=not is_late and (heard.signal in GOOD or not house.is_a_page(heard.source)),
        invited=answers and (act.surveys if heard.invited is None else heard.invited),
    )
