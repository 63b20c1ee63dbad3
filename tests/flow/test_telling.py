"""Staff are told what was stopped: once an address, whoever dies in between."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from terrain.config import read
from terrain.core.breaker import Cause
from terrain.flow import telling
from terrain.store import notices, staff, trips
from tests.flow.conftest import Sending
from tests.outside import PostOffice, Receiving
from tests.oversight import (
    AUTOMATION,
    DEPUTY,
    HOUR,
    OWNER,
    a_house_that_watches,
    the_settings,
    tripped,
)
from tests.people import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def watched(sending: Sending) -> Sending:
    with sending.record.local() as db:
        people = a_house_that_watches(db)
        staff.keep_words(db, people["Camille"], "Camille", "fr")
    return sending


def body_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def trip(watched: Sending, **settings: Any) -> int:
    with watched.record.local() as db, db.transaction():
        return tripped(db, **settings).trip_id


def tell(watched: Sending, ago: timedelta = timedelta(), **settings: object) -> int:
    return telling.tell_some(watched.record, the_settings(**settings), NOON + ago)


def test_owner_and_deputy_get_a_letter_each_in_their_language(
    watched: Sending, post_office: PostOffice
) -> None:
    trip(watched)

    assert tell(watched) == 2
    assert tell(watched, HOUR) == 0

    letters = {message["To"]: message for message in post_office.messages}
    assert set(letters) == {OWNER, DEPUTY}
    assert letters[OWNER]["Subject"] == f"{AUTOMATION} est à l’arrêt"
    assert letters[DEPUTY]["Subject"] == f"{AUTOMATION} is stopped"
    text = body_of(letters[DEPUTY])
    assert "12 of 800" in text
    assert f"/automations/{AUTOMATION}" in text


def test_the_meters_own_sentence_is_what_they_read(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db, db.transaction():
        found = tripped(db)
        said = {"sentence": {"en": "12 of 800 since 3 March", "fr": "12 sur 800"}}
        db.execute(
            "UPDATE trip SET evidence = %s::jsonb WHERE trip_id = %s",
            [msgspec.json.encode(said).decode(), found.trip_id],
        )
    tell(watched)

    bodies = {m["To"]: body_of(m) for m in post_office.messages}
    assert "12 sur 800" in bodies[OWNER]
    assert "12 of 800 since 3 March" in bodies[DEPUTY]


def test_whoever_watches_gets_a_signed_word_without_anybodys_data(
    watched: Sending, receiving: Receiving
) -> None:
    number = trip(watched, watch_url=receiving.url)
    tell(watched, watch_url=receiving.url)

    ((headers, body),) = [(call.headers, call.body) for call in receiving.heard]
    said = msgspec.json.decode(body)
    assert said["type"] == "automation.stopped"
    assert said["data"]["trip_id"] == str(number)
    assert said["data"]["automation"] == AUTOMATION
    assert headers["webhook-signature"].startswith("v1,")
    assert headers["webhook-id"].startswith("notice_")


def test_a_mail_server_that_is_away_delays_it_and_loses_nothing(
    watched: Sending, post_office: PostOffice
) -> None:
    number = trip(watched)
    tell(watched, smtp_url="smtp://127.0.0.1:1")
    assert post_office.mail == []
    assert tell(watched, SECOND) == 0

    assert tell(watched, HOUR) == 2
    with watched.record.local() as db:
        told = [one for one in notices.of_trip(db, number) if one.kind == "mail"]
    assert {(one.state, one.tries) for one in told} == {("told", 2)}
    assert len(post_office.mail) == 2


def test_what_nobody_takes_is_given_up_after_a_while_and_says_why(watched: Sending) -> None:
    number = trip(watched)
    for hour in range(telling.MOST_TRIES + 3):
        tell(watched, hour * HOUR, smtp_url="smtp://127.0.0.1:1")

    with watched.record.local() as db:
        told = [one for one in notices.of_trip(db, number) if one.kind == "mail"]
    assert {one.state for one in told} == {"failed"}
    assert all(one.because for one in told)


def test_a_pause_that_is_rolled_back_tells_nobody(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db, db.transaction(force_rollback=True):
        tripped(db)

    assert tell(watched, HOUR) == 0
    assert post_office.mail == []


def test_two_workers_tell_each_address_once(watched: Sending, post_office: PostOffice) -> None:
    trip(watched)
    with watched.record.local() as db, db.transaction():
        assert len(notices.claim(db, NOON, NOON + HOUR, 10)) == 2
        assert tell(watched) == 0
    assert tell(watched, SECOND) == 0
    assert tell(watched, 2 * HOUR) == 2  # whoever had claimed them died
    assert sorted(post_office.recipients) == [OWNER, DEPUTY]


def test_there_is_a_word_for_every_cause() -> None:
    assert set(telling.WHY) == set(Cause)


# -- kill -9 ---------------------------------------------------------------------------------------

DIES = """
import os, signal, sys
import psycopg
from terrain.flow import telling
from tests.oversight import tripped
from tests.people import NOON

with psycopg.connect(sys.argv[1], autocommit=True) as db:
    with db.transaction():
        tripped(db)
    os.kill(os.getpid(), signal.SIGKILL)
"""
DIES_AFTER_CLAIMING = """
import os, signal, sys
from datetime import timedelta
from email.message import EmailMessage
from terrain.config import read
from terrain.flow import telling
from terrain.store.connection import Record
from tests.people import NOON

telling._tell = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Record(sys.argv[1]).opened() as record:
    telling.tell_some(record, read(), NOON)
"""


def run(program: str, watched: Sending) -> int:
    command = [sys.executable, "-c", program, watched.record.conninfo]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def test_killed_between_the_pause_and_the_notice_it_still_goes_once_an_address(
    watched: Sending, post_office: PostOffice
) -> None:
    assert run(DIES, watched) == -signal.SIGKILL
    assert post_office.mail == []

    tell(watched)
    tell(watched, HOUR)

    assert sorted(post_office.recipients) == [OWNER, DEPUTY]


def test_killed_while_telling_it_goes_once_the_lease_ran_out(
    watched: Sending, post_office: PostOffice
) -> None:
    trip(watched)
    assert run(DIES_AFTER_CLAIMING, watched) == -signal.SIGKILL

    assert tell(watched, SECOND) == 0
    assert tell(watched, telling.LEASE + SECOND) == 2
    assert sorted(post_office.recipients) == [OWNER, DEPUTY]
    names = [message["Message-ID"] for message in post_office.messages]
    assert len(set(names)) == 2


def test_the_letter_of_one_notice_has_one_name_however_often_it_is_sent(watched: Sending) -> None:
    trip(watched)
    with psycopg.connect(watched.record.conninfo) as db:
        one = notices.claim(db, NOON, NOON + HOUR, 1)[0]
        stopped = trips.find(db, one.trip_id)
        assert stopped is not None
        letters = {telling.letter_of(db, one, stopped, read()).message_id for _ in range(3)}
    assert len(letters) == 1
