"""Léa as the record knows her once she was reminded of her filter and asked about her parcel."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.config import read
from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Verdict
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey
from terrain.core.link import LinkKind, link_to, sign
from terrain.core.outbox import ActState, Ending
from terrain.core.question import Question
from terrain.flow import own_page, reference
from terrain.flow.take_in import Message, take_in
from terrain.flow.turn import turn
from terrain.store import acts, automations, decisions, questions
from tests.journeys import example_catalogue, examples
from tests.proposals import REMINDER, but, her_address

SECRET = "a secret that only the tests know"
ACT, DECISION, QUESTION = 11, 12, 13
AUTOMATION = "filter-reminder"


class Reminded:
    """One customer in a real record, and the links that stand in her messages."""

    def __init__(self, db: Connection, user_id: str = "lea", name: str = "Léa Martin") -> None:
        self.db = db
        self.user_id = user_id
        self.now = datetime.now(UTC)
        self.key = self._known(name)
        self._reminded()
        self._asked()

    def link(
        self, kind: LinkKind = LinkKind.PAGE, ago: timedelta = timedelta(), to: str = ""
    ) -> str:
        link = link_to(kind, self.key, ACT, self.now - ago, to)
        return sign(SECRET, link)

    @property
    def page(self) -> str:
        return f"/my/{self.link()}"

    @property
    def house(self) -> House:
        return reference.house(self.db, read())

    def buys_a_filter(self) -> "Reminded":
        """Let the shop promise reminders, and a filter arrive at her door."""
        automations.keep_catalogue(self.db, example_catalogue(), self.now)
        automations.add_version(self.db, examples()[AUTOMATION], "", self.now)
        items = [{"sku": "filter-a", "quantity": 1}]
        self.hear("order.delivered", order="order-1", items=items)
        self.work()
        return self

    def hear(self, event: str, source: str = "shop", **said: Any) -> None:
        message = {"type": "track", "event": event, "userId": self.user_id, "properties": said}
        with self.db.transaction():
            take_in(self.db, [Message(raw=msgspec.json.encode(message))], source, self.now)

    def said(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what she said on her page, as events."""
        rows = self.db.execute(
            """
            SELECT name, payload FROM event
             WHERE source = 'customer-page' AND customer_id = %s ORDER BY received_at
            """,
            [self.key.customer_id],
        )
        return [(name, msgspec.json.decode(raw)["properties"]) for name, raw in rows]

    def work(self) -> Customer:
        """Let a worker take its turns; return her as she is known then."""
        house = reference.house(self.db, read())
        with self.db.transaction():
            turn(self.db, house, range(BUCKETS), datetime.now(UTC))
        return own_page.load(self.db, self.key, house, datetime.now(UTC))

    def gets_it(self) -> None:
        """Let what waits for her have left."""
        standing = acts.find(self.db, self.key, ACT)
        assert standing is not None
        acts.settle(self.db, [Ending(act=standing.act, state=ActState.LEFT, left_at=self.now)])

    def state_of_act(self) -> str:
        (state,) = self.db.execute(
            "SELECT state FROM act WHERE act_id = %s AND customer_id = %s",
            [ACT, self.key.customer_id],
        ).fetchone() or ("",)
        return str(state)

    def _known(self, name: str) -> CustomerKey:
        who = {"name": name, "email": f"{self.user_id}@example.org", "address": "12 rue des Lilas"}
        said = {"type": "identify", "userId": self.user_id, "messageId": "m1", "traits": who}
        with self.db.transaction():
            (taken,) = take_in(self.db, [Message(raw=msgspec.json.encode(said))], "shop", self.now)
        assert taken.node
        self.key = taken.node
        self.work()
        return taken.node

    def _reminded(self) -> None:
        decisions.save(self.db, [self._decision()])
        act = Act(
            key=self.key,
            act_id=ACT,
            decision_id=DECISION,
            kind=ActKind.SEND,
            name="filter-reminder",
            automation=AUTOMATION,
            version=1,
            step="send",
            purpose=Purpose.PROSPECTING,
            reach=Reach.INBOX,
            channel=Channel.EMAIL,
            lane=Lane.USUAL,
            due_at=self.now + timedelta(days=1),
        )
        acts.queue(self.db, [act], self.now)
        assert self.state_of_act() == ActState.QUEUED

    def _decision(self) -> Decision:
        proposal = but(REMINDER, channel=None, assumes=())
        address = her_address(since=self.now - timedelta(days=90))
        return Decision(
            decision_id=DECISION,
            key=self.key,
            at=self.now,
            verdict=Verdict.ACT,
            because="sure_enough",
            proposal=proposal,
            facts=(address,),
        )

    def _asked(self) -> None:
        question = Question(
            key=self.key,
            question_id=QUESTION,
            fact=FactKey("wants_sooner", "order-1"),
            asked_at=self.now,
            answers=("yes", "no", "always", "never"),
            words={
                "en": "Your parcel could come sooner. Shall we?",
                "fr": "Plus tôt ? On le fait ?",
            },
            deadline=self.now + timedelta(hours=6),
            automation="faster-parcel",
        )
        questions.save(self.db, [question])
