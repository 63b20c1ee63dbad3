"""The mailbox: what lies in it is taken in, then marked as seen, and counts once."""

import re
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from terrain.config import read
from terrain.flow.listen import listen
from terrain.store import feeds, trays
from terrain.store.connection import Record
from tests.core.test_returned import a_reply
from tests.people import NOON


class Mailbox(socketserver.ThreadingTCPServer):
    """As much of an IMAP server as one mailbox needs."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mails: list[bytes]) -> None:
        self.mails = mails
        self.seen: set[int] = set()
        super().__init__(("127.0.0.1", 0), Talk)
        self.url = f"imap://lea:p%40ss@127.0.0.1:{self.server_address[1]}/INBOX"


class Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"* OK hello\r\n")
        for line in self.rfile:
            tag, _, command = line.strip().partition(b" ")
            self.answer(command.decode().upper(), command)
            bye = command.upper().startswith(b"LOGOUT")
            self.wfile.write(tag + b" OK done\r\n")
            if bye:
                return

    def answer(self, command: str, raw: bytes) -> None:
        if command.startswith("CAPABILITY"):
            self.wfile.write(b"* CAPABILITY IMAP4REV1\r\n")
        elif command.startswith("LOGIN"):
            assert b'"p@ss"' in raw
        elif command.startswith("SELECT"):
            self.wfile.write(b"* %d EXISTS\r\n" % len(self.server.mails))
        elif command.startswith(("UID SEARCH", "SEARCH")):
            unseen = (n for n in range(1, len(self.server.mails) + 1) if n not in self.server.seen)
            self.wfile.write(f"* SEARCH {' '.join(map(str, unseen))}\r\n".encode())
        elif command.startswith(("UID FETCH", "FETCH")):
            self.fetch(int(re.findall(r"\d+", command)[0]), full="BODY" in command)
        elif command.startswith("UID STORE"):
            self.server.seen.add(int(re.findall(r"\d+", command)[0]))
        elif command.startswith("LOGOUT"):
            self.wfile.write(b"* BYE\r\n")

    def fetch(self, number: int, *, full: bool) -> None:
        mail = self.server.mails[number - 1]
        if full:
            head = f"* {number} FETCH (UID {number} BODY[] {{{len(mail)}}}\r\n"
            self.wfile.write(head.encode() + mail + b")\r\n")
        else:
            self.wfile.write(f"* {number} FETCH (UID {number})\r\n".encode())


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox([a_reply("Bonjour"), b"Subject: \xff\xfe\r\n\r\nwhat"]) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def record(fresh_database: str) -> Iterator[Record]:
    record = Record(fresh_database).open()
    yield record
    record.close()


def tray(record: Record) -> dict[str, int]:
    with record.local() as db:
        return trays.count(db)


def look(record: Record, url: str, patch: pytest.MonkeyPatch) -> int:
    patch.setenv("TERRAIN_IMAP_URL", url)
    return listen(record, read(), NOON)


def test_what_arrived_is_taken_in_once(
    record: Record, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(record, mailbox.url, monkeypatch) == 2
    assert mailbox.seen == {1, 2}
    assert look(record, mailbox.url, monkeypatch) == 0


def test_what_nobody_understands_lies_in_the_tray(
    record: Record, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(record, mailbox.url, monkeypatch)

    assert tray(record) == {"mail": 1}


def test_a_mailbox_that_does_not_answer_is_read_later(
    record: Record, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = mailbox.url.replace(str(mailbox.server_address[1]), "1")

    assert look(record, nobody, monkeypatch) == 0
    assert tray(record) == {}


def test_since_when_it_does_not_answer_is_kept_until_it_does(
    record: Record, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(record, mailbox.url.replace(str(mailbox.server_address[1]), "1"), monkeypatch)
    with record.local() as db:
        assert feeds.find(db, feeds.MAILBOX) == (None, NOON)

    look(record, mailbox.url, monkeypatch)
    with record.local() as db:
        assert feeds.find(db, feeds.MAILBOX) == (NOON, None)


def test_what_the_record_did_not_take_stays_unseen(
    record: Record, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Connection:
        raise RuntimeError

    monkeypatch.setattr(record, "conn_for", fail)
    with pytest.raises(RuntimeError):
        look(record, mailbox.url, monkeypatch)

    assert mailbox.seen == set()
