"""Story 8 as the demo plays it: the letter about the bottle leaves before the bottle does, and is stopped."""

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from terrain.config import read
from terrain.core.breaker import Cause
from terrain.demo import drift, shop
from terrain.demo.load import Loading
from terrain.demo.play import slots
from terrain.demo.reactions import BOTTLE_CARE
from terrain.store import automations, counters, trips
from tests.conftest import _database

TODAY = date(2026, 2, 20)
DAYS = drift.DAYS_BEFORE + drift.DAYS_SINCE + 1
OPENED = TODAY - timedelta(days=DAYS)
CHANGED = drift.changes_at(TODAY)


@pytest.fixture(scope="module")
def played(postgres: str) -> Iterator[Loading]:
    """Let those who buy a bottle live on a record up to this morning, under the eyes of the breaker."""
    with _database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as db:
        playing = Loading(db, read(), OPENED, drift.lives(TODAY))
        for now in slots(OPENED, DAYS):
            if now == CHANGED:
                playing.change(drift.changed(shop.files().catalogue), drift.text(), now)
            playing.go_on(now)
            playing.look_after(now)
        yield playing


def counted(played: Loading, version: int) -> dict[str, int]:
    rows = counters.sums(played.db, CHANGED - timedelta(days=120), BOTTLE_CARE)
    return {row.what: row.n for row in rows if row.version == version}


def test_the_change_is_stopped_before_many_are_hurt(played: Loading) -> None:
    [trip] = trips.of_automation(played.db, BOTTLE_CARE)
    before, since = counted(played, 1), counted(played, 2)

    assert (trip.cause, trip.resumed_at) == (Cause.METER, None)
    assert trip.at - CHANGED < timedelta(days=14)
    assert "signal.complaint" not in before
    assert before["act.left"] > 100
    assert 3 <= since["signal.complaint"] <= 6
    assert since["decided.hold"] > since["act.left"]


def test_the_owner_is_told_in_a_sentence_with_the_figures(played: Loading) -> None:
    [trip] = trips.of_automation(played.db, BOTTLE_CARE)
    found = trip.evidence

    assert f"{found['bad']} of {found['acts']} (complaints)" in found["sentence"]["en"]
    assert f"{found['bad']} sur {found['acts']} (réclamations)" in found["sentence"]["fr"]


def test_the_newcomer_finds_the_changed_file_in_the_folder(played: Loading) -> None:
    listed = automations.find(played.db, BOTTLE_CARE)

    assert listed is not None
    assert (listed.live_version, listed.paused_at is not None) == (2, True)
    assert "when: order.placed" in drift.text()
