"""Makes good to everybody a recall found, and follows what came of it: a bounded step at a time.

Promise: each step is one transaction with everything that follows from it. Killed at any moment, it goes on
where it was; nobody is made good to twice, also under two names, and each remedy passed the guard.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace
from psycopg import Connection

from terrain.core import guard
from terrain.core.belief import believe
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.outbox import ActState
from terrain.core.recall import (
    FOLLOWED,
    LOOK_AGAIN,
    PATIENCE,
    WAITING,
    Fate,
    Kind,
    Recall,
    Remedy,
    State,
    act_of,
    is_same,
    is_the_same,
    proposal_of,
    task_of,
)
from terrain.flow import identity, recall_look
from terrain.flow.told import Told, tell
from terrain.store import acts, customers, decisions, people, recalled, recalls, tasks
from terrain.store.connection import Record
from terrain.store.recalled import Recalled

MOST = 50
CHUNK = 1_000
CALLED_OFF, NOT_WRONG = "recall_stopped", "nothing_to_correct"
ELSEWHERE = "made_good_elsewhere"
# Whoever stops a recall calls off what it queued; where they died at that, the worker does.
CALLED_OFF_FOR = timedelta(days=1)
SOURCE = "desk"
HELD_FOR = timedelta(hours=6)
SOON = timedelta(minutes=1)


# -- begun, called off, over -----------------------------------------------------------------------


def go_on(record: Record, house: House, now: datetime) -> int:
    """Take one step of each recall that is under way; return how many there were."""
    steps = recall_look.look(record, house, now)
    with record.local() as db:
        sending = recalls.under_way(db, State.SENDING)
        stopped = recalls.stopped_since(db, now - CALLED_OFF_FOR)
    steps += sum(begin(record, one.recall_id, now) for one in sending)
    return steps + sum(bool(halt(record, one.recall_id, now)) for one in stopped)


def begin(record: Record, recall_id: int, now: datetime) -> bool:
    """Let the next of those found be made good to, or say that everybody had their turn."""
    with record.local() as db, db.transaction():
        recall = recalls.hold(db, recall_id)
        if recall is None or recall.state is not State.SENDING:
            return False
        if recalled.begin(db, recall_id, now, CHUNK):
            return True
        if not recalled.is_waiting(db, recall_id, WAITING):
            recalls.move(db, replace(recall, state=State.DONE))
    return False


def halt(record: Record, recall_id: int, now: datetime) -> int:
    """Call off a chunk of what a stopped recall still had to do; return for how many people."""
    with record.local() as db, db.transaction():
        return halt_some(db, recall_id, now)


def halt_some(db: Connection, recall_id: int, now: datetime) -> int:
    """Do so in the caller's transaction."""
    recall = recalls.find(db, recall_id)
    if recall is None or recall.state is not State.STOPPED:
        return 0
    halted = recalled.halt(db, recall_id, CHUNK)
    some = recalled.on_their_way(db, recall, CHUNK)
    for one in some:
        off = _called_off(db, one, recall)
        # What had left already is looked at once more, so that it says what became of it.
        fate = {"state": Fate.NOT_REACHED, "because": CALLED_OFF} if off else {}
        recalled.write(db, replace(one, due_at=None if off else recall.stopped_at, **fate))
    _stop_acts_of(db, some, now)
    return halted + len(some)


def _called_off(db: Connection, one: Recalled, recall: Recall) -> bool:
    """Close the task of calling this person back; say whether nobody had yet."""
    task = tasks.find(db, one.task_id) if one.task_id else None
    at = recall.stopped_at or recall.opened_at
    return task is not None and tasks.close(db, task, recall.stopped_by, CALLED_OFF, at)


def _stop_acts_of(db: Connection, some: list[Recalled], now: datetime) -> None:
    with_act = [one for one in some if one.act_id]
    homes = customers.survivors(db, [one.key for one in with_act]) if with_act else {}
    queued = [(homes.get(one.key, one.key), one.act_id) for one in with_act]
    queued += [(one.key, one.act_id) for one in with_act]
    recalls.stop_acts(db, queued, CALLED_OFF, now)


