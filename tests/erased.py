"""Léa planted everywhere that a customer can stand, and a search of everything for what is left of her."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from psycopg import Connection, sql

from terrain.config import read
from terrain.core.act import Act
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey, Identifier, Kind, new_id
from terrain.core.outbox import ActState, Ending
from terrain.core.run import Run, RunState
from terrain.core.task import Task, TaskKind
from terrain.flow import aftermath, erasure, forgetting, reference, setbacks
from terrain.flow.erasure import Asking
from terrain.flow.forgetting import How
from terrain.flow.take_in import Message, Result, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import (
    acts,
    caught_mail,
    customers,
    erasures,
    identifiers,
    recalled,
    runs,
    tasks,
    trays,
)
from terrain.store.caught_mail import Caught
from terrain.store.recalled import Found
from terrain.store.trays import Misfit
from tests.reminded import Reminded

WORD = "Mirabelle-Quetsche"
USER_ID, EMAIL, OTHER_EMAIL = "user-of-lea-47x", "lea.planted@example.org", "Lea.Other@example.net"
PHONE, CARD, HANDLE, VISITOR = "+33612345678", "CARD77889900", "insta:lea_planted", "visitor-77aa88"
TRACES = (
    *(WORD, USER_ID, EMAIL, OTHER_EMAIL, CARD, "lea_planted", VISITOR),
    *("612345678", "06 12 34 56 78"),
)
SOON = timedelta(seconds=1)


class Planted:
    """A record in which Léa stands in every table and every tray, beside Omar."""

    def __init__(self, db: Connection, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self.now = datetime.now(UTC)
        self.omar = Reminded(db, "omar", "Omar Diallo")
        self.key = self._known()

    @property
    def house(self) -> House:
        return reference.house(self.db, read())

    def hears(
        self, *messages: dict[str, Any], source: str = "shop", after_days: float = 0
    ) -> list[Result]:
        raw = [Message(raw=msgspec.json.encode(each), archive=True) for each in messages]
        with self.db.transaction():
            now = datetime.now(UTC) + timedelta(days=after_days)
            return take_in(self.db, raw, source, now)

    def works(self) -> None:
        for _ in range(20):
            with self.db.transaction():
                if turn(self.db, self.house, range(BUCKETS), datetime.now(UTC)) == NOTHING:
                    return

    def asks(self, days: float = 3) -> None:
        with self.db.transaction():
            asking = Asking(timedelta(days=days))
            erasure.ask(self.db, self.key, self.house, datetime.now(UTC), asking)

    def erases(self, after_days: float = 3) -> How:
        """Let a worker come by after so many days."""
        now = datetime.now(UTC) + timedelta(days=after_days) + SOON
        how = How.GONE
        for one in erasures.due(self.db, range(BUCKETS), now, 20):
            how = forgetting.whole(self.db, one, self.house, self.folder, now)
        return how

    def found(self) -> dict[str, int]:
        """Return where anything of hers is left: every column of every table, and the files."""
        return {place: n for place, n in self._search() if n}

    def node_of(self, kind: Kind, value: str) -> CustomerKey | None:
        name = Identifier(kind, value)
        return identifiers.find(self.db, [name]).get(name)

    def _search(self) -> Iterator[tuple[str, int]]:
        columns = self.db.execute(
            """
            SELECT table_name, column_name, data_type FROM information_schema.columns
             WHERE table_schema = 'public'
            """
        ).fetchall()
        for table, column, kind in columns:
            said = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text")
            query = sql.SQL("SELECT count(*) FROM {} WHERE {} ILIKE ANY(%s)").format(
                sql.Identifier(table), said.format(sql.Identifier(column))
            )
            row = self.db.execute(query, [[f"%{trace}%" for trace in TRACES]]).fetchone()
            yield f"{table}.{column}", row[0] if row else 0
        for file in self.folder.rglob("*"):
            if file.is_file():
                text = file.read_bytes().lower()
                yield str(file), sum(trace.lower().encode() in text for trace in TRACES)

    def _known(self) -> CustomerKey:
        traits = {"name": WORD, "email": EMAIL, "phone": PHONE, "address": f"1 rue {WORD}"}
        more = {"traits": {"email": EMAIL, "card": CARD, "handle": HANDLE}}
        results = self.hears(
            {"type": "identify", "userId": USER_ID, "messageId": "p1", "traits": traits},
            {"type": "page", "anonymousId": VISITOR, "name": WORD, "messageId": "p2"},
            {
                "type": "identify",
                "userId": USER_ID,
                "anonymousId": VISITOR,
                "messageId": "p3",
                "context": more,
            },
            {
                "type": "track",
                "event": "fact.corrected",
                "userId": USER_ID,
                "messageId": "p4",
                "properties": {"fact": "email", "from": EMAIL, "to": OTHER_EMAIL},
            },
            {
                "type": "track",
                "event": "consent.given",
                "userId": USER_ID,
                "messageId": "p5",
                "properties": {
                    "purpose": "prospecting",
                    "channel": "email",
                    "wording": WORD,
                    "identifier": EMAIL,
                },
            },
            {
                "type": "track",
                "event": "message.bounced",
                "userId": USER_ID,
                "messageId": "p6",
                "properties": {"recipient": EMAIL, "channel": "email"},
            },
            {
                "type": "track",
                "event": "person.wanted",
                "userId": USER_ID,
                "messageId": "p7",
                "properties": {"text": WORD},
            },
            {
                "type": "track",
                "event": "order.delivered",
                "userId": USER_ID,
                "messageId": "p8",
                "properties": {"order": f"order {WORD}", "items": [{"sku": "filter-a"}]},
            },
        )
        self.works()
        node = results[0].node
        assert node is not None
        (home,) = customers.survivors(self.db, [node]).values()
        self.key = home
        self._plant(home)
        return home

    def _plant(self, home: CustomerKey) -> None:
        """Put her where events alone do not lead: the outbox, runs, questions, trays, caught mail."""
        lea = Reminded(self.db, USER_ID, WORD)
        act = self._acts(home)
        self._runs(home)
        tasks.save(
            self.db,
            [
                Task(
                    key=lea.key,
                    task_id=new_id(self.now),
                    kind=TaskKind.STEP,
                    title=WORD,
                    opened_at=self.now,
                    file={"said": WORD, "to": EMAIL},
                )
            ],
        )
        aftermath.write(
            self.db,
            [Ending(act=act, state=ActState.FAILED, because="bug", detail=WORD)],
            self.now,
        )
        self._trays(home)
        self._came_back(home)
        caught_mail.keep(self.db, [_caught(1, EMAIL), _caught(2, OTHER_EMAIL.lower())])
        # Another waits to be handled still, and one that nobody can.
        self.hears({"type": "track", "event": WORD, "userId": USER_ID, "messageId": f"p9 {WORD}"})

    def _came_back(self, home: CustomerKey) -> None:
        """Let her complain, pull the cord, say what she needs, and be part of a recall."""
        said = {
            "complaint.opened": {"act_id": "101", "text": WORD},
            "signal.reported": {"kind": "spam", "act_id": "4711", "text": EMAIL},
            "automation.flagged": {"automation": "filter-reminder", "text": WORD},
            "need.seen": {"text": WORD},
        }
        self.hears(
            *(
                {"type": "track", "event": event, "userId": USER_ID, "messageId": event}
                | {"properties": properties}
                for event, properties in said.items()
            )
        )
        self.works()
        found = Found(home, 1, 0, self.now, self.now, [{"name": WORD}])
        recalled.keep(self.db, 1, [found])

    def _acts(self, home: CustomerKey) -> Act:
        standing = acts.find(self.db, self.omar.key, 11)
        assert standing is not None
        content = {"values": {"name": WORD, "to": EMAIL}, "payload": {"phone": PHONE}}
        some = [
            replace(standing.act, key=home, act_id=number, name=WORD, content=content)
            for number in (101, 102, 103)
        ]
        acts.queue(self.db, some, self.now)
        acts.settle(self.db, [Ending(act=some[0], state=ActState.LEFT, left_at=self.now)])
        return some[1]

    def _runs(self, home: CustomerKey) -> None:
        run = Run(
            key=home,
            run_id=new_id(self.now),
            automation="filter-reminder",
            version=1,
            subject=f"order {WORD}",
            state=RunState.WAITING,
            place=(0,),
            started_at=self.now,
            started_by="event",
            due_at=self.now + timedelta(days=99),
            context={"event": {"properties": {"name": WORD, "email": EMAIL}}},
        )
        runs.save(self.db, [run])

    def _trays(self, home: CustomerKey) -> None:
        mail = (
            b"From: someone@example.org\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + b64encode(f"I am {EMAIL}, {WORD}".encode())
        )
        held = [
            (
                "event",
                b'{"userId":"'
                + USER_ID.encode()
                + b'","properties":{"x":"'
                + WORD.encode()
                + b'"}}',
            ),
            ("event", b'{"traits":{"phone":"06 12 34 56 78","note":"' + WORD.encode() + b'"}}'),
            ("event", b'broken {"to": "' + OTHER_EMAIL.encode() + b'" ' + WORD.encode()),
            ("mail", mail),
            (
                "bug",
                msgspec.json.encode(
                    setbacks.Pointer(home.bucket, home.customer_id, 1, f"p9 {WORD}")
                ),
            ),
        ]
        trays.put(
            self.db,
            [
                Misfit(kind, "shop", "bug", {"code": "bug", "value": EMAIL}, raw)
                for kind, raw in held
            ],
            self.now,
        )


def _caught(number: int, to: str) -> Caught:
    return Caught(
        caught_id=number,
        at=datetime.now(UTC),
        sender="hello@shop.example",
        recipient=to,
        subject=WORD,
        message_id="<other@shop.example>",
        raw=f"To: {to}\r\n\r\nDear {WORD}".encode(),
    )
