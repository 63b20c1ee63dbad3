"""A house from which acts leave: customers in the record, words on disk, a mail server, a receiver."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from terrain.config import read, secret_of
from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.catalogue import Action, Catalogue
from terrain.core.consent import Channel, Purpose
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, Kind, new_id
from terrain.flow.carry_out import hang_up, send_some
from terrain.store import acts
from terrain.store.connection import Record
from terrain.store.identifiers import resolve
from tests.outside import PostOffice, Receiving
from tests.people import NOON, a_house

EVERY_LANE = (Lane.URGENT, Lane.USUAL, Lane.BULK)
HELLO = {
    "en": "Subject: Hello {{ name }}\nHello {{ name }}, [read on](https://shop.example/on).",
    "fr": "Subject: Bonjour {{ name }}\nBonjour {{ name }}.",
}


class Sending:
    """Acts put into the outbox of a real database, and sent from there."""

    def __init__(self, conninfo: str, receiver: Receiving) -> None:
        self.record = Record(conninfo).open()
        ship = Action(name="ship", url=receiver.url)
        again = Action(name="again", url=receiver.url, idempotent=True)
        actions = {"ship": ship, "again": again, "sms": again}
        self.house: House = replace(a_house(Catalogue(actions=actions)), secret=secret_of(read()))

    def customer(self, name: str) -> CustomerKey:
        address = Identifier(Kind.EMAIL, f"{name}@example.org")
        with self.record.local() as db:
            return resolve(db, [address], NOON)[address]

    def queue(self, *some: Act) -> None:
        with self.record.local() as db:
            acts.queue(db, some, NOON)

    def send(self, seconds: float = 0) -> int:
        now = NOON + timedelta(seconds=seconds)
        return send_some(self.record, self.house, range(256), EVERY_LANE, now)

    def send_all(self) -> None:
        while self.send():
            pass

    def standing(self, act: Act) -> acts.Standing:
        with self.record.local() as db:
            found = acts.find(db, act.key, act.act_id)
        assert found is not None
        return found


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@pytest.fixture
def receiving() -> Iterator[Receiving]:
    with Receiving() as receiver:
        yield receiver


@pytest.fixture
def sending(
    fresh_database: str,
    post_office: PostOffice,
    receiving: Receiving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Sending]:
    (tmp_path / "messages").mkdir()
    for language, words in HELLO.items():
        (tmp_path / "messages" / f"hello.{language}.md").write_text(words)
    monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(tmp_path))
    monkeypatch.setenv("TERRAIN_SMTP_URL", post_office.url)
    monkeypatch.setenv("TERRAIN_MAIL_FROM", "hello@shop.example")
    monkeypatch.setenv("TERRAIN_MAIL_PER_MINUTE", "0")
    working = Sending(fresh_database, receiving)
    yield working
    working.record.close()
    hang_up()


def a_letter(key: CustomerKey, **changes: object) -> Act:
    act = Act(
        key=key,
        act_id=new_id(NOON),
        decision_id=1,
        kind=ActKind.SEND,
        name="hello",
        automation="welcome",
        version=1,
        step="send",
        purpose=Purpose.SERVICE,
        reach=Reach.INBOX,
        channel=Channel.EMAIL,
        lane=Lane.USUAL,
        due_at=NOON,
        recipient="email",
        run_id=9,
        content={"template": "hello", "language": "en", "values": {"name": "Léa"}},
    )
    return replace(act, **changes)


def a_shipment(key: CustomerKey, action: str = "again", **changes: object) -> Act:
    given = {
        "kind": ActKind.DO,
        "name": action,
        "channel": Channel.WEBHOOK,
        "reach": Reach.HOME,
        "content": {"action": action, "payload": {"order": "A-1"}},
    }
    return a_letter(key, **{**given, **changes})
