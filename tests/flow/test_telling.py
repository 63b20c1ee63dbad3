"""Staff are told what was stopped: once an address, whoever dies in between."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from terrain.config import read
from terrain.core.breaker import Cause
from terrain.core.cohorts import Day
from terrain.core.look import Kept
from terrain.flow import breaker, telling
from terrain.flow.breaker import Tripping
from terrain.store import counters, notices, staff, trips, watches
from terrain.store.counters import What
from tests.core.test_meter_picture import a_reading, a_watch
from tests.flow.conftest import Sending
from tests.outside import PostOffice, Receiving, answer
from tests.oversight import (
    AUTOMATION,
    DAY,
    DEPUTY,
    HOUR,
    MANAGER,
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
        letters = {telling.letter_of(db, one, stopped, read(), NOON).message_id for _ in range(3)}
    assert len(letters) == 1


# -- what the letter shows -------------------------------------------------------------------------

COUNTED = "12 of 800 since 3 March"


def strayed(watched: Sending) -> int:
    """Let a meter stop it: forty days in which all was well, then eight in which it was not."""
    of = msgspec.structs.replace(a_watch(), automation=AUTOMATION)
    year = [Day(NOON.date() - (47 - n) * DAY, 100, 3 if n >= 40 else 0) for n in range(48)]
    with watched.record.local() as db, db.transaction():
        for day in year:
            at = datetime.combine(day.day, time(9), UTC)
            seen = [What(AUTOMATION, 1, "act.left")] * day.acts
            seen += [What(AUTOMATION, 1, f"signal.{of.signal}")] * day.bad
            counters.add(db, counters.counts(1, at, seen))
        reading = a_reading(of, year)
        watches.save(db, [Kept(watch=of, reading=reading, at=NOON, began=year[0].day)])
        watches.next_look(db, NOON)
        said = {"en": COUNTED, "fr": "12 sur 800 depuis le 3 mars"}
        evidence = {"sentence": said, "signal": str(of.signal), "first_version": 1}
        what = Tripping(
            automation=AUTOMATION, cause=Cause.METER, because=COUNTED, evidence=evidence
        )
        stopped = breaker.trip(db, what, breaker.alarm_of(the_settings()), NOON)
    assert stopped is not None
    return stopped.trip_id


def test_the_letter_shows_the_meter_and_says_in_words_what_is_on_it(
    watched: Sending, post_office: PostOffice
) -> None:
    number = strayed(watched)
    tell(watched)

    letter = next(m for m in post_office.messages if m["To"] == DEPUTY)
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    html = letter.get_body(("html",))
    assert picture["Content-ID"] == f"<meter-{number:x}>"
    assert picture.get_content().startswith(b"\x89PNG")
    assert html is not None
    assert f'src="cid:meter-{number:x}" alt="{COUNTED}"' in html.get_content()
    assert COUNTED in body_of(letter)


def test_where_no_meter_stopped_it_there_is_no_picture(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db, db.transaction():
        tripped(db, cause=Cause.FLAG)
    tell(watched)

    for message in post_office.messages:
        assert [part for part in message.walk() if part.get_content_type() == "image/png"] == []
        assert "<img" not in str(message.get_body(("html",)))


def test_text_and_html_say_the_same_and_lead_to_the_cases(
    watched: Sending, post_office: PostOffice
) -> None:
    strayed(watched)
    tell(watched)

    letter = next(m for m in post_office.messages if m["To"] == OWNER)
    html = letter.get_body(("html",))
    assert html is not None
    for said in (
        "Bonjour Camille,",
        "12 sur 800 depuis le 3 mars",
        "À l’arrêt depuis le 22 novembre 2026 à 13:00.",
        f"/automations/{AUTOMATION}/watch",
        "Sans réponse d’ici le 22 novembre 2026 à 14:00",
    ):
        assert said in body_of(letter), said
        assert said in unescape(html.get_content()), said


def test_what_people_wrote_starts_no_html_of_its_own(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db, db.transaction():
        what = Tripping(
            automation=AUTOMATION, cause=Cause.RECALL, because="<b>bad</b> & worse", by="<i>Inès"
        )
        assert breaker.trip(db, what, breaker.alarm_of(the_settings()), NOON) is not None
    tell(watched)

    html = post_office.messages[0].get_body(("html",))
    assert html is not None
    assert "<b>bad" not in html.get_content()
    assert "&lt;b&gt;bad&lt;/b&gt; &amp; worse" in html.get_content()
    assert "<b>bad</b> & worse" in body_of(post_office.messages[0])


def test_who_is_told_later_reads_who_was_told_before(
    watched: Sending, post_office: PostOffice
) -> None:
    trip(watched)
    tell(watched)
    for level in range(2):
        with watched.record.local() as db, db.transaction():
            assert (
                breaker.escalate(
                    db, breaker.alarm_of(the_settings()), NOON + (level + 1) * 2 * HOUR
                )
                == 1
            )
        tell(watched, (level + 1) * 2 * HOUR)

    letter = next(m for m in post_office.messages if m["To"] == MANAGER)
    assert letter["Subject"] == f"{AUTOMATION} is stopped, and nobody has answered yet"
    assert "Camille, Omar: told before you" in body_of(letter)


def test_the_webhook_is_heard_again_at_each_level_until_somebody_answers(
    watched: Sending, receiving: Receiving
) -> None:
    number = trip(watched, watch_url=receiving.url)
    tell(watched, watch_url=receiving.url)
    with watched.record.local() as db, db.transaction():
        breaker.escalate(
            db, breaker.alarm_of(the_settings(watch_url=receiving.url)), NOON + 2 * HOUR
        )
    tell(watched, 2 * HOUR, watch_url=receiving.url)
    with watched.record.local() as db, db.transaction():
        breaker.answer(db, number, "Camille", "I am looking at it", NOON + 3 * HOUR)
        breaker.escalate(
            db, breaker.alarm_of(the_settings(watch_url=receiving.url)), NOON + 9 * HOUR
        )
    tell(watched, 9 * HOUR, watch_url=receiving.url)

    said = [msgspec.json.decode(call.body)["data"]["level"] for call in receiving.heard]
    assert said == [0, 1]
    assert len({call.headers["webhook-id"] for call in receiving.heard}) == 2


def test_a_receiver_that_breaks_is_called_again_under_the_same_key(
    watched: Sending, receiving: Receiving
) -> None:
    trip(watched, watch_url=receiving.url)
    receiving.answers.append(answer(500))
    tell(watched, watch_url=receiving.url)
    tell(watched, HOUR, watch_url=receiving.url)

    keys = [call.headers["webhook-id"] for call in receiving.heard]
    assert len(keys) == 2
    assert len(set(keys)) == 1
