"""The local sink: what Léa would have got, kept for reading, on this machine alone."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from psycopg import Connection

from terrain.channels import sink
from terrain.channels.email import Mailer
from terrain.store import caught_mail
from terrain.store.caught_mail import Caught
from tests.channels.test_email import NOON, TO_LEA


class Catching:
    """A sink in a thread of its own."""

    def __init__(self) -> None:
        self.caught: list[Caught] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        starting = sink.serve(self.caught.extend, "127.0.0.1", 0)
        self.server = asyncio.run_coroutine_threadsafe(starting, self.loop).result(5)
        self.port = self.server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.close)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def catching() -> Iterator[Catching]:
    running = Catching()
    yield running
    running.stop()


def test_the_sink_keeps_what_would_have_left(catching: Catching) -> None:
    mailer = Mailer(f"smtp://127.0.0.1:{catching.port}")
    mailer.send(TO_LEA, NOON)
    mailer.close()

    caught = catching.caught[0]
    assert caught.recipient == "lea@example.org"
    assert caught.subject == "C’est l’heure, Léa"
    assert caught.message_id == TO_LEA.message_id
    assert b"quoted-printable" in caught.raw


def test_the_oldest_make_room(db: Connection) -> None:
    caught_mail.keep(db, [a_catch(number) for number in range(1, 11)])
    caught_mail.make_room(db, most=3)

    assert [one.caught_id for one in caught_mail.latest(db)] == [10, 9, 8]
    assert caught_mail.latest(db, before=9)[0].caught_id == 8
    assert caught_mail.find(db, 10) == a_catch(10)


def a_catch(number: int) -> Caught:
    return Caught(
        caught_id=number,
        at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        sender="bonjour@shop.example",
        recipient="lea@example.org",
        subject="Bonjour",
        message_id=f"<{number}@shop.example>",
        raw=b"Subject: Bonjour\r\n\r\nBonjour",
    )
