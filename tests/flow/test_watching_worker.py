"""The watch at work in a real worker: letters that leave, kills, and who is told of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from terrain.config import read
from terrain.core.outbox import ActState
from terrain.flow.worker import Worker
from terrain.store import automations, notices, trips
from tests.flow.conftest import Sending, a_letter
from tests.outside import PostOffice
from tests.oversight import DEPUTY, MANAGER, OWNER, a_house_that_watches
from tests.people import NOON
from tests.returns import Returns
from tests.watched import Watched, an_automation

WORKER = """
import sys
from datetime import UTC, datetime
from terrain.config import read
from terrain.flow.worker import Worker
from terrain.store.connection import Record

worker = Worker(Record(sys.argv[1]).open(), read())
worker.buckets = list(range(256))
while True:
    worker.oversee(datetime.now(UTC))
"""


@pytest.fixture
def house(sending: Sending) -> Iterator[Watched]:
    """Return a house with people who answer for it, in which letters can leave."""
    working = Watched(sending.record.conninfo)
    with working.record.local() as db:
        a_house_that_watches(db)
    yield working
    working.record.close()


def a_worker(sending: Sending) -> Worker:
    working = Worker(sending.record, replace(read(), sends=True))
    working.buckets = list(range(256))
    return working


def test_red_while_a_batch_leaves_lets_out_nothing_but_what_was_on_the_line(
    sending: Sending, post_office: PostOffice, house: Watched
) -> None:
    house.publish(an_automation("welcome", bounds={"complaint": 0.0}))
    worker = a_worker(sending)
    letters = [a_letter(sending.customer(f"customer{n}"), version=2) for n in range(40)]
    sending.queue(*letters)

    def complain_about_the_ninth(arrived: int) -> None:
        if arrived == 9:
            house.signals(1, version=2, name="welcome")
            assert worker.overseer.look(sending.record, worker.house, NOON) == 1

    post_office.on_mail = complain_about_the_ninth
    for minute in range(5):
        sending.send(seconds=60 * minute)

    assert len(post_office.mail) == 9
    states = [sending.standing(letter).state for letter in letters]
    assert states.count(ActState.QUEUED) == 31


def test_what_left_is_counted_and_what_came_back_is_weighed_against_it(
    sending: Sending, house: Watched
) -> None:
    house.publish(an_automation("welcome"))
    letters = [a_letter(sending.customer(f"customer{n}"), version=2) for n in range(30)]
    sending.queue(*letters)
    sending.send_all()
    house.look(seconds=10)

    assert house.stand(name="welcome").reading.acts == 30


def test_the_worker_that_finds_it_red_tells_the_owner_at_once(
    sending: Sending, post_office: PostOffice, house: Watched
) -> None:
    house.publish(an_automation())
    house.acts(800)
    house.signals(12)

    worker = a_worker(sending)
    while worker.oversee(NOON):
        pass

    assert sorted(post_office.recipients) == sorted([OWNER, DEPUTY])
    assert "12" in str(post_office.messages[0])


def test_one_that_does_not_tend_the_first_bucket_looks_at_no_meter(
    sending: Sending, house: Watched
) -> None:
    house.publish(an_automation())
    worker = a_worker(sending)
    worker.buckets = list(range(1, 256))

    worker.oversee(NOON)

    assert house.stands() == []


@pytest.mark.slow
def test_killed_between_pause_and_notice_nothing_is_lost_and_nobody_is_told_twice(
    sending: Sending, post_office: PostOffice, house: Watched
) -> None:
    names = [f"reminder-{number}" for number in range(3)]
    house.now = datetime.now(UTC)
    for name in names:
        house.publish(an_automation(name))
        house.acts(800, name=name)
    for name in names:
        house.signals(12, name=name)
        process = start(sending)
        wait_until_paused(house, name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    later = datetime.now(UTC) + timedelta(
        minutes=3
    )  # what was being told when it died is let go of
    worker = a_worker(sending)
    while worker.oversee(later):
        pass

    with house.record.local() as db:
        stopped = trips.open_ones(db)
        told = [one for trip in stopped for one in notices.of_trip(db, trip.trip_id)]
    assert sorted(trip.automation for trip in stopped) == names
    assert {one.state for one in told} == {"told"}
    mails = {(message["Message-ID"], message["To"]) for message in post_office.messages}
    assert len(mails) == 6
    assert MANAGER not in post_office.recipients


def start(sending: Sending) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WORKER, sending.record.conninfo]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])


def wait_until_paused(house: Watched, name: str) -> None:
    until = time.monotonic() + 30
    with house.record.local() as db:
        while time.monotonic() < until:
            found = automations.find(db, name)
            if found and found.paused_at:
                return
    raise AssertionError(name)


def test_nothing_is_counted_by_hand(house: Watched) -> None:
    """A letter leaves, its reader complains, a turn hears it, a look stops what sent it."""
    house.publish(an_automation("welcome", bounds={"complaint": 0.0}))
    with house.record.local() as db:
        returns = Returns(db)
        returns.sends(returns.customer(), automation="welcome", version=2)
        returns.now += timedelta(hours=12)
        returns.hears("lea", "complaint.opened")
    house.look(hours=12)

    assert (house.stand(name="welcome").reading.acts, house.stand(name="welcome").reading.bad) == (
        1,
        1,
    )
    with house.record.local() as db:
        assert trips.open_one(db, "welcome")
