"""A house in which an automation did harm: who was touched, and the worker that looks for them and makes good."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.identifier import CustomerKey, Identifier, Kind, id_from, new_id
from terrain.core.outbox import ActState
from terrain.core.recall import Kind as Remedied
from terrain.core.recall import Recall, Remedy, Scope, State
from terrain.flow import making_good, recall, recall_look, reference
from terrain.flow.recall import Opening
from terrain.flow.take_in import said, take_in
from terrain.flow.turn import turn
from terrain.store import acts, decisions, recalled, recalls
from terrain.store.connection import Record
from terrain.store.identifiers import resolve
from terrain.store.recalled import Found
from tests.flow.test_recall import a_decision
from tests.oversight import AUTOMATION, a_house_that_watches

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
BECAUSE = "the wrong product was named"
SORRY = {
    "kind": "message",
    "subject.en": "We were wrong",
    "body.en": "Hello, we named the wrong filter. Sorry.",
    "subject.fr": "Notre erreur",
    "body.fr": "Bonjour, nous avons nommé le mauvais filtre. Pardon.",
}


class Harm:
    """An automation that wrote something wrong to people."""

    def __init__(self, db: Connection, conninfo: str) -> None:
        self.db = db
        self.conninfo = conninfo
        a_house_that_watches(db, now=NOW - 30 * DAY)

    def touched(self, name: str, state: ActState = ActState.LEFT, **more: Any) -> CustomerKey:
        """Let it have written to somebody, or be about to; return who they are."""
        address = Identifier(Kind.EMAIL, f"{name}@example.org")
        key = resolve(self.db, [address], NOW)[address]
        self.touch(key, state, **more)
        return key

    def touch(self, key: CustomerKey, state: ActState = ActState.LEFT, **more: Any) -> None:
        decided = a_decision(key, at=NOW - DAY, **more)
        act = Act(
            key=key,
            act_id=id_from(decided.at, "a", decided.decision_id),
            decision_id=decided.decision_id,
            kind=ActKind.SEND,
            name="hello",
            automation=AUTOMATION,
            version=decided.proposal.version,
            step="send",
            purpose=Purpose.SERVICE,
            reach=Reach.INBOX,
            channel=Channel.EMAIL,
            lane=Lane.USUAL,
            due_at=NOW + DAY,
            recipient="email",
        )
        decisions.save(self.db, [decided])
        acts.queue(self.db, [act], NOW - DAY)
        if state is not ActState.QUEUED:
            self.db.execute(
                "UPDATE act SET state = %s, due_at = NULL, left_at = %s WHERE act_id = %s",
                [state.value, NOW - DAY, act.act_id],
            )

    def tells(self, key: CustomerKey, name: str, event: str, **properties: Any) -> None:
        """Let somebody say something, and a worker take it in."""
        who = Identifier(Kind.EMAIL, f"{name}@example.org")
        word = said(event, [who], NOW, f"{event}-{properties}-{key}", properties=properties)
        with self.db.transaction():
            take_in(self.db, [word], "page", NOW)
        with self.db.transaction():
            turn(self.db, reference.house(self.db, read()), range(256), NOW)

    def opened(self, **more: Any) -> Recall:
        """Return a recall in which everybody is found."""
        given = {"automation": AUTOMATION, "by": "Camille", "because": BECAUSE}
        said_of = Opening(**{"since": NOW - 10 * DAY, **given, **more})
        house = reference.house(self.db, read())
        with self.db.transaction():
            one = recall.open_recall(self.db, said_of, house, read(), NOW)
        return self.looks(one)

    def looks(self, one: Recall) -> Recall:
        """Let the worker look for everybody."""
        house = reference.house(self.db, read())
        with Record(self.conninfo).opened() as record:
            while recall_look.look_on(record, house, one.recall_id, datetime.now(UTC)):
                pass
        return recall.known(self.db, one.recall_id)

    def works(self, hours: float = 0) -> None:
        """Let the worker go on with every recall, so many hours from now."""
        house, now = reference.house(self.db, read()), datetime.now(UTC) + timedelta(hours=hours)
        with Record(self.conninfo).opened() as record:
            for _ in range(50):
                steps = making_good.go_on(record, house, now)
                if not steps + making_good.make_good(record, house, range(256), now):
                    return

    def latest(self) -> Recall:
        (one,) = recalls.latest(self.db, 1)
        return one


def a_recall_of(db: Connection, key: CustomerKey, automation: str = AUTOMATION) -> int:
    """Write down a recall of one person whose remedy is prepared, and stop nothing; return its number."""
    words = {
        tongue: {"subject": SORRY[f"subject.{tongue}"], "body": SORRY[f"body.{tongue}"]}
        for tongue in ("en", "fr")
    }
    one = Recall(
        recall_id=new_id(NOW),
        automation=automation,
        state=State.LOOKING,
        opened_at=NOW,
        opened_by="Camille",
        because=BECAUSE,
        since=NOW - 9 * DAY,
        until=NOW,
        scope=Scope(
            automation=automation,
            since=NOW - 9 * DAY,
            until=NOW,
            fact="country",
            words="country: FR",
        ),
    )
    recalls.add(db, one, [])
    line = {"at": NOW.isoformat(), "name": "hello", "channel": "email", "state": "left"}
    line |= {"act_id": "1", "decision_id": "1"}
    recalled.keep(db, one.recall_id, [Found(key, 1, 0, NOW - DAY, NOW - DAY, [line])])
    remedy = Remedy(kind=Remedied.MESSAGE, words=words)
    moved = {"state": State.PREPARED, "found_at": NOW, "people": 1, "acts_done": 1}
    recalls.move(db, replace(one, **moved, remedy=remedy, prepared_at=NOW, prepared_by="Camille"))
    return one.recall_id
