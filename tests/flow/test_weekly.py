"""The letter of the week: once a person, on Monday morning, whoever dies in between."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import WrongSetting, read
from terrain.core.cohorts import Day
from terrain.core.look import Kept
from terrain.core.quadrant import Spot
from terrain.core.signal import Signal
from terrain.core.staff import Role
from terrain.flow import grading, weekly
from terrain.flow.telling import MOST_TRIES
from terrain.store import automations, counters, staff, watches, weekly_letters
from terrain.store.counters import What
from tests.core.test_meter_picture import a_reading, a_watch
from tests.flow.conftest import Sending
from tests.outside import PostOffice
from tests.oversight import (
    AUTOMATION,
    DEPUTY,
    MANAGER,
    OWNER,
    a_house_that_watches,
    an_automation,
    hire,
    the_settings,
    tripped,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 7, tzinfo=PARIS)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def watched(sending: Sending) -> Sending:
    with sending.record.local() as db:
        people = a_house_that_watches(db, now=MONDAY - 30 * DAY)
        staff.keep_words(db, people["Camille"], "Camille", "fr")
    return sending


def send(watched: Sending, at: datetime = MONDAY, **settings: object) -> int:
    return weekly.send_some(watched.record, the_settings(**settings), at)


def count(db: Connection, ago: timedelta, name: str = AUTOMATION, **seen: int) -> None:
    whats = [What(name, 1, what.replace("_", ".", 1)) for what, n in seen.items() for _ in range(n)]
    counters.add(db, counters.counts(1, MONDAY - ago, whats))


def body_of(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def letter_to(post_office: PostOffice, to: str) -> EmailMessage:
    (letter,) = [message for message in post_office.messages if message["To"] == to]
    return letter


# -- when and to whom ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "is_due"),
    [
        (MONDAY - MINUTE, False),
        (MONDAY, True),
        (MONDAY + DAY, True),
        (MONDAY + 2 * DAY - MINUTE, True),
        (MONDAY + 2 * DAY, False),
        (MONDAY + 6 * DAY, False),
        (datetime(2026, 3, 30, 7, tzinfo=PARIS), True),  # the day after the clocks were put forward
        (datetime(2026, 3, 30, 6, 59, tzinfo=PARIS), False),
    ],
)
def test_it_is_due_on_monday_morning_by_the_companys_clock(at: datetime, is_due: bool) -> None:  # noqa: FBT001
    assert (weekly.due(at.astimezone(UTC), PARIS) is not None) is is_due


def test_monday_morning_is_another_moment_in_another_zone() -> None:
    assert weekly.due(MONDAY, ZoneInfo("America/New_York")) is None
    assert weekly.due(MONDAY, ZoneInfo("Asia/Tokyo")) is not None


def test_whoever_answers_for_an_automation_gets_one_letter_and_nobody_else_any(
    watched: Sending, post_office: PostOffice
) -> None:
    assert send(watched) == 3
    assert [send(watched, MONDAY + n * HOUR) for n in range(1, 47)] == [0] * 46

    assert sorted(post_office.recipients) == [OWNER, MANAGER, DEPUTY]


def test_the_next_week_brings_the_next_letter(watched: Sending, post_office: PostOffice) -> None:
    send(watched)
    assert send(watched, MONDAY + 7 * DAY) == 3

    names = [message["Message-ID"] for message in post_office.messages]
    assert len(set(names)) == 6


def test_owners_read_of_theirs_alone_and_managers_of_all(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db:
        other = an_automation("other", owner=DEPUTY, deputy="")
        automations.add_version(db, other, "", MONDAY - DAY)
    send(watched)

    assert "other" not in body_of(letter_to(post_office, OWNER))
    assert "== other ==" in body_of(letter_to(post_office, DEPUTY))
    assert "== other ==" in body_of(letter_to(post_office, MANAGER))


def test_whoever_left_or_never_came_gets_none(watched: Sending, post_office: PostOffice) -> None:
    with watched.record.local() as db:
        camille = next(one for one in staff.everybody(db) if one.name == "Camille")
        staff.keep_active(db, camille.staff_id, active=False)
        staff.make(db, staff.New(name="Zoé", email="zoe@example.org", roles=[Role.MANAGER]))
    send(watched)

    assert sorted(post_office.recipients) == [MANAGER, DEPUTY]


def test_who_leaves_between_queue_and_letter_gets_none(
    watched: Sending, post_office: PostOffice
) -> None:
    send(watched, smtp_url="smtp://127.0.0.1:1")
    with watched.record.local() as db:
        for one in staff.everybody(db):
            staff.keep_active(db, one.staff_id, active=one.name == "Nadia")
    send(watched, MONDAY + HOUR)

    assert post_office.recipients == [MANAGER]


def test_a_retired_automation_is_told_of_no_more(watched: Sending, post_office: PostOffice) -> None:
    with watched.record.local() as db:
        db.execute("UPDATE automation SET retired_at = %s", [MONDAY - DAY])

    assert send(watched) == 0
    assert post_office.mail == []


def test_switched_off_it_is_silent(watched: Sending, post_office: PostOffice) -> None:
    assert send(watched, weekly_letter=False) == 0
    assert post_office.mail == []


@pytest.mark.parametrize("said", ["perhaps", "2", ""])
def test_a_setting_that_is_neither_yes_nor_no_is_refused(said: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read({"TERRAIN_WEEKLY_LETTER": said})

    assert (refused.value.field, refused.value.right) == ("TERRAIN_WEEKLY_LETTER", "true, false")


# -- what it says ----------------------------------------------------------------------------------


def test_it_says_what_was_done_and_what_came_back_beside_the_week_before(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db:
        count(db, 2 * DAY, act_left=312, decided_hold=7, signal_complaint=2)
        count(db, 9 * DAY, act_left=280)
        count(db, -HOUR, act_left=1_000)  # this morning is of the next week
    send(watched)

    text = body_of(letter_to(post_office, DEPUTY))
    assert "Done: 312 (280 the week before)" in text
    assert "Held back: 7 (0 the week before)" in text
    assert "Complaints: 2 (0 the week before)" in text
    assert "1,000" not in text


def strays(db: Connection) -> None:
    """Let the meter of a watch see eight bad days after forty good ones."""
    of = msgspec.structs.replace(a_watch(), automation=AUTOMATION)
    first = MONDAY.date() - 48 * DAY
    year = [Day(first + n * DAY, 100, 3 if n >= 40 else 0) for n in range(48)]
    for day in year:
        at = datetime.combine(day.day, time(9), UTC)
        seen = [What(AUTOMATION, 1, "act.left")] * day.acts
        seen += [What(AUTOMATION, 1, f"signal.{of.signal}")] * day.bad
        counters.add(db, counters.counts(1, at, seen))
    calm = msgspec.structs.replace(of, signal=Signal.COMPLAINT)
    quiet = [Day(day.day, day.acts, 0) for day in year]
    kept = [
        Kept(watch=each, reading=a_reading(each, days), at=MONDAY, began=first)
        for each, days in ((of, year), (calm, quiet))
    ]
    watches.save(db, kept)
    watches.next_look(db, MONDAY)


def test_each_watch_is_told_in_its_computed_sentence_and_the_worst_is_drawn(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db:
        strays(db)
    send(watched)

    letter = letter_to(post_office, OWNER)
    text = body_of(letter)
    assert "Depuis le 15 novembre" in text
    assert "24 sur 800" in text
    assert "réclamations" in text.lower()
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<meter-1>"
    assert 'src="cid:meter-1" alt="Depuis le' in unescape(body_of(letter, "html"))


def test_the_quadrant_shows_theirs_and_says_in_words_what_is_on_it(
    watched: Sending, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    spots = {AUTOMATION: Spot(business=0.5, customer=30, seen=200)}
    spots["other"] = Spot(business=0.5, customer=90, seen=200)
    real = grading.graded_all
    monkeypatch.setattr(
        grading,
        "graded_all",
        lambda *given: [replace(one, spot=spots[one.process.name]) for one in real(*given)],
    )
    with watched.record.local() as db:
        other = an_automation("other", owner=DEPUTY, deputy="")
        automations.add_version(db, other, "", MONDAY - DAY)
    send(watched)

    mine, theirs = letter_to(post_office, OWNER), letter_to(post_office, DEPUTY)
    assert f"Le coin dangereux\xa0: {AUTOMATION}" in body_of(mine)
    assert "Keep, with checks: other" in body_of(theirs)
    assert f'alt="The dangerous corner: {AUTOMATION}; ' in body_of(theirs, "html")
    names = [part["Content-ID"] for part in theirs.walk() if part["Content-ID"]]
    assert names == ["<quadrant>"]


def test_text_and_html_say_the_same(watched: Sending, post_office: PostOffice) -> None:
    with watched.record.local() as db, db.transaction():
        strays(db)
        tripped(db, now=MONDAY - DAY)
    send(watched)

    letter = letter_to(post_office, DEPUTY)
    html = unescape(body_of(letter, "html"))
    for line in body_of(letter).splitlines():
        said = line.strip("= ").removesuffix(")").partition(" (")[0].partition(": ")[0]
        if said and said != "--":
            assert said.split(" · ")[0] in html, line


def test_what_is_stopped_comes_first(watched: Sending, post_office: PostOffice) -> None:
    with watched.record.local() as db, db.transaction():
        for name in ("aaa", "zzz"):
            automations.add_version(db, an_automation(name), "", MONDAY - DAY)
        tripped(db, "zzz", now=MONDAY - DAY)
    send(watched)

    text = body_of(letter_to(post_office, MANAGER))
    assert text.index("== zzz ==") < text.index("== aaa ==")
    assert "Stopped since 22 November 2026" in text


def test_a_house_of_many_automations_gets_a_letter_that_no_client_cuts(
    watched: Sending, post_office: PostOffice
) -> None:
    with watched.record.local() as db, db.transaction():
        for number in range(40):
            automations.add_version(db, an_automation(f"reminder-{number}"), "", MONDAY - DAY)
    send(watched)

    letter = letter_to(post_office, MANAGER)
    assert len(body_of(letter, "html").encode()) < 100_000
    assert "And the others" in body_of(letter)
    assert all(f"reminder-{number}" in body_of(letter) for number in range(40))


def test_it_is_written_in_the_readers_language(watched: Sending, post_office: PostOffice) -> None:
    send(watched)

    subjects = {message["To"]: message["Subject"] for message in post_office.messages}
    assert subjects[OWNER] == "Vos automatisations, du 16 novembre 2026 au 22 novembre 2026"
    assert subjects[DEPUTY] == "Your automations, from 16 November 2026 to 22 November 2026"


def test_nothing_of_any_customer_is_in_it(watched: Sending, post_office: PostOffice) -> None:
    watched.customer("lea.martin")
    with watched.record.local() as db:
        strays(db)
    send(watched)

    for raw in post_office.mail:
        assert b"lea.martin" not in raw


# -- once, whatever happens ------------------------------------------------------------------------


def test_two_workers_at_once_send_one_letter_each(
    watched: Sending, post_office: PostOffice
) -> None:
    send(watched, smtp_url="smtp://127.0.0.1:1")  # both find it queued
    with watched.record.local() as db, db.transaction():
        taken = weekly_letters.claim(db, MONDAY + HOUR, MONDAY + 2 * HOUR, 10)
        assert len(taken) == 3
        assert send(watched, MONDAY + HOUR) == 0
    assert post_office.mail == []
    assert send(watched, MONDAY + 3 * HOUR) == 3  # whoever had claimed them died


def test_two_who_queue_at_once_queue_once(watched: Sending) -> None:
    with watched.record.local() as db:
        people = [one.staff_id for one in staff.everybody(db)]
        first = weekly_letters.queue(db, MONDAY.date(), people, MONDAY)
        assert (first, weekly_letters.queue(db, MONDAY.date(), people, MONDAY)) == (4, 0)


def test_a_mail_server_that_is_away_delays_it_and_loses_nothing(
    watched: Sending, post_office: PostOffice
) -> None:
    assert send(watched, smtp_url="smtp://127.0.0.1:1") == 3
    assert send(watched, MONDAY + timedelta(seconds=1)) == 0
    assert send(watched, MONDAY + HOUR) == 3

    assert len(post_office.mail) == 3
    with watched.record.local() as db:
        kept = db.execute("SELECT DISTINCT state, tries FROM weekly_letter").fetchall()
    assert kept == [("sent", 2)]


def test_an_address_that_is_refused_for_good_is_given_up_and_says_why(watched: Sending) -> None:
    for hour in range(MOST_TRIES + 3):
        send(watched, MONDAY + hour * HOUR, smtp_url="smtp://127.0.0.1:1")

    with watched.record.local() as db:
        kept = db.execute("SELECT DISTINCT state, because FROM weekly_letter").fetchall()
    assert kept == [("failed", "no_mail_server")]


DIES_AFTER_CLAIMING = """
import os, signal, sys
from datetime import datetime
from terrain.config import read
from terrain.flow import grading, weekly
from terrain.store.connection import Record

