"""The shop on the real record: what is told goes in by the door, turns are taken, acts leave.

Promise: the record cannot tell the play from a shop; only the clock is not the wall's. The stories of
the tests and the demo that `make up` loads stand on the same stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.channels.mime import as_bytes
from terrain.config import Settings, read
from terrain.core.act import Act
from terrain.core.approval import Origin, Signature
from terrain.core.consent import Channel
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.identifier import BUCKETS
from terrain.core.message import Letter
from terrain.core.outbox import ActState, Ending
from terrain.demo.shop import COMPANY, EXAMPLES, Files
from terrain.demo.wire import SOURCES, Told
from terrain.flow.letters import Desk, letter_of
from terrain.flow.links import links_of
from terrain.flow.take_in import Known, Message, Outcome, Result, door_of, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import acts, automations, caught_mail, customers, people, sources
from terrain.store.automations import Signed
from terrain.store.caught_mail import Caught
from terrain.store.sources import Source

ALL_BUCKETS = range(BUCKETS)
DOOR = "demo"
# One of the demo's files reaches a home, which takes a second person elsewhere: the record says who it was here.
BY_THE_DEMO = Signed(
    origin=Origin.DEMO,
    proposed=Signature(by="the demo"),
    approved=Signature(by="the demo", because="the demo plays its own files"),
)


class NotUnderstood(Exception):
    """The demo told something that the door refused."""


def open_shop(db: Connection, shop: Files, files: dict[str, str], now: datetime) -> None:
    """Write down what the shop runs on: its names, its automations, how far its sources go."""
    automations.keep_catalogue(db, shop.catalogue, now)
    for each in shop.automations:
        automations.add_version(db, each, files.get(each.name, ""), now, BY_THE_DEMO)
    for name, kind in SOURCES.items():
        sources.declare(db, Source(name=name, kind=SourceKind(kind)))


def tell(db: Connection, told: Iterable[Told], now: datetime, known: Known) -> list[Result]:
    """Say it at the door; a message of the demo that is refused is a bug of the demo."""
    messages = [
        Message(raw=msgspec.json.encode(each.message), source=each.source, archive=True)
        for each in sorted(told, key=lambda each: each.order)
    ]
    results = take_in(db, messages, DOOR, now, door_of(read(), known))
    for each in results:
        if each.outcome is Outcome.REFUSED:
            raise NotUnderstood(each.refusal)
    return results


def take_turns(db: Connection, house: House, now: datetime) -> None:
    """Take turns until nothing waits and nothing is due."""
    while turn(db, house, ALL_BUCKETS, now) != NOTHING:
        pass


def let_leave(db: Connection, now: datetime) -> Sequence[Act]:
    """Let everything in the outbox leave into the shadow, and return it."""
    leaving = acts.waiting(db)
    acts.settle(db, [Ending(act=act, state=ActState.LEFT, left_at=now) for act in leaving])
    return leaving


def next_date(db: Connection) -> datetime | None:
    """Return when the next run falls due."""
    row = db.execute("SELECT min(due_at) FROM run WHERE due_at IS NOT NULL").fetchone()
    found: datetime | None = row[0] if row else None
    return found


class Mailing:
    """Shows letters as the local sink would have caught them."""

    def __init__(self, house: House, settings: Settings) -> None:
        own = msgspec.structs.replace(settings, automations=EXAMPLES)
        self.house = msgspec.structs.replace(house, company=COMPANY)
        self.desk = Desk(own, links_of(settings))

    def show(self, db: Connection, left: Sequence[Act]) -> None:
        letters = [act for act in left if act.channel is Channel.EMAIL]
        home = customers.survivors(db, {act.key for act in letters})
        for place, act in enumerate(letters):
            key = home[act.key]
            who = people.load(db, [key], act.due_at, secret=self.house.secret)[key]
            letter = letter_of(act, who, self.house, self.desk, act.due_at)
            caught_mail.keep(db, [_caught(letter, act.due_at, place)])


def _caught(letter: Letter, at: datetime, place: int) -> Caught:
    return Caught(
        caught_id=int(at.timestamp() * 1_000_000) + place,  # numbered as the sink numbers
        at=at,
        sender=letter.sender,
        recipient=letter.to,
        subject=letter.message.subject,
        message_id=letter.message_id,
        raw=as_bytes(letter, at),
    )
