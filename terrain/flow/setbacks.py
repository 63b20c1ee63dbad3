"""What becomes of a customer's events and runs when handling them meets a bug.

Promise: the others go on, nothing is lost, and people see it: the events wait in the tray as pointers into the
record (what they say is stored once), the runs stop where they stand, and a task says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, id_from
from terrain.core.run import Run, RunState
from terrain.core.task import Task, TaskKind
from terrain.flow import identity, mishaps
from terrain.store import counters, pending, people, runs, tasks, trays
from terrain.store.pending import Taken

BUG = "bug"
LAST_PLACES = 8

log = logs.get("setbacks")


class Pointer(msgspec.Struct, frozen=True):
    """Which event it is: where it stands in the record."""

    bucket: int
    customer_id: int
    event_id: int
    message_id: str

    @property
    def node(self) -> CustomerKey:
        """The node under which the event is kept."""
        return CustomerKey(self.bucket, self.customer_id)


def keep_events(
    db: Connection, events: Sequence[Event | Taken], bug: Exception, now: datetime
) -> None:
    """Put these events into the tray, and the bug into the log."""
    log.error("bug", exc_info=bug, events=[event.event_id for event in events])
    misfits = [
        trays.Misfit(
            kind=BUG,
            source=event.source,
            code=BUG,
            reason={"code": BUG, "trace": logs.trace_of(bug)[-LAST_PLACES:]},
            payload=msgspec.json.encode(_pointer(event)),
        )
        for event in events
    ]
    trays.put(db, misfits, now)


def stop_runs(db: Connection, customer: Customer, bug: Exception, now: datetime) -> None:
    """Stop the runs that were due, which would meet the same bug again, and tell a person."""
    due = [run for run in customer.runs if run.due_at is not None and run.due_at <= now]
    runs.save(db, [_failed(run, now) for run in due])
    mishaps.failed(db, due, now)
    tasks.save(db, [_task(run, logs.trace_of(bug)[-LAST_PLACES:], now) for run in due])
    ended = [counters.What(run.automation, run.version, "run.ended") for run in due]
    counters.add(db, counters.counts(customer.key.bucket, now, ended))


def _failed(run: Run, now: datetime) -> Run:
    return msgspec.structs.replace(
        run, state=RunState.FAILED, due_at=None, ended_at=now, because=BUG
    )


def _task(run: Run, where: list[str], now: datetime) -> Task:
    return Task(
        key=run.key,
        task_id=id_from(now, BUG, run.run_id),
        kind=TaskKind.REPEATED_FAILURE,
        title="a_run_stopped_at_a_bug",
        opened_at=now,
        automation=run.automation,
        run_id=run.run_id,
        file={"where": where, "step": list(run.place)},
    )


def _pointer(event: Event | Taken) -> Pointer:
    node = event.node or CustomerKey(0, 0)
    return Pointer(node.bucket, node.customer_id, event.event_id, event.message_id)


def set_aside_the_first(
    db: Connection, house: House, buckets: Sequence[int], bug: Exception, now: datetime
) -> None:
    """Put aside the one event or the one customer's due runs that come first, at which a turn of one failed."""
    waiting = pending.first(db, buckets, 1)
    due = runs.due(db, buckets, now, 1)
    taken = identity.take(db, {one.node for one in waiting} | set(due))
    if due and due[0] in taken:
        for customer in people.load(db, [taken[due[0]]], now, secret=house.secret).values():
            stop_runs(db, customer, bug, now)
    events = pending.take(db, [one for one in waiting if one.node in taken])
    if events:
        keep_events(db, events, bug, now)