weekly._send = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Record(sys.argv[1]).opened() as record:
    weekly.send_some(record, read(), datetime.fromisoformat(sys.argv[2]))
"""


def test_killed_between_the_claim_and_the_letter_it_goes_once_the_lease_ran_out(
    watched: Sending, post_office: PostOffice
) -> None:
    program = [sys.executable, "-c", DIES_AFTER_CLAIMING, watched.record.conninfo]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    died = subprocess.run([*program, MONDAY.isoformat()], cwd=root, env=environment, check=False)
    assert died.returncode == -signal.SIGKILL

    assert send(watched, MONDAY + MINUTE) == 0
    assert send(watched, MONDAY + weekly.LEASE + MINUTE) == 3
    assert send(watched, MONDAY + 5 * HOUR) == 0
    assert sorted(post_office.recipients) == [OWNER, MANAGER, DEPUTY]
    assert len({message["Message-ID"] for message in post_office.messages}) == 3


def test_a_manager_who_owns_too_gets_one(watched: Sending, post_office: PostOffice) -> None:
    with watched.record.local() as db:
        hire(db, "Both", "both@example.org", Role.MANAGER, now=MONDAY)
        db.execute("UPDATE staff SET roles = '{owner,manager}' WHERE name = 'Both'")
    send(watched)

    assert post_office.recipients.count("both@example.org") == 1
