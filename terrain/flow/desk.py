"""What lies on somebody's desk: each kind of thing that waits, for whoever may do something about it.

Promise: it shows what they may do something about and answer for, and nothing else. Reading it costs the same
however long the house has been at work: every list has an index behind it and an end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.breaker import Cause, Person, Trip
from terrain.core.drift import Heading
from terrain.core.explanation import Line
from terrain.core.finding import said
from terrain.core.recall import Recall, State, needs_another
from terrain.core.signal import EXCEPTIONS, Signal
from terrain.core.staff import May, Role, Staff
from terrain.core.watch import State as Light
from terrain.core.word import Word
from terrain.flow import answering, owners
from terrain.store import (
    automations,
    counters,
    flags,
    needs,
    notices,
    overview,
    proposals,
    recalls,
    sources,
    tasks,
    trays,
    trips,
    watches,
)
from terrain.store.leases import LASTS

# Events that wait longer than this wait for somebody.
LATE = timedelta(seconds=30)
DAY = timedelta(days=1)
MOST = 100
_BAD = tuple(f"signal.{signal}" for signal in sorted(EXCEPTIONS))
_UNANSWERED = f"signal.{Signal.NO_ANSWER}"


class What(Word):
    """What there is to do, what harms most first."""

    STOPPED = "stopped"  # and nobody has answered yet
    NOBODY_AT_WORK = "nobody_at_work"
    RECALL_APPROVE = "recall_approve"
    RECALL_REMEDY = "recall_remedy"
    RECALL_SEND = "recall_send"
    FLAG = "flag"
    EVENTS_WAIT = "events_wait"
    TASK_LATE = "task_late"
    AMBER = "amber"
    DRIFT = "drift"
    TROUBLE = "trouble"  # runs that failed, got stuck or were not in time; sends tried again
    TRAY = "tray"
    REFUSED = "refused"  # the file of an automation
    SILENT = "silent"  # a source that normally speaks
    GREY = "grey"  # a watch that can hear nothing
    PROPOSAL = "proposal"
    TASK_MINE = "task_mine"
    TASK = "task"
    UNANSWERED = "unanswered"  # questions to customers
    NEED = "need"  # that nothing serves
    ANSWERED = "answered"  # what they said themselves is wrong
    PAUSED = "paused"  # by hand, or stopped and looked after


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """One line: what there is to do, about what, how much of it and since when.

    `number` leads to it; `who` did or said something, `said` is what; `line` is what a meter says. `mishaps`:
    how many what is stopped had in the day before.
    """

    what: What
    name: str = ""
    n: int = 1
    more: int = 0
    number: int = 0
    since: datetime | None = None
    who: str = ""
    said: Any = ""
    line: Line | None = None
    mishaps: int = 0


class Desk(msgspec.Struct, frozen=True):
    """Whose morning it is, and by which clock."""

    db: Connection
    staff: Staff
    settings: Settings
    now: datetime
    everybody: list[Person]
    drifting: Mapping[str, Heading]

    def mine(self, names: Iterable[str]) -> set[str]:
        """Return for which of these automations this person answers."""
        return owners.theirs(self.db, self.staff, set(names), self.everybody)


# -- what harms now --------------------------------------------------------------------------------


def _stopped(desk: Desk) -> Iterator[Matter]:
    """Yield what is stopped and theirs to answer: as owner or deputy, or because they were told of it."""
    open_ones = trips.open_ones(desk.db, MOST)
    told = {one.trip_id for one in notices.seen(desk.db, desk.staff.staff_id)}
    mine = desk.mine(one.automation for one in open_ones)
    for trip in open_ones:
        if trip.automation in mine or trip.trip_id in told:
            yield _of_trip(trip)


def _of_trip(trip: Trip) -> Matter:
    is_quiet = trip.cause is Cause.HAND or trip.answered_at is not None
    return Matter(
        what=What.PAUSED if is_quiet else What.STOPPED,
        name=trip.automation,
        number=trip.trip_id,
        since=trip.at,
        who=trip.answered_by or trip.by,
        said=trip.evidence.get("sentence") or (trip.because if trip.cause is Cause.HAND else ""),
        more=trip.level,
    )


def _house(desk: Desk) -> Iterator[Matter]:
    alive = (each for each in overview.workers(desk.db) if each.seen_at > desk.now - LASTS)
    if next(alive, None) is None:
        yield Matter(what=What.NOBODY_AT_WORK)
    oldest = overview.oldest_pending(desk.db)
    if oldest is not None and desk.now - oldest > LATE:
        yield Matter(what=What.EVENTS_WAIT, since=oldest)


def _recalls(desk: Desk) -> Iterator[Matter]:
    """Yield the recalls whose next step is theirs: anybody may be the second person, the owner does the rest."""
    steps = (
        (State.PREPARED, What.RECALL_APPROVE),
        (State.FOUND, What.RECALL_REMEDY),
        (State.APPROVED, What.RECALL_SEND),
    )
    for state, what in steps:
        some = recalls.under_way(desk.db, state)
        mine = desk.mine(one.automation for one in some)
        for one in some:
            if _is_their_step(desk, one, what, mine):
                yield Matter(
                    what=what, name=one.automation, number=one.recall_id, since=one.opened_at
                )


def _is_their_step(desk: Desk, one: Recall, what: What, mine: set[str]) -> bool:
    if what is not What.RECALL_APPROVE:
        return one.automation in mine
    wrote_it = one.prepared_staff == desk.staff.staff_id
    return not (wrote_it and needs_another(one.people, desk.settings.recall_alone))


def _flags(desk: Desk) -> Iterator[Matter]:
    """Yield the flags they answer, those about one automation as one line."""
    open_ones = flags.open_ones(desk.db, MOST)
    mine = desk.mine(one.automation for one in open_ones)
    those = sorted(
        (one for one in open_ones if one.automation in mine), key=lambda one: one.automation
    )
    for name, group in groupby(those, key=lambda one: one.automation):
        some = sorted(group, key=lambda one: one.at)
        first = some[0]
        yield Matter(what=What.FLAG, name=name, n=len(some), number=first.flag_id, since=first.at)


# -- what strays -----------------------------------------------------------------------------------


def _watches(desk: Desk) -> Iterator[Matter]:
    """Yield what is amber, with the sentence of its worst watch, and what can hear nothing."""
    some = watches.uneasy(desk.db, MOST)
    mine = desk.mine(one.watch.automation for one in some)
    by_name: dict[tuple[What, str], list[watches.Shown]] = {}
    for one in some:
        what = What.AMBER if one.reading.state is Light.AMBER else What.GREY
        by_name.setdefault((what, one.watch.automation), []).append(one)
    for (what, name), those in by_name.items():
        if name in mine:
            worst = those[0]
            line, *_ = said(worst.watch, worst.reading)
            since = worst.reading.deaf_since
            yield Matter(what=what, name=name, n=len(those), since=since, line=line)


def _drift(desk: Desk) -> Iterator[Matter]:
    mine = desk.mine(desk.drifting)
    for name, heading in desk.drifting.items():
        if name in mine:
            yield Matter(what=What.DRIFT, name=name, said=heading)


# -- what waits ------------------------------------------------------------------------------------


def _tasks(desk: Desk) -> Iterator[Matter]:
    waiting = tasks.waiting(desk.db, desk.staff.name, desk.now)
    for what, n in (
        (What.TASK_LATE, waiting.late),
        (What.TASK_MINE, waiting.mine),
        (What.TASK, waiting.open),
    ):
        if n:
            yield Matter(what=what, n=n, since=waiting.oldest if what is What.TASK else None)


def _trays(desk: Desk) -> Iterator[Matter]:
    new = trays.newer(desk.db, desk.now - DAY)
    for each in trays.by_kind(desk.db):
        yield Matter(
            what=What.TRAY,
            name=each.kind,
            n=each.n,
            since=each.oldest,
            more=new.get(each.kind, 0),
        )


def _refused(desk: Desk) -> Iterator[Matter]:
    found = automations.refused(desk.db, MOST)
    mine = desk.mine(each.name for each in found)
    for each in found:
        # A file that never ran names nobody yet: it is told to all who write automations.
        if each.name in mine or not each.live_version:
            yield Matter(what=What.REFUSED, name=each.name, said=each.refused, n=each.live_version)


def _silent(desk: Desk) -> Iterator[Matter]:
    for each in sources.every(desk.db):
        if each.is_silent(desk.now):
            yield Matter(what=What.SILENT, name=each.name, since=each.last_heard)


def _proposals(desk: Desk) -> Iterator[Matter]:
    """Yield what waits for a second person: nobody approves what they proposed themselves."""
    for each in proposals.all_waiting(desk.db):
        if each.staff_id != desk.staff.staff_id:
            yield Matter(
                what=What.PROPOSAL,
                name=each.name,
                number=each.proposal_id,
                since=each.at,
                who=each.by,
                said=each.because,
            )


def _trouble(desk: Desk) -> Iterator[Matter]:
    """Yield what went wrong by our own doing in a day, and questions that were not answered."""
    since = counters.hour_of(desk.now - DAY)
    seen = counters.sums(desk.db, since, of=(*_BAD, _UNANSWERED))
    mine = desk.mine(each.automation for each in seen)
    yield from _added(
        What.TROUBLE, (each for each in seen if each.what in _BAD and each.automation in mine)
    )
    yield from _added(
        What.UNANSWERED,
        (each for each in seen if each.what == _UNANSWERED and each.automation in mine),
    )


def _added(what: What, seen: Iterable[counters.Counted]) -> Iterator[Matter]:
    """Yield one line an automation; `said` is how often what happened."""
    by_name: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in seen:
        by_name[each.automation][each.what.removeprefix("signal.")] += each.n
    for name, kinds in by_name.items():
        yield Matter(what=what, name=name, n=kinds.total(), said=dict(kinds))


def _needs(desk: Desk) -> Iterator[Matter]:
    """Yield what customers need and nothing serves: what managers decide about."""
    if Role.MANAGER not in desk.staff.roles:
        return
    groups = needs.groups(desk.db, desk.now - DAY, MOST)
    if groups:
        last = min(group.last_at for group in groups)
        yield Matter(what=What.NEED, n=sum(group.customers for group in groups), since=last)


def _answered(desk: Desk) -> Iterator[Matter]:
    """Yield what was answered since yesterday to whoever pulled the cord; nobody else sees that it was them."""
    for flag in answering.mine(desk.db, desk.staff.staff_id, desk.settings):
        if flag.answered_at is not None and desk.now - flag.answered_at < DAY:
            yield Matter(
                what=What.ANSWERED,
                name=flag.automation,
                number=flag.flag_id,
                since=flag.answered_at,
                who=flag.answered_by,
                said=flag.answer,
            )


LOOKS: tuple[tuple[May, Callable[[Desk], Iterator[Matter]]], ...] = (
    (May.LOOK, _stopped),
    (May.TEND, _house),
    (May.APPROVE, _recalls),
    (May.ANSWER, _flags),
    (May.LOOK, _watches),
    (May.LOOK, _drift),
    (May.SERVE_CUSTOMERS, _tasks),
    (May.TEND, _trays),
    (May.PROPOSE, _refused),
    (May.TEND, _silent),
    (May.APPROVE, _proposals),
    (May.LOOK, _trouble),
    (May.PROPOSE, _needs),
    (May.PULL, _answered),
)
