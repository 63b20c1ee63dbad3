"""The naive shop on a record: its own tool acts, and Terrain only listens.

Promise: the record learns of it what it would learn of any tool: what left, what that relied on, and what
customers said. It is kept in a record of its own, never beside the careful shop.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from psycopg import Connection

from terrain.core.act import Act
from terrain.core.decision import Decision
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.outbox import ActState, Ending
from terrain.demo import staging, telling
from terrain.demo.play import Played, play, slots
from terrain.demo.world import EIGHTEEN_MONTHS, Person
from terrain.flow.take_in import Known
from terrain.store import acts, decisions


def load(db: Connection, house: House, opened: date, people: Sequence[Person]) -> list[Played]:
    """Play the naive shop, and let a record listen to it; `house` is what that record runs on."""
    everyone = play(people, telling.naively(house, opened))
    listens = msgspec.structs.replace(house, live={}, versions={})
    listening = _Listening(db, listens, everyone)
    for now in slots(opened, EIGHTEEN_MONTHS):
        listening.go_on(now)
    return everyone


class _Listening:
    def __init__(self, db: Connection, house: House, everyone: Sequence[Played]) -> None:
        self.db = db
        self.house = house
        self.known = Known()
        self.node_of: dict[str, CustomerKey] = {}
        told = [each for played in everyone for each in played.told]
        self.told = sorted(told, key=lambda each: each.order, reverse=True)
        done = [(each, played) for played in everyone for each in played.decisions]
        self.decided = sorted(done, key=lambda each: each[0].at, reverse=True)
        self.acts = {(act.key, act.decision_id): act for played in everyone for act in played.acts}

    def go_on(self, now: datetime) -> None:
        """Hear what was said up to this moment, then of what was done in it."""
        told = []
        while self.told and self.told[-1].at <= now:
            told.append(self.told.pop())
        decided = []
        while self.decided and self.decided[-1][0].at <= now:
            decided.append(self.decided.pop())
        if not told and not decided:
            return
        with self.db.transaction():
            self.db.execute("SET LOCAL synchronous_commit = off")
            for each, result in zip(
                told, staging.tell(self.db, told, now, self.known), strict=True
            ):
                if result.node is not None:
                    self.node_of[each.message["userId"]] = result.node
            staging.take_turns(self.db, self.house, now)
            self._keep([self._of_the_record(*each) for each in decided], now)
        self.known.committed()

    def _of_the_record(self, decision: Decision, played: Played) -> tuple[Decision, Act | None]:
        node = self.node_of[played.life.person.user_id]
        act = self.acts.get((decision.key, decision.decision_id))
        return (
            msgspec.structs.replace(decision, key=node),
            msgspec.structs.replace(act, key=node) if act else None,
        )

    def _keep(self, some: Sequence[tuple[Decision, Act | None]], now: datetime) -> None:
        left = [act for _, act in some if act is not None]
        decisions.save(self.db, [decision for decision, _ in some])
        acts.queue(self.db, left, now)
        acts.settle(
            self.db, [Ending(act=act, state=ActState.LEFT, left_at=act.due_at) for act in left]
        )
