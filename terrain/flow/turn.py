"""Many customers' turns in one transaction: take what waits, learn, propose, weigh, write it all down.

Promise: all effects of a batch of events, and the mark that they were handled, commit together; a worker
killed at any moment loses nothing and repeats nothing.

The unit of mutual exclusion is the customer: every turn locks the rows of the survivors it works on, in one
order, skipping those that another worker holds. Events wait in `pending`, runs in their due date; both are
looked for without a lock and taken under it. So there are no queue leases to run out, no deadlocks, and one
customer's events are handled in order by one worker at a time, whoever believes to hold the bucket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace
from psycopg import Connection

from terrain.core import served as serving
from terrain.core import turn as thinking
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.flag import Flag, their_own
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.flow import crediting, directory, flagging, hearing, identity, setbacks, strays
from terrain.store import (
    acts,
    claims,
    consents,
    counters,
    customers,
    decisions,
    evidence,
    needs,
    pending,
    people,
    questions,
    runs,
    served,
    suppressions,
    tasks,
)
from terrain.store.counters import Count, What

MOST_AT_ONCE = 1000

Heard = tuple[CustomerKey, Event]  # an event, and the node under which it is kept


class Tally(NamedTuple):
    """What a turn did, in numbers."""

    events: int = 0
    customers: int = 0
    decisions: int = 0
    acts: int = 0


NOTHING = Tally()


def turn(
    db: Connection, house: House, buckets: Sequence[int], now: datetime, most: int = MOST_AT_ONCE
) -> Tally:
    """Handle at most so many waiting events and due runs of these buckets. The caller opens the transaction."""
    waiting = pending.first(db, buckets, most)
    due = runs.due(db, buckets, now, most)
    if not waiting and not due:
        return NOTHING
    taken = identity.take(db, {one.node for one in waiting} | set(due))
    if untaken := {one.node for one in waiting} - taken.keys():
        strays.bring_home(db, waiting, untaken, house, now)
    heard = _hear(db, house, [one for one in waiting if one.node in taken])
    joined = identity.join(db, [event for _, event in heard], taken, house, now)
    heard = _put_back(db, heard, joined.deferred)
    changes, seen = _think(db, house, heard, joined.survivors, now)
    _write(db, changes, house, now, counters.counts(buckets[0], now, seen))
    directory.note_orders(db, heard)
    directory.note(db, changes, joined.regrouped, house, now)
    _keep_what_is_wrong(db, changes, house, now)
    _keep_what_was_served(db, heard)
    crediting.note(db, heard, changes, house, now)
    return Tally(
        events=len(heard),
        customers=len(changes),
        decisions=sum(len(one.decisions) for one in changes),
        acts=sum(len(one.acts) for one in changes),
    )


def _hear(db: Connection, house: House, waiting: Sequence[pending.Waiting]) -> list[Heard]:
    """Take these events from the record; what cannot be read any more goes to the tray."""
    heard = []
    for taken in pending.take(db, waiting):
        try:
            event = hearing.event_of(taken, house.catalogue, house.company.country)
            heard.append((taken.node, event))
        except Exception as bug:  # noqa: BLE001 - one event must not cost the others; it is logged and kept
            setbacks.keep_events(db, [taken], bug, taken.received_at)
    return heard


def _put_back(db: Connection, heard: list[Heard], deferred: Iterable[int]) -> list[Heard]:
    """Leave for the next turn what concerns a customer whose other half is in other hands."""
    left = frozenset(deferred)
    if not left:
        return heard
    pending.put_back(db, [event for _, event in heard if event.event_id in left])
    return [(node, event) for node, event in heard if event.event_id not in left]


def _think(
    db: Connection,
    house: House,
    heard: Sequence[Heard],
    survivor_of: dict[CustomerKey, CustomerKey],
    now: datetime,
) -> tuple[list[thinking.Changes], list[What]]:
    """Think every customer through, and count what was thought.

    A bug met on the way costs only that customer's events, and they are kept.
    """
    by_survivor: dict[CustomerKey, list[Event]] = defaultdict(list)
    for node, event in heard:
        by_survivor[survivor_of[node]].append(event)
    everyone = people.load(db, set(survivor_of.values()), now, secret=house.secret)
    changes: list[thinking.Changes] = []
    seen: list[What] = []
    for key, customer in everyone.items():
        try:
            one = thinking.live(customer, by_survivor[key], house, now)
            changes.append(one)
            seen += _seen(customer, one)
        except Exception as bug:  # noqa: BLE001 - as above
            setbacks.keep_events(db, by_survivor[key], bug, now)
            setbacks.stop_runs(db, customer, bug, now)
    return changes, seen


def _seen(before: Customer, changes: thinking.Changes) -> Iterator[What]:
    """Yield what there is to count: every run that began or ended. Decisions are counted as they are kept."""
    known = {run.run_id for run in before.runs}
    for run in changes.runs.values():
        if run.run_id not in known:
            yield What(run.automation, run.version, "run.started")
        if run.ended_at is not None:
            yield What(run.automation, run.version, "run.ended")


def _write(
    db: Connection,
    changes: Sequence[thinking.Changes],
    house: House,
    now: datetime,
    counted: Sequence[Count],
) -> None:
    """Write down all that follows, a statement a table."""
    numbered = _numbered(db, changes)
    # Nothing here waits for an answer, so PostgreSQL writes one table while the next one is packed.
    with db.pipeline():
        claims.save(db, [row for one in changes for row in one.claims])
        evidence.save(db, [row for one in changes for row in one.evidence])
        consents.save(db, [row for one in changes for row in one.consents])
        suppressions.save(db, house.secret, [row for one in changes for row in one.suppress])
        runs.save(db, [run for one in changes for run in one.runs.values()])
        acts.queue(db, [act for one in changes for act in one.acts], now)
        questions.save(db, [question for one in changes for question in one.questions.values()])
        tasks.save(db, [task for one in changes for task in one.tasks])
        decisions.save(db, numbered)  # counts them: others may wait for its rows until we are done
        counters.add(db, counted)


def _numbered(db: Connection, changes: Sequence[thinking.Changes]) -> list[Decision]:
    """Give every decision its place in the order of its customer (`scale.md` R3)."""
    counts = {one.customer.key: len(one.decisions) for one in changes if one.decisions}
    last = customers.bump(db, counts)
    numbered = []
    for one in changes:
        if one.decisions:
            first = last[one.customer.key] - len(one.decisions) + 1
            numbered += [
                replace(decision, seq=first + place) for place, decision in enumerate(one.decisions)
            ]
    return numbered


def _keep_what_was_served(db: Connection, heard: Sequence[Heard]) -> None:
    """Keep the needs that others served: people, a form, a phone menu."""
    told = [
        (node, event.event_id, told)
        for node, event in heard
        if event.name in serving.NAMES and (told := serving.told(event)) is not None
    ]
    if told:
        served.keep(db, told)


def _keep_what_is_wrong(
    db: Connection, changes: Sequence[thinking.Changes], house: House, now: datetime
) -> None:
    """Keep the flags and the needs that were told; what holds for everybody comes last, behind all locks."""
    raised = _stood_behind(db, changes)
    seen = [need for one in changes for need in one.needs]
    if seen:
        needs.keep(db, seen)
    if raised:
        flagging.keep(db, raised, house.secret, house.alarm, now)


def _stood_behind(db: Connection, changes: Sequence[thinking.Changes]) -> list[Flag]:
    """Return the flags but those about what was never done to whoever raised them.

    Machines can name as many customers and automations as they like: that holds nothing for anybody else, and
    nobody has to answer it. What a desk says is kept as it is said.
    """
    raised = [(flag, one.customer) for one in changes for flag in one.flags]
    done = acts.done_to(
        db,
        {
            (node, flag.automation)
            for flag, customer in raised
            if not _is_of_a_desk(flag, customer)
            for node in customer.every_node
        },
    )
    return [
        flag
        for flag, customer in raised
        if _is_of_a_desk(flag, customer)
        or any((node, flag.automation) in done for node in customer.every_node)
    ]


def _is_of_a_desk(flag: Flag, customer: Customer) -> bool:
    return flag.said_by not in ("", their_own(customer.key))
