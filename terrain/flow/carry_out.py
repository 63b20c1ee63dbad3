"""Sends what stands in the outbox, and asks once more before each act whether it may still go.

Promise: stop means stop. An act is marked as leaving (`store/acts.py`) right before it goes to the
network, so after a stop or a pause nothing more leaves than what was on a line already: one letter a
sender, or at most LINES webhooks, which go out together.

Acts of one lane go before those of the next. A batch is looked at, gated and sent within a few
seconds, so that what the gates said is still true; what was not reached stays in the queue untouched.
An act that is found leaving when its lease ran out met a crash: where doing it twice counts once it is
done again under its own key, else a person finds out. So a worker killed between sending and marking
repeats one Message-ID or key a line at most.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from psycopg import Connection

from terrain import logs
from terrain.config import Settings, read
from terrain.core.act import Act, Lane
from terrain.core.consent import Channel
from terrain.core.customer import Customer
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.outbox import ActState, Ending, after, too_late
from terrain.core.task import TaskKind
from terrain.errors import Refusal
from terrain.flow import aftermath, gating
from terrain.flow.ways_out import Parcel, WaysOut
from terrain.store import acts, customers, mail_pace, people
from terrain.store.acts import Standing
from terrain.store.connection import Record

MOST = 64
LINES = 8
# What the gates said is taken for true so long; then the rest of the batch is asked again.
FRESH_SECONDS = 2.0
# Longer than any channel waits for an answer; only a crash lets it run out.
LEASE = timedelta(seconds=120)

Cleared = tuple[Act, Customer]
T = TypeVar("T")

log = logs.get("outbox")
_of_this_thread = threading.local()


def send_some(
    record: Record, house: House, buckets: Sequence[int], lanes: Sequence[Lane], now: datetime
) -> int:
    """Send from the first of these lanes in which something is due; return how many acts went on."""
    for group in record.groups(buckets):
        with record.conn_for(group[0]) as db:
            for lane in lanes:
                waiting = acts.ready(db, _turned(group, now), lane, now, MOST)
                if waiting:
                    ways_out = _ways_out_of_this_thread(read())
                    return Departure(db, house, ways_out, now).send(waiting)
    return 0


def hang_up() -> None:
    """Close the lines that this thread kept open, when it sends no more."""
    kept: WaysOut | None = _of_this_thread.__dict__.pop("ways_out", None)
    if kept is not None:
        kept.close()


class Departure:
    """One batch on its way out: what may go, what is on a line, what is done."""

    def __init__(self, db: Connection, house: House, ways_out: WaysOut, now: datetime) -> None:
        self.db = db
        self.house = house
        self.ways_out = ways_out
        self._now = now
        self._started = time.monotonic()

    @property
    def now(self) -> datetime:
        """The moment, as it goes on while this batch is sent."""
        return self._now + timedelta(seconds=time.monotonic() - self._started)

    def send(self, waiting: Sequence[Standing]) -> int:
        """Send all that may leave; return how many went on in any way."""
        ended, cleared = self._gate(waiting)
        done = len(ended)
        for group in _groups(cleared):
            if time.monotonic() - self._started > FRESH_SECONDS:
                break
            parcels, broken = self._pack(group)
            leaving, tries = self._mark(parcels, [*ended, *broken])
            done += len(broken) + len(leaving)
            results = self.ways_out.send(leaving, self.now)
            ended = [
                after(
                    parcel.act, tries[parcel.act.act_id], result, self.now, harmless=parcel.harmless
                )
                for parcel, result in zip(leaving, results, strict=True)
            ]
            _log_what_stayed(ended)
        self._mark([], ended)
        return done

    def _gate(self, waiting: Sequence[Standing]) -> tuple[list[Ending], list[Cleared]]:
        """Ask the gates again; return what is held, dropped or unclear, and what may go for whom."""
        endings: list[Ending] = []
        cleared: list[Cleared] = []
        everyone = self._customers(one.act.key for one in waiting)
        for one in waiting:
            customer = everyone.get(one.act.key)
            ending = self._held(one, customer)
            if ending is not None:
                endings.append(ending)
            elif customer is not None:
                cleared.append((one.act, customer))
        return endings, cleared

    def _held(self, one: Standing, customer: Customer | None) -> Ending | None:
        act = one.act
        if one.state is ActState.LEAVING and not self.ways_out.is_harmless(act, self.house):
            return Ending(
                act=act,
                state=ActState.UNKNOWN,
                because="crashed_while_leaving",
                task=TaskKind.UNKNOWN_OUTCOME,
            )
        if customer is None:
            return Ending(act=act, state=ActState.STOPPED, because="nobody_there")
        return too_late(act, self.now) or _unless_broken(
            act, lambda: gating.held(act, customer, self.house, self.now)
        )

    def _customers(self, nodes: Iterable[CustomerKey]) -> Mapping[CustomerKey, Customer]:
        """Return whose acts these are, by the node under which each act stands."""
        survivor_of = customers.survivors(self.db, nodes)
        secret = self.house.secret
        loaded = people.load(self.db, set(survivor_of.values()), self.now, secret=secret)
        return {node: loaded[key] for node, key in survivor_of.items() if key in loaded}

    def _pack(self, group: Sequence[Cleared]) -> tuple[list[Parcel], list[Ending]]:
        packed = [self._packed(act, customer) for act, customer in group]
        parcels = [one for one in packed if isinstance(one, Parcel)]
        return parcels, [one for one in packed if isinstance(one, Ending)]

    def _packed(self, act: Act, customer: Customer) -> Parcel | Ending:
        return _unless_broken(act, lambda: self.ways_out.pack(act, customer, self.house, self.now))

    def _mark(
        self, parcels: Sequence[Parcel], ended: Sequence[Ending]
    ) -> tuple[list[Parcel], dict[int, int]]:
        """Write down what ended and, in the same transaction, what leaves now; return that."""
        if not parcels and not ended:
            return [], {}
        now = self.now
        if not self.ways_out.per_minute and not any(map(aftermath.is_trouble, ended)):
            # Nothing more follows, as almost always: one statement is a transaction of its own.
            tries = acts.mark_leaving(self.db, _acts(parcels), now, now + LEASE, ended)
        else:
            with self.db.transaction():
                hasty = [ending for parcel in parcels if (ending := self._must_wait(parcel))]
                aftermath.write(self.db, ended, now)
                waits = {ending.act.act_id for ending in hasty}
                may_go = [act for act in _acts(parcels) if act.act_id not in waits]
                tries = acts.mark_leaving(self.db, may_go, now, now + LEASE, [*ended, *hasty])
        return [parcel for parcel in parcels if parcel.act.act_id in tries], tries

    def _must_wait(self, parcel: Parcel) -> Ending | None:
        """Keep to the pace of the mail domain that a letter goes to."""
        domain, per_minute = parcel.mail_domain, self.ways_out.per_minute
        if not domain or not per_minute:
            return None
        urgent = parcel.act.lane is Lane.URGENT
        until = mail_pace.take_turn(self.db, domain, per_minute, self.now, urgent=urgent)
        if until is None:
            return None
        return Ending(act=parcel.act, state=ActState.QUEUED, because="mail_pace", due_at=until)


def _log_what_stayed(ended: Sequence[Ending]) -> None:
    for ending in ended:
        if ending.state is not ActState.LEFT:
            log.warning("act_stayed", act=ending.act.act_id, because=ending.because)


def _acts(parcels: Sequence[Parcel]) -> list[Act]:
    return [parcel.act for parcel in parcels]


def _groups(cleared: Sequence[Cleared]) -> Iterator[Sequence[Cleared]]:
    """Yield what goes out together: notes all at once, webhooks a few lines at a time, letters alone."""
    for channels, most in ((_NOTED, MOST), (_CALLED, LINES), (_WRITTEN, 1)):
        some = [one for one in cleared if one[0].channel in channels]
        for first in range(0, len(some), most):
            yield some[first : first + most]


_NOTED, _WRITTEN = (Channel.SHADOW,), (Channel.EMAIL,)
_CALLED = tuple(channel for channel in Channel if channel not in (*_NOTED, *_WRITTEN))


def _unless_broken(act: Act, work: Callable[[], T]) -> T | Ending:
    """Do it. An act that cannot be sent as it is ends in the tray, and costs no other act."""
    try:
        return work()
    except Refusal as refusal:
        detail = ", ".join(filter(None, (refusal.field, refusal.values.get("place"))))
        return Ending(act=act, state=ActState.FAILED, because=refusal.code, detail=detail)
    except Exception as bug:  # one act must not stop all others; it is logged and kept
        log.exception("bug", act=act.act_id)
        return Ending(act=act, state=ActState.FAILED, because="bug", detail=type(bug).__name__)


def _turned(buckets: Sequence[int], now: datetime) -> list[int]:
    """Return the buckets beginning with another one each time, so that none is always the last."""
    first = now.microsecond % len(buckets)
    return [*buckets[first:], *buckets[:first]]


def _ways_out_of_this_thread(settings: Settings) -> WaysOut:
    """Return the connections of this thread; new settings mean new connections."""
    kept: WaysOut | None = getattr(_of_this_thread, "ways_out", None)
    if kept is None or kept.settings != settings:
        hang_up()
        kept = _of_this_thread.ways_out = WaysOut(settings)
    return kept
