"""What goes on after a stop climbs on evidence, and the page says how much of it there is."""

from datetime import timedelta

import pytest
from psycopg import Connection

from terrain.core.breaker import How, Resuming, Trip
from terrain.core.canary import Step
from terrain.core.signal import Signal
from terrain.core.watch import State, Watch
from terrain.flow import breaker, coming_back
from terrain.store import watches
from tests.hurt import Written
from tests.oversight import AUTOMATION, a_house_that_watches, tripped
from tests.people import NOON

DAY = timedelta(days=1)


@pytest.fixture
def back(db: Connection) -> Trip:
    """Let it go on, ten days ago."""
    a_house_that_watches(db)
    tripped(db, now=NOON - 11 * DAY)
    said = Resuming(by="Camille", because="the bound was another's", how=How.BOUND_WAS_WRONG)
    return breaker.resume(db, AUTOMATION, said, NOON - 10 * DAY)


def watched(db: Connection, *signals: tuple[float, Signal]) -> list[tuple[Watch, State]]:
    for share, signal in signals:
        Written(db, NOON).watched(share, signal)
    return [(one.watch, one.reading.state) for one in watches.shown(db)]


COMPLAINTS = (0.2, Signal.COMPLAINT)


def test_acts_count_when_they_are_two_days_old(db: Connection, back: Trip) -> None:
    written = Written(db, NOON)
    written.to(8, ago=20 * DAY)  # before it was stopped
    written.to(5, ago=5 * DAY)
    written.to(7, ago=DAY)
    [seen] = coming_back.seen(db, back, watched(db, COMPLAINTS), NOON)

    assert seen.ripe == 5


def test_it_is_said_what_it_waits_for(db: Connection, back: Trip) -> None:
    Written(db, NOON).to(5, ago=5 * DAY)
    found = coming_back.next_step(db, back, watched(db, (0.002, Signal.COMPLAINT)), NOON)

    assert (found.step, found.has, found.signal) == (Step.STAY, 5, "complaint")
    assert found.needs is not None
    assert found.needs > 100


def test_with_enough_of_them_it_climbs(db: Connection, back: Trip) -> None:
    Written(db, NOON).to(60, ago=5 * DAY)

    found = coming_back.next_step(db, back, watched(db, COMPLAINTS), NOON)
    assert found.step is Step.CLIMB


def test_whoever_was_never_asked_is_no_obstacle(db: Connection, back: Trip) -> None:
    Written(db, NOON).to(60, ago=5 * DAY)
    some = watched(db, COMPLAINTS, (0.2, Signal.DISSATISFIED))

    assert [each.watch.signal for each in coming_back.seen(db, back, some, NOON)] == ["complaint"]


def test_where_nothing_is_watched_it_stays_until_a_person_says_more(
    db: Connection, back: Trip
) -> None:
    found = coming_back.next_step(db, back, [], NOON)

    assert (found.step, found.needs) == (Step.STAY, None)
