"""The worker: takes turns at what waits, sends what may leave, and keeps its share of the buckets.

Promise: stopped at any moment it hands back what it holds; killed at any moment nothing is lost or done twice,
because everything it knows is in the record: nothing in memory outlives a transaction.

One process runs three turn threads over thirds of its buckets, so that one thinks while the database writes for
the others; two senders, one of them for urgent acts alone; one that erases; one that
stops what strays, tells staff and goes on with recalls; and the main thread, which renews
leases, looks whether the reference tables moved, and starts what is due by the calendar.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
from psycopg import Connection

from terrain import logs
from terrain.config import Settings
from terrain.core.act import Lane
from terrain.core.house import House
from terrain.core.identifier import BUCKETS
from terrain.flow import (
    breaker,
    carry_out,
    crediting,
    forgetting,
    listen,
    making_good,
    needs,
    reference,
    rules,
    schedules,
    setbacks,
    telling,
    weekly,
)
from terrain.flow.housekeeping import Housekeeping
from terrain.flow.overseeing import Overseer
from terrain.flow.turn import MOST_AT_ONCE, NOTHING, turn
from terrain.store import leases, pending
from terrain.store.connection import Record, connect

# While one thinks, the others' tables are read and written: two threads had 10 % less done.
TURN_THREADS = 3
LANES = ((Lane.URGENT,), (Lane.URGENT, Lane.USUAL, Lane.BULK))
# How often a turn thread looks when the last look found nothing, and once it found nothing for a while.
IDLE_SECONDS, QUIET_SECONDS = 0.05, 0.1
LOOKS_UNTIL_QUIET = 20
# What a turn here decided is sent at once; what falls due, or another process queued, waits for the next look.
SEND_SECONDS = 0.25
TEND_SECONDS = 1.0
# Often enough that a lease outlives two that fail, seldom enough that holding buckets costs nothing.
BETWEEN_RENEWALS = leases.LASTS / 3
# What one worker is enough for is done by whoever tends this bucket.
FIRST = 0
LISTEN_SECONDS = 20.0
ERASE_SECONDS = 2.0
# The meters are read by the same thread, and wait for these.
NEEDS_AT_ONCE = 20
BETWEEN_RECKONINGS = timedelta(hours=1)
SECONDS_BETWEEN_ASKING = 5.0
OVERSEE_SECONDS = 1.0
AFTER_TROUBLE_SECONDS = 1.0
# A turn makes a hundred thousand things that all go with it. Looking for rings among them after every 700, as
# is usual, took a quarter of the worker's time.
THINGS_BETWEEN_COLLECTIONS = 200_000

log = logs.get("worker")


class Worker:
    """What the threads of one worker share: the record, the house of the moment, the buckets, the wish to stop."""

    def __init__(self, record: Record, settings: Settings) -> None:
        self.record = record
        self.settings = settings
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stop = threading.Event()
        self.buckets: list[int] = []
        self.handled = 0
        self.sharing = 0
        self.decided = [threading.Event() for _ in LANES]
        self.renewed_at: datetime | None = None
        self.housekeeping = Housekeeping(record, settings)
        self.overseer = Overseer(settings)
        self.house: House = self._read_house()

    def _read_house(self) -> House:
        with self.record.local() as db:
            return reference.house(db, self.settings)

    def tend(self, now: datetime) -> None:
        """Keep its share of the buckets, and read the reference tables again if they moved."""
        with self.record.local() as db:
            self._share(db, now)
            if reference.moved(db, self.house):
                self.house = reference.house(db, self.settings)

    def _share(self, db: Connection, now: datetime) -> None:
        """Renew the leases and give a sign of life: now and then, and whenever the shares changed."""
        sharing = leases.alive(db, now)
        lasts = self.renewed_at and self.renewed_at <= now < self.renewed_at + BETWEEN_RENEWALS
        if lasts and sharing == self.sharing and len(self.buckets) >= BUCKETS // sharing:
            return
        with db.transaction():
            handled, self.handled = self.handled, 0
            leases.say_alive(db, self.name, now, handled)
            self.sharing = leases.alive(db, now)
            self.buckets = leases.renew(db, self.name, -(-BUCKETS // self.sharing), now)
        self.renewed_at = now

    def has_heard(self, thread: int, now: datetime) -> bool:
        """Tell whether anything waits for this turn thread: one cheap question."""
        buckets = self.buckets_of(thread)
        if not buckets:
            return False
        with self.record.conn_for(buckets[0]) as db:
            return pending.is_any(db, buckets, now)

    def chores(self) -> Iterator[Callable[[datetime], object]]:
        """Yield what is done beside the turns, in its order; what one worker is enough for, to one."""
        yield self.tend
        if FIRST in self.buckets:
            yield self.housekeeping.publish
            yield self.housekeeping.fold_counters
            yield self.housekeeping.tidy_the_audit
        yield self.look_again
        yield self.start_what_is_due

    def look_again(self, now: datetime) -> int:
        """Credit what came before its act was known, wherever it is known now."""
        seen = 0
        for group in self.record.groups(self.buckets):
            with self.record.conn_for(group[0]) as db, db.transaction():
                seen += crediting.look_again(db, group, self.house, now)
        return seen

    def start_what_is_due(self, now: datetime) -> int:
        """Start what is due by the calendar; return how many runs that were."""
        return schedules.start_what_is_due(self.record, self.house, self.buckets, now)

    def erase(self, now: datetime) -> int:
        """Go on with whoever is to be erased by now; return how many steps that were."""
        return forgetting.some(self.record, self.house, self.settings.data, self.buckets, now)

    def oversee(self, now: datetime) -> int:
        """Tell staff what was stopped, go on with recalls, stop what strays; return how much there was to do."""
        done = self._look_after(now)
        if FIRST not in self.buckets:
            return done
        return done + self.overseer.look(self.record, self.house, now)

    def _look_after(self, now: datetime) -> int:
        done = making_good.make_good(self.record, self.house, self.buckets, now)
        if FIRST not in self.buckets:
            return done
        with self.record.local() as db:
            with db.transaction():
                breaker.escalate(db, self.house.alarm, now)
            with db.transaction():
                done += needs.gather(db, now, NEEDS_AT_ONCE)
        done += making_good.go_on(self.record, self.house, now)
        if not self.settings.sends:  # it leaves letters to a worker that has a way out
            return done
        done += telling.tell_some(self.record, self.settings, now)
        return done + weekly.send_some(self.record, self.settings, now)

    def buckets_of(self, thread: int) -> list[int]:
        """Return the part of the leased buckets that this turn thread tends."""
        return [bucket for bucket in self.buckets if bucket % TURN_THREADS == thread]

    def leave(self, now: datetime) -> None:
        """Hand back what is held."""
        with self.record.local() as db, db.transaction():
            leases.release(db, self.name, self.buckets, now)
            leases.leave(db, self.name)


def run(settings: Settings) -> None:
    """Work until told to stop (SIGTERM or Ctrl-C)."""
    with connect(settings, by_key=True) as record:
        with record.local() as db, db.transaction():
            leases.prepare(db, _now())
            leases.bury(db, [name for name in leases.names(db) if _is_gone(name)], _now())
            rules.keep_shipped(db, _now())
        worker = Worker(record, settings)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: worker.stop.set())
        _collect_seldom()
        work(worker)


def _collect_seldom() -> None:
    """Look for rings seldom, and never among what was there before the first turn: it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(THINGS_BETWEEN_COLLECTIONS, 10, 10)


