"""What goes on after a stop climbs on evidence, and the page says how much of it there is."""

from datetime import timedelta

import pytest
from psycopg import Connection

from terrain.core.act import Reach
from terrain.core.bounds import PILOT_ACTS, UNBOUND
from terrain.core.breaker import How, Resuming, Trip
from terrain.core.canary import Step
from terrain.core.interval import Share
from terrain.core.signal import Signal
from terrain.core.watch import Because, Reading, State, Watch
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


def watched(db: Connection, *signals: tuple[float, Signal]) -> list[tuple[Watch, Reading]]:
    for share, signal in signals:
        Written(db, NOON).watched(share, signal)
    return [(one.watch, one.reading) for one in watches.shown(db)]


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


def compared(because: Because, state: State = State.CLEAR) -> tuple[Watch, Reading]:
    watch = Watch(
        automation=AUTOMATION,
        first_version=1,
        version=1,
        signal=Signal.COMPLAINT,
        reach=Reach.INBOX,
        agreed=UNBOUND,
        acts_per_year=1_000,
        holdout=0.1,
    )
    held_out = Share(0, 0 if because is Because.NOBODY_HELD_OUT else 40)
    return watch, Reading(state=state, because=because, held_out=held_out)


def test_what_is_compared_counts_by_what_it_says_itself(db: Connection, back: Trip) -> None:
    Written(db, NOON).to(PILOT_ACTS, ago=5 * DAY)
    clear, uneasy = compared(Because.NO_WORSE), compared(Because.WORSE, State.AMBER)

    assert coming_back.next_step(db, back, [clear], NOON).step is Step.CLIMB
    assert coming_back.next_step(db, back, [clear, uneasy], NOON).step is Step.STAY


def test_what_is_compared_waits_for_as_many_acts_as_teach_a_bound(
    db: Connection, back: Trip
) -> None:
    Written(db, NOON).to(PILOT_ACTS - 1, ago=5 * DAY)
    found = coming_back.next_step(db, back, [compared(Because.NO_WORSE)], NOON)

    assert (found.step, found.needs, found.has) == (Step.STAY, PILOT_ACTS, PILOT_ACTS - 1)


def test_with_nobody_to_compare_with_it_tells_nothing(db: Connection, back: Trip) -> None:
    Written(db, NOON).to(PILOT_ACTS, ago=5 * DAY)
    nobody = compared(Because.NOBODY_HELD_OUT, State.GREY)

    assert coming_back.next_step(db, back, [nobody], NOON).step is Step.STAY
    some = [nobody, *watched(db, COMPLAINTS)]
    assert coming_back.next_step(db, back, some, NOON).step is Step.CLIMB
