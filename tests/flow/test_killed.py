"""A worker killed with -9 while it sends: everything arrives, nothing under two names."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from terrain.core.outbox import ActState
from tests.flow.conftest import Sending, a_letter
from tests.outside import PostOffice

SENDER = """
import sys
from datetime import UTC, datetime, timedelta
from terrain.flow import carry_out
from tests.flow.conftest import EVERY_LANE, NOON
from tests.people import a_house
from terrain.store.connection import Record

carry_out.LEASE = timedelta(seconds=1)
record = Record(sys.argv[1]).open()
started = datetime.now(UTC)
while True:
    now = NOON + (datetime.now(UTC) - started) + timedelta(seconds=float(sys.argv[2]))
    carry_out.send_some(record, a_house(), range(256), EVERY_LANE, now)
"""


def start(sending: Sending, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SENDER, sending.record.conninfo, str(seconds)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_nothing_and_names_nothing_twice(
    sending: Sending, post_office: PostOffice
) -> None:
    keys = [sending.customer(f"customer{number}") for number in range(40)]
    letters = [a_letter(key, run_id=run) for key in keys for run in range(5)]
    sending.queue(*letters)
    for kill in range(3):
        worker = start(sending, seconds=kill * 30)
        wait_for(post_office, (kill + 1) * 40)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    sending.send_all()
    for _ in range(10):
        sending.send(seconds=600)

    names = [message["Message-ID"] for message in post_office.messages]
    assert len(set(names)) == len(letters) == 200
    assert len(names) <= 200 + 3  # what was on its way at each kill came again under its own name
    assert {sending.standing(letter).state for letter in letters} == {ActState.LEFT}


def wait_for(post_office: PostOffice, count: int) -> None:
    enough = threading.Event()
    post_office.on_mail = lambda arrived: enough.set() if arrived >= count else None
    assert enough.wait(30)