def _is_gone(name: str) -> bool:
    """Tell whether that worker was a process of this machine and died: whoever starts it again goes on at once.

    A mistake costs nothing but a moment (a lease only spreads the load).
    """
    host, _, number = name.rpartition("-")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def work(worker: Worker) -> None:
    """Run the worker's threads until it is told to stop, then hand back what is in flight."""
    threads = [_thread(worker, _take_turns, index) for index in range(TURN_THREADS)]
    if worker.settings.sends:
        threads += [_thread(worker, _send, index) for index in range(len(LANES))]
    threads.append(_thread(worker, _erase, 0))
    threads.append(_thread(worker, _reckon, 0))
    threads.append(_thread(worker, _oversee, 0))
    if worker.settings.imap_url:
        threads.append(_thread(worker, _listen, 0))
    log.info("started", worker=worker.name)
    while not worker.stop.is_set():
        for chore in worker.chores():
            _unless_trouble(worker, partial(chore, _now()))
        worker.stop.wait(TEND_SECONDS)
    for thread in threads:
        thread.join()
    _unless_trouble(worker, lambda: worker.leave(_now()))
    log.info("stopped", worker=worker.name)


def _thread(worker: Worker, work_of: Callable[[Worker, int], None], index: int) -> threading.Thread:
    thread = threading.Thread(
        target=work_of, args=(worker, index), name=f"{work_of.__name__}-{index}"
    )
    thread.start()
    return thread


