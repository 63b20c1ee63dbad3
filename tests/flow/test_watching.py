"""The running watch: acts and signals are counted, a look reads them, what strays is stopped."""

from collections.abc import Iterator

import pytest

from terrain.core.signal import Signal
from terrain.core.watch import Because, State
from terrain.store import automations, trips
from tests.oversight import DAY, HOUR
from tests.people import NOON
from tests.watched import AUTOMATION, BODY, Watched, an_automation


@pytest.fixture
def house(fresh_database: str) -> Iterator[Watched]:
    working = Watched(fresh_database)
    yield working
    working.record.close()


def test_what_keeps_to_its_bound_is_clear(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(2)
    house.look()

    found = house.stand()
    assert found.reading.state is State.CLEAR
    assert (found.reading.acts, found.reading.bad) == (800, 2)
    assert found.lines[0].code == "within"


def test_before_the_first_act_nothing_is_green(house: Watched) -> None:
    house.publish()
    house.look()

    assert house.stand().reading.because is Because.NO_ACTS


def test_what_strays_is_stopped_with_its_sentence_and_its_figures(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(12)

    assert house.look() == 1

    with house.record.local() as db:
        listed, trip = automations.find(db, AUTOMATION), trips.open_one(db, AUTOMATION)
    assert listed and listed.paused_at
    assert trip
    assert trip.evidence["sentence"]["en"].startswith("Since 22 November: 12 of 800 (complaints)")
    assert trip.evidence["sentence"]["en"] == trip.because
    assert (trip.evidence["bad"], trip.evidence["acts"]) == (12, 800)
    assert trip.evidence["expected"] == pytest.approx(2.4)
