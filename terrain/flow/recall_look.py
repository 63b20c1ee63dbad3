"""Looks for everybody a recall is about, a page of decisions at a time, and stops what is still queued for them.

Promise: a page and how far the look has come are one transaction: killed at any moment, it goes on where it was
and counts nobody twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from psycopg import Connection

from terrain.core.condition import ALWAYS
from terrain.core.decision import Decision
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey
from terrain.core.outbox import ActState
from terrain.core.recall import Recall, State, describes, touches
from terrain.store import customers, people, recalled, recalls
from terrain.store.connection import Record
from terrain.store.recalled import Found
from terrain.store.recalls import Cursor, Done

PAGE = 500
BECAUSE = "recalled"
_ALLOWED = "allowed"
_WENT = frozenset({ActState.LEFT, ActState.LEAVING, ActState.UNKNOWN, _ALLOWED})


def look(record: Record, house: House, now: datetime) -> int:
    """Look through one page for each recall that still looks; return how many pages that were."""
    with record.local() as db:
        looking = recalls.under_way(db, State.LOOKING)
    return sum(look_on(record, house, one.recall_id, now) for one in looking)


def look_on(record: Record, house: House, recall_id: int, now: datetime) -> bool:
    """Look through one page of decisions; say whether there was one."""
    with record.local() as db, db.transaction():
        cursor = recalls.next_look(db, recall_id)
        if cursor is None:
            return False
        recall = recalls.find(db, recall_id)
        if recall is None or recall.state is not State.LOOKING:
            return False
        _look_through(db, house, recall, cursor, now)
        if recalls.is_looked_through(db, recall_id):
            found = recalled.count_found(db, recall)
            recalls.move(db, replace(found, state=State.FOUND, found_at=now))
    return True


def _look_through(
    db: Connection, house: House, recall: Recall, cursor: Cursor, now: datetime
) -> None:
    page = recalls.decided(db, recall, cursor, range(BUCKETS), PAGE)
    some = about(db, recall, page, house, now)
    if some:
        followed = recalls.acts_of(db, some)
        recalled.keep(db, recall.recall_id, list(_found(db, some, followed, now)))
    if page:
        cursor = cursor._replace(after_at=page[-1].at, after_id=page[-1].decision_id)
    recalls.looked(db, recall.recall_id, cursor, now, is_all=len(page) < PAGE)


def about(
    db: Connection, recall: Recall, page: Iterable[Decision], house: House, now: datetime
) -> list[Decision]:
    """Return those of these decisions that the recall is about: by what they did, and to whom."""
    some = [one for one in page if touches(recall.scope, one)]
    if recall.scope.segment == ALWAYS or not some:
        return some
    homes = customers.survivors(db, {one.key for one in some})
    known = people.load(db, set(homes.values()), now, secret=house.secret)
    fits = {key for key, who in known.items() if describes(recall.scope, who, house, now)}
    return [one for one in some if homes.get(one.key) in fits]


def _found(
    db: Connection, some: Sequence[Decision], followed: Mapping[int, list[Done]], now: datetime
) -> Iterator[Found]:
    """Yield what was done to each, with what was still queued stopped."""
    queued = [
        (one.key, act.act_id)
        for one in some
        for act in followed.get(one.decision_id, ())
        if act.state == ActState.QUEUED
    ]
    held = recalls.stop_acts(db, queued, BECAUSE, now)
    by_customer: defaultdict[CustomerKey, list[Decision]] = defaultdict(list)
    for one in some:
        by_customer[one.key].append(one)
    for key, theirs in sorted(by_customer.items()):
        yield _of_one(key, theirs, followed, held)


def _of_one(
    key: CustomerKey,
    theirs: Sequence[Decision],
    followed: Mapping[int, list[Done]],
    held: Collection[int],
) -> Found:
    lines = [
        {
            "at": (act.left_at or one.at).isoformat(),
            "act_id": str(act.act_id),
            "decision_id": str(one.decision_id),
            "name": act.name,
            "channel": act.channel,
            "state": ActState.STOPPED.value if act.act_id in held else act.state,
        }
        for one in theirs
        for act in followed.get(one.decision_id, ()) or [_allowed(one)]
    ]
    return Found(
        key=key,
        done=sum(gone(one, followed.get(one.decision_id, ())) for one in theirs),
        stopped=sum(int(line["act_id"]) in held for line in lines),
        first_at=min(one.at for one in theirs),
        last_at=max(one.at for one in theirs),
        acts=lines,
    )


def gone(one: Decision, acts: Sequence[Done]) -> int:
    """Return how many acts of a decision reached somebody; what another system was allowed to do is one."""
    return sum(act.state in _WENT for act in acts or [_allowed(one)])


def _allowed(one: Decision) -> Done:
    """Return what another system was allowed to do, which has no act of ours."""
    proposal = one.proposal
    channel = proposal.channel.value if proposal.channel else ""
    return Done(0, one.decision_id, proposal.name, channel, _ALLOWED, one.at)
