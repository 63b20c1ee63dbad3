"""A house in which things come back: customers in a real record, acts that left, and a clock of one's own."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.act import Act, ActKind, Benefit, Lane, Proposal, Reach, Undo
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Decision, UsedFact, Verdict
from terrain.core.fact import FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey, new_id
from terrain.core.outbox import ActState, Ending
from terrain.flow import crediting
from terrain.flow.take_in import Message, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import acts, counters, decisions, signals
from terrain.store.signals import Case
from tests.journeys import a_shop
from tests.people import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYWHERE = range(BUCKETS)
MAY_BE_CORRECTED = {"page": SourceKind.CUSTOMER_SAID, "shop": SourceKind.TRANSACTION}


class Returns:
    """What was done, what comes back, and what is counted."""

    def __init__(self, db: Connection, now: datetime = NOON) -> None:
        self.db = db
        self.now = now
        self.house: House = a_shop()
        self.happened: datetime | None = None  # when what is told now did; None: now
        self._said = 0

    # -- what happens --------------------------------------------------------------------------

    def customer(self, user: str = "lea", **traits: Any) -> CustomerKey:
        said = {"type": "identify", "userId": user, "traits": {"name": user, **traits}}
        return self._told(said, "shop", self.now)

    def sends(self, key: CustomerKey, **more: Any) -> Act:
        """Let an act leave now, decided now on what `used` and `subject` say."""
        used, subject = more.pop("used", {}), more.pop("subject", "")
        act = self.decides(key, used=used, subject=subject, **more)
        self.leaves(act)
        return act

    def decides(self, key: CustomerKey, **more: Any) -> Act:
        used, subject = more.pop("used", {}), more.pop("subject", "")
        given = {
            "key": key,
            "act_id": new_id(self.now),
            "decision_id": new_id(self.now),
            "kind": ActKind.SEND,
            "name": "hello",
            "automation": "reminder",
            "version": 1,
            "step": "send",
            "purpose": Purpose.PROSPECTING,
            "reach": Reach.INBOX,
            "channel": Channel.EMAIL,
            "lane": Lane.USUAL,
            "due_at": self.now,
        }
        act = Act(**{**given, **more})
        with self.db.transaction():
            decisions.save(self.db, [_decision(act, self.now, used, subject)])
            acts.queue(self.db, [act], self.now)
        return act

    def leaves(self, act: Act) -> None:
        with self.db.transaction():
            acts.settle(self.db, [Ending(act=act, state=ActState.LEFT, left_at=self.now)])

    def hears(self, user: str, event: str, source: str = "page", **said: Any) -> None:
        """Hear what somebody says now, and let a worker come to it."""
        self.is_told(user, event, source, **said)
        self.works()

    def is_told(self, user: str, event: str, source: str = "page", **said: Any) -> None:
        at = said.pop("at", self.happened or self.now)
        message_id = said.pop("message_id", "")
        call = {"type": "track", "event": event, "userId": user, "properties": said}
        self._told(call, source, at, message_id)

    def works(self) -> None:
        while True:
            with self.db.transaction():
                if turn(self.db, self.house, EVERYWHERE, self.now) == NOTHING:
                    return

    def looks_again(self) -> int:
        with self.db.transaction():
            return crediting.look_again(self.db, EVERYWHERE, self.house, self.now)

    # -- what is known of it -------------------------------------------------------------------

    def cases(self, *keys: CustomerKey) -> list[Case]:
        return signals.of_customer(self.db, keys)

    def kinds(self, act: Act) -> set[str]:
        return {str(case.kind) for case in self.cases(act.key) if case.act_id == act.act_id}

    def counted(self, what: str = "signal.") -> Counter[str]:
        sums = counters.sums(self.db, counters.EVER)
        return Counter({each.what: each.n for each in sums if each.what.startswith(what)})

    def by_version(self, what: str) -> dict[tuple[str, int], int]:
        sums = counters.sums(self.db, counters.EVER, of=[what])
        return {(each.automation, each.version): each.n for each in sums}

    def hours(self, what: str) -> dict[datetime, int]:
        return {each.hour: each.n for each in counters.by_hour(self.db, counters.EVER, [what])}

    def loose(self) -> list[str]:
        rows = self.db.execute("SELECT kind FROM loose_signal ORDER BY learned_at, kind")
        return [kind for (kind,) in rows]

    def _told(
        self, call: dict[str, Any], source: str, at: datetime, message_id: str = ""
    ) -> CustomerKey:
        self._said += 1
        call |= {"messageId": message_id or f"m-{self._said}", "timestamp": at.isoformat()}
        with self.db.transaction():
            (taken,) = take_in(
                self.db, [Message(raw=msgspec.json.encode(call), archive=True)], source, self.now
            )
        assert taken.node is not None
        if call["type"] == "identify":
            self.works()
        return taken.node


def _decision(act: Act, now: datetime, used: dict[str, Any], subject: str) -> Decision:
    proposal = Proposal(
        automation=act.automation,
        version=act.version,
        step=act.step,
        act=act.kind,
        name=act.name,
        purpose=act.purpose,
        benefit=Benefit.USEFUL,
        reach=act.reach,
        undo=Undo.BY_CUSTOMER,
        subject=subject,
    )
    facts = tuple(
        UsedFact(
            key=FactKey(fact),
            value=value,
            confidence=0.9,
            source="shop",
            kind=SourceKind.TRANSACTION,
            since=now,
        )
        for fact, value in used.items()
    )
    return Decision(
        decision_id=act.decision_id,
        key=act.key,
        at=now,
        verdict=Verdict.ACT,
        because="sure_enough",
        proposal=proposal,
        facts=facts,
    )