def made_elsewhere(
    db: Connection, recall: Recall, one: Recalled, nodes: Sequence[CustomerKey]
) -> Recalled | None:
    """Return how another recall makes good to this person the same way for the same, if one does."""
    for other in recalled.made_by_others(db, one, nodes):
        before = recalls.find(db, other.recall_id)
        if before is not None and is_the_same(before, recall):
            return other
    return None


# -- making good -----------------------------------------------------------------------------------


def make_good(
    record: Record, house: House, buckets: Sequence[int], now: datetime, most: int = MOST
) -> int:
    """Look at whoever is due in these buckets; return how many people that were."""
    done = 0
    for group in record.groups(buckets):
        with record.conn_for(group[0]) as db, db.transaction():
            done += _some(db, house, group, now, most)
    return done


def _some(db: Connection, house: House, buckets: Sequence[int], now: datetime, most: int) -> int:
    waiting = recalled.due(db, buckets, now, most)
    if not waiting:
        return 0
    homes = identity.take(db, {one.key for one in waiting})
    free = [one for one in waiting if one.key in homes]
    open_now = recalls.sending(db, {one.recall_id for one in free})
    held = recalled.hold_people(db, free, now) if free else []
    known = people.load(db, {homes[one.key] for one in held}, now, secret=house.secret)
    for one in held:
        customer, recall = known.get(homes[one.key]), open_now.get(one.recall_id)
        recalled.write(db, _Turn(db, house, now).of(one, recall, customer))
    return len(held)


