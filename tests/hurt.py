"""A house in which one automation wrote to many people, and some of them complained: told in a few lines."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core import watch as rules
from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Cohorts
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Decision, Verdict
from terrain.core.identifier import CustomerKey, Identifier, Kind, new_id
from terrain.core.look import Kept
from terrain.core.outbox import ActState, Ending
from terrain.core.signal import Signal
from terrain.core.watch import Reading, Watch
from terrain.flow import watching
from terrain.store import acts, decisions, signals, watches
from terrain.store.counters import hour_of
from terrain.store.identifiers import resolve
from terrain.store.signals import Case
from tests.oversight import AUTOMATION
from tests.proposals import NOTICE, but, her_address


class Written:
    """Whom it wrote to: `written(db, now).to(40, ago=timedelta(days=3), bad=2, version=2)`."""

    def __init__(self, db: Connection, now: datetime, automation: str = AUTOMATION) -> None:
        self.db, self.now, self.automation = db, now, automation
        self.people = 0

    def to(
        self, many: int, ago: timedelta = timedelta(days=1), bad: int = 0, **how: Any
    ) -> list[CustomerKey]:
        """Write to so many more; the first of them say that it was wrong, an hour later.

        `version` 1, `source` of what it relied on "shop", `signal` a complaint, if nothing else is said.
        """
        at, signal = self.now - ago, how.get("signal", Signal.COMPLAINT)
        keys = self._new_people(many)
        done = [self._act(key, at, how.get("version", 1)) for key in keys]
        source = how.get("source", "shop")
        decisions.save(self.db, [self._decision(act, at, source) for act in done])
        acts.queue(self.db, done, at)
        acts.settle(self.db, [Ending(act=act, state=ActState.LEFT, left_at=at) for act in done])
        signals.save(self.db, [self._case(act, at, signal) for act in done[:bad]])
        return keys

    def watched(
        self, share: float = 0.002, signal: Signal = Signal.COMPLAINT, **more: Any
    ) -> Reading:
        """Let the worker have looked: keep how this signal stands against so much."""
        watch = Watch(
            automation=self.automation,
            first_version=more.pop("first_version", 1),
            version=9,
            signal=signal,
            reach=Reach.INBOX,
            agreed=more.pop("agreed", Agreed(share=share, origin=Origin.DECLARED)),
            acts_per_year=10_000,
        )
        gaps = more.pop("gaps", ())
        year = tuple(watching.year(self.db, watch, self.now))
        found = rules.read(watch, Cohorts(open=year), **more)
        found = msgspec.structs.replace(found, strongest=rules.strongest(watch, year))
        watches.save(
            self.db,
            [Kept(watch=watch, reading=found, at=self.now, began=self.now.date(), gaps=gaps)],
        )
        return found

    def _new_people(self, many: int) -> list[CustomerKey]:
        first, self.people = self.people, self.people + many
        names = [Identifier(Kind.EMAIL, f"p{n}@example.org") for n in range(first, first + many)]
        found = resolve(self.db, names, self.now)
        return [found[name] for name in names]

    def _act(self, key: CustomerKey, at: datetime, version: int) -> Act:
        return Act(
            key=key,
            act_id=new_id(at),
            decision_id=new_id(at),
            kind=ActKind.SEND,
            name="welcome",
            automation=self.automation,
            version=version,
            step="send",
            purpose=Purpose.SERVICE,
            reach=Reach.INBOX,
            channel=Channel.EMAIL,
            lane=Lane.USUAL,
            due_at=at,
        )

    def _decision(self, act: Act, at: datetime, source: str) -> Decision:
        proposal = but(
            NOTICE, automation=self.automation, version=act.version, name=act.name, assumes=()
        )
        return Decision(
            decision_id=act.decision_id,
            key=act.key,
            at=at,
            verdict=Verdict.ACT,
            because="sure_enough",
            proposal=proposal,
            facts=(her_address(source, 0.8, at),),
        )

    def _case(self, act: Act, at: datetime, signal: Signal) -> Case:
        later = at + timedelta(hours=1)
        return Case(
            bucket=act.key.bucket,
            counted=True,
            invited=False,
            version=act.version,
            customer_id=act.key.customer_id,
            act_id=act.act_id,
            hour=hour_of(at),
            at=later,
            learned_at=later,
            kind=signal,
            automation=self.automation,
            source="help-desk",
            message_id=f"said-{act.act_id}",
        )
