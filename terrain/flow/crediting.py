"""Ties what came back to the acts that caused it, in the transaction of the turn that heard of it.

Promise: nothing is read while nothing can be a signal; what is, is read for a whole batch in one statement.
A worker killed at any moment credits nothing twice, and what came before its act was known is credited once
that is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from psycopg import Connection

from terrain.core import crediting, signs
from terrain.core.claims import same
from terrain.core.crediting import Credit, Loose
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.signal import LATE, Signal
from terrain.core.touched import Touched
from terrain.core.turn import Changes
from terrain.flow import enough, mishaps
from terrain.store import customers, people, signals, touched
from terrain.store.counters import hour_of
from terrain.store.signals import Case, Waiting
from terrain.store.touched import Named

MOST_AT_ONCE = 200


def note(
    db: Connection,
    heard: Sequence[tuple[CustomerKey, Event]],
    changes: Sequence[Changes],
    house: House,
    now: datetime,
) -> None:
    """Credit what was heard in this turn, and what became of runs and questions in it."""
    cases = [case for one in changes if one.runs for case in mishaps.of_runs(one, now)]
    silent = {one.customer.key: asked for one in changes if (asked := mishaps.unanswered(one, now))}
    events = _that_may_be_signals(heard, changes, house)
    if events or silent:
        found, loose = _Crediting(db, changes, house, now).of(events, silent)
        signals.keep_loose(db, loose)
        cases += found
    signals.save(db, cases)
    if any(enough.reason_in(event, house) for event in events):
        enough.stop(db, events, [case for case in cases if not case.held_out], house, now)


def look_again(
    db: Connection, buckets: Sequence[int], house: House, now: datetime, most: int = MOST_AT_ONCE
) -> int:
    """Credit what came before its act was known, where it is known now; return how many were looked at."""
    waiting = signals.waiting(db, buckets, now, most)
    if not waiting:
        return 0
    whose = customers.survivors(db, {one.node for one in waiting})
    folk = people.load(db, set(whose.values()), now, secret=house.secret)
    nodes = {one.node: folk[home].nodes for one in waiting if (home := whose.get(one.node)) in folk}
    acts = touched.of(db, {node for some in nodes.values() for node in some}, now, _named(waiting))
    known: list[tuple[Waiting, Case]] = []
    for one in waiting:
        theirs = [act for node in nodes.get(one.node, ()) for act in acts.get(node, ())]
        loose = Loose(
            signal=one.kind,
            at=one.at,
            source=one.source,
            act_id=one.act_id,
            decision_id=one.decision_id,
            invited=one.invited,
        )
        credit = crediting.of_loose(loose, one.learned_at, theirs, house)
        if credit is not None:
            known.append((one, _case(credit, one.learned_at, one.source, one.message_id)))
    credited = [one for one, _ in known]
    signals.no_longer_loose(db, credited)
    signals.put_off(db, [_later(one, now) for one in waiting if one not in credited])
    signals.save(db, [case for _, case in known])
    return len(waiting)


# -- what was heard -------------------------------------------------------------------------------


def _that_may_be_signals(
    heard: Sequence[tuple[CustomerKey, Event]], changes: Sequence[Changes], house: House
) -> list[Event]:
    """Return the events that can be a signal by their name, or by what they taught."""
    taught = {word for one in changes for word in _contradicting(one, house)}
    return [event for _, event in heard if event.name in signs.NAMES or event.message_id in taught]


def _contradicting(one: Changes, house: House) -> Iterator[str]:
    """Yield the messages in which a person says otherwise than was believed, or that speak against it."""
    for _, row in one.evidence:
        if row.kind in signs.AGAINST:
            yield row.message_id
    for _, claim in one.claims:
        if claim.kind in signs.PEOPLE and _says_otherwise(claim, one.before, house):
            yield claim.message_id


def _says_otherwise(claim: Claim, before: Customer, house: House) -> bool:
    others = [other.value for other in before.claims.get(claim.key, ())]
    kind = house.catalogue.facts.get(claim.key.fact)
    if kind is not None and kind.prior is not None:
        others.append(kind.prior.value)
    return any(same(other) != same(claim.value) for other in others)


class _Crediting:
    """The events of one batch and the customers who said them, while they are credited."""

    def __init__(
        self, db: Connection, changes: Sequence[Changes], house: House, now: datetime
    ) -> None:
        self.db = db
        self.house = house
        self.now = now
        self.whose = {node: one.customer for one in changes for node in one.customer.every_node}

    def of(
        self, events: Sequence[Event], silent: dict[CustomerKey, list[int]]
    ) -> tuple[list[Case], list[Waiting]]:
        """Return the cases that these events and unanswered questions are, and what is loose."""
        said = self._by_customer(events)
        people_of = {self.whose[key].key: self.whose[key] for key in (*said, *silent)}
        acts = self._acts(people_of, said, silent)
        cases: list[Case] = []
        loose: list[Waiting] = []
        for key, theirs in said.items():
            for event in theirs:
                heard = crediting.credited(event, people_of[key], acts[key], self.house)
                learned = event.received_at
                cases += [
                    _case(credit, learned, event.source, event.message_id)
                    for credit in heard.credits
                ]
                loose += [_waiting(each, event, self.now) for each in heard.loose]
        for key, decisions in silent.items():
            cases += [
                _case(credit, self.now, mishaps.OURSELVES, "")
                for credit in self._of_silence(decisions, acts[key])
            ]
        return crediting.once(cases), loose

    def _by_customer(self, events: Sequence[Event]) -> dict[CustomerKey, list[Event]]:
        said: defaultdict[CustomerKey, list[Event]] = defaultdict(list)
        for event in events:
            if event.node in self.whose:
                said[self.whose[event.node].key].append(event)
        return said

    def _acts(
        self,
        people_of: dict[CustomerKey, Customer],
        said: dict[CustomerKey, list[Event]],
        silent: dict[CustomerKey, list[int]],
    ) -> dict[CustomerKey, list[Touched]]:
        """Read what was done to all of them, in one statement."""
        named = [signs.named_in(event, people_of[key]) for key in said for event in said[key]]
        numbers = Named(
            acts={act_id for act_id, _ in named if act_id},
            decisions={decision_id for _, decision_id in named if decision_id}
            | {number for numbers in silent.values() for number in numbers},
        )
        nodes = [node for customer in people_of.values() for node in customer.every_node]
        acts = touched.of(self.db, nodes, self.now, numbers)
        return {
            key: [act for node in customer.every_node for act in acts.get(node, ())]
            for key, customer in people_of.items()
        }

    def _of_silence(self, decisions: Sequence[int], acts: Sequence[Touched]) -> Iterator[Credit]:
        for number in decisions:
            loose = Loose(signal=Signal.NO_ANSWER, at=self.now, decision_id=number)
            done = [act for act in acts if act.at]
            credit = crediting.of_loose(loose, self.now, done, self.house)
            if credit is not None:
                yield credit


# -- as it is kept --------------------------------------------------------------------------------


def _case(credit: Credit, learned_at: datetime, source: str, message_id: str) -> Case:
    act = credit.act
    return Case(
        bucket=act.key.bucket,
        counted=credit.counted,
        invited=credit.invited,
        held_out=act.held_out,
        version=act.version,
        customer_id=act.key.customer_id,
        act_id=act.act_id,
        hour=hour_of(act.at or credit.at),
        at=credit.at,
        learned_at=learned_at,
        kind=credit.signal,
        automation=act.automation,
        source=source,
        message_id=message_id,
    )


def _waiting(loose: Loose, event: Event, now: datetime) -> Waiting:
    assert event.node is not None  # it was found by it
    is_named = bool(loose.act_id or loose.decision_id)
    return Waiting(
        bucket=event.node.bucket,
        customer_id=event.node.customer_id,
        act_id=loose.act_id,
        decision_id=loose.decision_id,
        at=loose.at,
        learned_at=event.received_at,
        again_at=now + signals.SOONEST if is_named else None,
        invited=loose.invited,
        kind=loose.signal,
        source=event.source,
        message_id=event.message_id,
    )


def _later(one: Waiting, now: datetime) -> Waiting:
    """Return when to look again: as long from now as it has waited; never, once it would not count."""
    again = now + max(signals.SOONEST, now - one.learned_at)
    return one._replace(again_at=again if again - one.learned_at <= LATE[one.kind] else None)


def _named(waiting: Iterable[Waiting]) -> Named:
    some = list(waiting)
    return Named(
        acts={one.act_id for one in some if one.act_id},
        decisions={one.decision_id for one in some if one.decision_id},
    )