class _Turn(msgspec.Struct):
    """What one person's turn needs besides that person."""

    db: Connection
    house: House
    now: datetime

    def of(self, one: Recalled, recall: Recall | None, customer: Customer | None) -> Recalled:
        """Return how it stands with this person after their turn."""
        if customer is None:
            return replace(one, state=Fate.NOT_REACHED, because="nobody_there", due_at=None)
        if one.state is Fate.DUE:
            if recall is None:
                return replace(one, state=Fate.NOT_REACHED, because="stopped", due_at=None)
            return self._made(one, recall, customer)
        return self._followed(one, customer)

    def _made(self, one: Recalled, recall: Recall, customer: Customer) -> Recalled:
        if recalled.has_been_made(self.db, recall.recall_id, customer.nodes):
            return replace(one, state=Fate.SAME_PERSON, due_at=None)
        other = made_elsewhere(self.db, recall, one, customer.nodes)
        if other is not None:
            return self._elsewhere(one, recall, other)
        decision = self._decide(recall, customer)
        if decision.verdict is Verdict.HOLD:
            return self._held(one, recall, decision)
        made = replace(
            one,
            state=Fate.MADE,
            because="",
            made_at=self.now,
            due_at=self.now + LOOK_AGAIN,
            decision_id=decision.decision_id,
        )
        return self._carried_out(made, recall, decision, customer)

    def _elsewhere(self, one: Recalled, recall: Recall, other: Recalled) -> Recalled:
        """Leave out whom another recall reached the same way; while that is on its way, see what becomes of it."""
        if other.state is Fate.REACHED:
            return replace(one, state=Fate.ELSEWHERE, because=ELSEWHERE, due_at=None)
        return self._later(one, recall, ELSEWHERE, self.now + LOOK_AGAIN)

    def _decide(self, recall: Recall, customer: Customer) -> Decision:
        remedy = recall.remedy
        assert remedy is not None  # what is being sent has one
        proposal = proposal_of(recall, remedy, customer)
        decision = guard.weigh(proposal, customer, self.house, self.now)
        seq = customers.bump(self.db, {customer.key: 1})[customer.key]
        decisions.save(self.db, [replace(decision, seq=seq)])
        return decision

    def _held(self, one: Recalled, recall: Recall, decision: Decision) -> Recalled:
        if decision.hold is Hold.FORBID:
            return replace(one, state=Fate.KEPT_FROM, because=decision.because, due_at=None)
        until = decision.until or self.now + HELD_FOR
        return self._later(one, recall, decision.because, max(until, self.now + SOON))

    def _later(self, one: Recalled, recall: Recall, because: str, until: datetime) -> Recalled:
        """Wait so long, but at most as long as making good is worth it."""
        if until >= (recall.sent_at or self.now) + PATIENCE:
            return replace(one, state=Fate.NOT_REACHED, because=because, due_at=None)
        return replace(one, because=because, due_at=until)

    def _carried_out(
        self, one: Recalled, recall: Recall, decision: Decision, customer: Customer
    ) -> Recalled:
        remedy = recall.remedy
        assert remedy is not None
        if remedy.kind is Kind.CALLBACK or decision.verdict is not Verdict.ACT:
            task = task_of(recall, decision, customer, self.house)
            tasks.save(self.db, [task])
            return replace(one, task_id=task.task_id)
        if remedy.kind is Kind.CORRECTION:
            if not self._is_wrong(remedy, customer):
                return replace(one, state=Fate.NOT_REACHED, because=NOT_WRONG, due_at=None)
            self._correct(recall, customer)
            return replace(one, state=Fate.REACHED, reached_at=self.now, due_at=None)
        act = act_of(recall, decision, customer, self.house)
        acts.queue(self.db, [act], self.now)
        return replace(one, act_id=act.act_id)

    def _is_wrong(self, remedy: Remedy, customer: Customer) -> bool:
        """Say whether what is to be corrected is believed of this customer at all."""
        if remedy.wrong is None:
            return True
        belief = believe(customer, FactKey(remedy.fact, remedy.about), self.house, self.now)
        return belief is not None and is_same(remedy.wrong, belief.value)

    def _correct(self, recall: Recall, customer: Customer) -> None:
        remedy = recall.remedy
        assert remedy is not None
        said = {"fact": remedy.fact, "about": remedy.about, "by": recall.approved_by}
        said |= {"from": remedy.wrong} if remedy.wrong is not None else {}
        said |= {"to": remedy.right} if remedy.right is not None else {}
        told = Told(event="fact.corrected", properties=said, once=recall.name)
        tell(self.db, customer.key, told, self.now, source=SOURCE)

    def _followed(self, one: Recalled, customer: Customer) -> Recalled:
        """See whether it arrived, and whether it was answered."""
        made_at = one.made_at or self.now
        again = self.now + LOOK_AGAIN if self.now < made_at + FOLLOWED else None
        if one.task_id:
            task = tasks.find(self.db, one.task_id)
            if task is None or task.done_at is None:
                return replace(one, due_at=again)
            return replace(
                one,
                state=Fate.REACHED,
                reached_at=task.done_at,
                answered_at=task.done_at,
                answered_by="task",
                due_at=None,
            )
        return self._arrived(one, customer, again)

    def _arrived(self, one: Recalled, customer: Customer, again: datetime | None) -> Recalled:
        standing = next(
            (
                found
                for node in customer.nodes
                if (found := acts.find(self.db, node, one.act_id)) is not None
            ),
            None,
        )
        if standing is None:
            return replace(one, state=Fate.NOT_REACHED, because="nobody_there", due_at=None)
        if standing.state is ActState.LEFT:
            since = one.made_at or self.now
            answered = recalled.answered(self.db, customer.nodes, one.act_id, since)
            return replace(
                one,
                state=Fate.REACHED,
                because="",
                reached_at=standing.left_at,
                answered_at=answered.at if answered else None,
                answered_by=answered.by if answered else "",
                due_at=None if answered else again,
            )
        if standing.state in (ActState.QUEUED, ActState.LEAVING):
            return replace(one, due_at=again or self.now + LOOK_AGAIN)
        because = standing.because or standing.state.value
        return replace(one, state=Fate.NOT_REACHED, because=because, due_at=None)