def _take_turns(worker: Worker, index: int) -> None:
    most, looks = MOST_AT_ONCE, 0
    while not worker.stop.is_set():
        try:
            if not looks or worker.has_heard(index, _now()):
                most, idle = _one_turn(worker, worker.buckets_of(index), most)
                looks = int(idle)
            else:
                looks += 1
        except psycopg.OperationalError as trouble:
            log.warning("database_trouble", kind=type(trouble).__name__)
            worker.stop.wait(AFTER_TROUBLE_SECONDS)
            continue
        if looks:
            worker.stop.wait(IDLE_SECONDS if looks < LOOKS_UNTIL_QUIET else QUIET_SECONDS)


def _one_turn(worker: Worker, buckets: list[int], most: int) -> tuple[int, bool]:
    """Take one turn; return how many to take next time, and whether there was nothing to do.

    A batch that the record refuses is tried again in halves, until the one event at fault stands alone and
    goes to the tray: one customer's odd data never stops the others.
    """
    if not buckets:
        return most, True
    now = _now()
    try:
        with worker.record.conn_for(buckets[0]) as db, db.transaction():
            tally = turn(db, worker.house, buckets, now, most)
    except psycopg.OperationalError as trouble:
        if not isinstance(trouble, psycopg.errors.ProgramLimitExceeded):
            raise
        return _halve(worker, buckets, most, trouble)
    except Exception as bug:  # noqa: BLE001 - the batch was rolled back whole; the one at fault is looked for
        return _halve(worker, buckets, most, bug)
    worker.handled += tally.events
    if tally.acts:
        for each in worker.decided:
            each.set()
    return min(MOST_AT_ONCE, most * 2), tally == NOTHING


def _halve(worker: Worker, buckets: list[int], most: int, bug: Exception) -> tuple[int, bool]:
    if most > 1:
        return most // 2, False
    now = _now()
    with worker.record.conn_for(buckets[0]) as db, db.transaction():
        setbacks.set_aside_the_first(db, worker.house, buckets, bug, now)
    return most, False


def _send(worker: Worker, index: int) -> None:
    decided = worker.decided[index]
    while not worker.stop.is_set():
        decided.clear()
        sent = _unless_trouble(
            worker,
            lambda: carry_out.send_some(
                worker.record, worker.house, worker.buckets, LANES[index], _now()
            ),
        )
        if not sent:
            decided.wait(SEND_SECONDS)
    carry_out.hang_up()


def _erase(worker: Worker, _index: int) -> None:
    """Erase whoever is to be erased by now, a bounded step at a time."""
    while not worker.stop.is_set():
        if not _unless_trouble(worker, lambda: worker.erase(_now())):
            worker.stop.wait(ERASE_SECONDS)


def _listen(worker: Worker, _index: int) -> None:
    """Look into the mailbox now and then."""
    while not worker.stop.is_set():
        if FIRST in worker.buckets:
            _unless_trouble(worker, lambda: listen.listen(worker.record, worker.settings, _now()))
        worker.stop.wait(LISTEN_SECONDS)


def _oversee(worker: Worker, _index: int) -> None:
    """Look after what was stopped and what is being made good."""
    while not worker.stop.is_set():
        if not worker.buckets or not _unless_trouble(worker, lambda: worker.oversee(_now())):
            worker.stop.wait(OVERSEE_SECONDS)


def _reckon(worker: Worker, _index: int) -> None:
    """Count once an hour which source keeps being wrong, and what was seen of each process.

    It takes long, so it has a thread of its own.
    """
    reckoned_at = None
    while not worker.stop.wait(SECONDS_BETWEEN_ASKING):
        now = _now()
        if FIRST not in worker.buckets or (reckoned_at and now - reckoned_at < BETWEEN_RECKONINGS):
            continue
        reckoned_at = now
        _unless_trouble(worker, lambda: worker.housekeeping.reckon_trust(_now()))
        _unless_trouble(
            worker,
            lambda: worker.housekeeping.count_processes(_now(), lambda: not worker.stop.is_set()),
        )


def _unless_trouble(worker: Worker, task: Callable[[], object]) -> bool:
    """Do it, and tell whether there was anything to do.

    When the database is away or there is a bug, say so, wait, and let the caller come round again: a thread that
    died would go unnoticed, and letters would simply stop leaving.
    """
    try:
        return bool(task())
    except psycopg.OperationalError as trouble:
        log.warning("database_trouble", kind=type(trouble).__name__)
    except Exception:
        log.exception("bug")
    worker.stop.wait(AFTER_TROUBLE_SECONDS)
    return False


def _now() -> datetime:
    return datetime.now(UTC)
