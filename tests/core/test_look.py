"""One watch from look to look: days that are raised, days that close, days of which nothing was heard."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from terrain.core.act import Reach
from terrain.core.bounds import UNBOUND, Agreed, Origin
from terrain.core.cohorts import Day, Gap
from terrain.core.look import (
    SPARE,
    Deafness,
    Kept,
    begun,
    closed,
    goes_on,
    gone_on,
    inherited,
    judged,
    listening,
    with_days,
)
from terrain.core.signal import LATE, Signal
from terrain.core.watch import State, Strongest, Watch

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)


def a_watch(share: float = 0.003, origin: Origin = Origin.DECLARED, **more: Any) -> Watch:
    given = {"signal": Signal.COMPLAINT, "first_version": 1, "version": 1, **more}
    agreed = UNBOUND if origin is Origin.NONE else Agreed(share=share, origin=origin)
    return Watch(
        automation="filter-reminder", reach=Reach.INBOX, agreed=agreed, acts_per_year=1.0, **given
    )


def days(*counts: tuple[int, int], until: date = TODAY) -> tuple[Day, ...]:
    """Return one day each, the last of them today."""
    first = until - DAY * (len(counts) - 1)
    return tuple(Day(first + DAY * n, acts, bad) for n, (acts, bad) in enumerate(counts))


def kept(*counts: tuple[int, int], **more: Any) -> Kept:
    return judged(begun(a_watch(**more), days(*counts), NOON), 1.0, NOON)


def test_a_late_signal_raises_its_day() -> None:
    before = kept((800, 0), (10, 0))

    after = judged(with_days(before, days((800, 12), (10, 0)), TODAY - DAY), 1.0, NOON)

    assert before.reading.state is State.CLEAR
    assert after.reading.state is State.RED
    assert after.reading.acts == 810


def test_days_before_those_that_were_read_stay() -> None:
    before = kept((100, 1), (50, 0))

    after = with_days(before, days((60, 1)), TODAY)

    assert after.cohorts.open == days((100, 1), (60, 1))


def test_what_comes_about_a_closed_day_is_not_heard_any_more() -> None:
    before = closed(kept((100, 1)), TODAY + LATE[Signal.COMPLAINT] + SPARE + DAY)

    assert with_days(before, days((100, 9)), TODAY).cohorts == before.cohorts


def test_a_day_closes_once_no_signal_can_be_late_and_not_before() -> None:
    late = LATE[Signal.COMPLAINT] + SPARE

    assert closed(kept((100, 1)), TODAY + late).cohorts.open == days((100, 1))
    assert closed(kept((100, 1)), TODAY + late + DAY).cohorts.open == ()


def test_closing_changes_no_reading() -> None:
    counts = [(200, n % 3 == 0) for n in range(200)]
    open_ones = kept(*counts)

    after = judged(closed(open_ones, TODAY), 1.0, NOON)

    assert after.reading.strength == pytest.approx(open_ones.reading.strength)
    assert (after.reading.acts, after.reading.bad) == (40_000, 67)
    assert len(after.cohorts.open) <= 32


def test_closed_in_steps_or_at_once_is_the_same() -> None:
    counts = [(200, n % 3 == 0) for n in range(90)]
    at_once = judged(closed(kept(*counts), TODAY), 1.0, NOON)
    step = kept(*counts[:1])
    for n in range(1, 91):
        today = TODAY - DAY * (90 - n)
        step = closed(with_days(step, days(*counts[:n], until=today)[-1:], today), today)
    found = judged(replace(step, began=at_once.began), 1.0, NOON)

    assert found.reading.strength == pytest.approx(at_once.reading.strength)


def test_a_watch_of_none_at_all_keeps_numbers_and_no_evidence() -> None:
    found = judged(closed(kept((100, 0), (100, 1), share=0), TODAY + 50 * DAY), 1.0, NOON)

    assert (found.reading.state, found.reading.acts, found.reading.bad) == (State.RED, 200, 1)


# -- which day it began on -------------------------------------------------------------------------


def test_while_no_more_bad_acts_come_the_strongest_day_stays_and_its_acts_grow() -> None:
    before = kept((100, 0), (100, 3))
    before = replace(before, reading=replace(before.reading, strongest=_strongest(100, 3)))

    after = judged(with_days(before, days((140, 3)), TODAY), 1.0, NOON)

    assert after.reading.strongest == _strongest(140, 3)


def test_with_another_bad_act_it_has_to_be_found_anew() -> None:
    before = kept((100, 0), (100, 3))
    before = replace(before, reading=replace(before.reading, strongest=_strongest(100, 3)))

    after = judged(with_days(before, days((140, 4)), TODAY), 1.0, NOON)

    assert after.reading.strongest is None


def _strongest(acts: int, bad: int) -> Strongest:
    return Strongest(TODAY, acts, bad)


# -- what is not heard -----------------------------------------------------------------------------


def test_where_what_is_said_is_lost_its_days_are_left_out() -> None:
    deaf = listening(kept((100, 0), (1_000, 0)), Deafness(NOON, loses=True), TODAY)
    after = judged(deaf, 1.0, NOON)

    assert after.gaps == (Gap(TODAY),)
    assert (after.reading.state, after.reading.acts) == (State.GREY, 100)


def test_where_it_is_only_late_every_day_counts_again() -> None:
    deaf = listening(kept((100, 0), (1_000, 0)), Deafness(NOON, loses=False), TODAY)
    after = judged(listening(deaf, None, TODAY), 1.0, NOON)

    assert judged(deaf, 1.0, NOON).reading.state is State.GREY
    assert (after.reading.state, after.reading.acts) == (State.CLEAR, 1_100)


def test_what_is_heard_again_is_heard_from_tomorrow_on() -> None:
    deaf = listening(kept((100, 0)), Deafness(NOON, loses=True), TODAY)
    again = listening(deaf, None, TODAY)
    after = with_days(again, days((100, 0), (70, 0), until=TODAY + DAY), TODAY)

    assert again.gaps == (Gap(TODAY, TODAY),)
    assert judged(after, 1.0, NOON).reading.acts == 70


def test_a_gap_is_forgotten_once_its_days_are_closed() -> None:
    gap = (Gap(TODAY - 60 * DAY, TODAY - 50 * DAY),)

    assert closed(replace(kept((100, 0)), gaps=gap), TODAY).gaps == ()


def test_days_of_a_gap_stay_left_out_when_they_close() -> None:
    deaf = listening(kept((100, 0)), Deafness(NOON, loses=True), TODAY)
    later = closed(listening(deaf, None, TODAY), TODAY + 60 * DAY)

    assert judged(later, 1.0, NOON).reading.acts == 0


# -- which goes on ---------------------------------------------------------------------------------


def test_the_same_bound_goes_on_and_another_does_not() -> None:
    assert goes_on(kept((1, 0)), a_watch(version=2))
    assert not goes_on(kept((1, 0)), a_watch(share=0.001))
    assert not goes_on(kept((1, 0)), a_watch(origin=Origin.USUAL))


def test_a_new_reason_for_the_same_bound_is_kept_with_it() -> None:
    newer = a_watch(version=2)
    newer = replace(newer, agreed=replace(newer.agreed, reason="because"))

    found = gone_on(kept((1, 0)), newer)

    assert (found.watch.version, found.watch.agreed.reason) == (2, "because")


# -- what is learned -------------------------------------------------------------------------------


def a_pilot(of: int, *, acts: int = 10, bad: int = 0) -> Kept:
    counts = [(acts, 0)] * (of - 1) + [(acts, bad)]
    lived = begun(a_watch(origin=Origin.NONE), days(*counts), NOON)
    return closed(lived, TODAY + 40 * DAY)


def test_ninety_days_and_three_hundred_acts_teach_a_bound() -> None:
    found = a_pilot(90)

    assert found.watch.agreed.origin is Origin.LEARNED
    assert found.watch.agreed.share == pytest.approx(1 - 0.05 ** (1 / 900))
    assert judged(found, 1.0, NOON).reading.acts == 0


@pytest.mark.parametrize(("of", "acts"), [(40, 10), (90, 3)])
def test_less_teaches_nothing_yet(of: int, acts: int) -> None:
    assert not a_pilot(of, acts=acts).watch.is_bounded


def test_a_pilot_of_nothing_but_harm_teaches_nothing() -> None:
    lived = begun(a_watch(origin=Origin.NONE), days(*[(10, 10)] * 90), NOON)

    assert not closed(lived, TODAY + 40 * DAY).watch.is_bounded


def test_what_was_learned_goes_on_although_the_file_says_nothing() -> None:
    taught, silent = a_pilot(90), a_watch(origin=Origin.NONE, version=2)

    assert goes_on(taught, silent)
    assert gone_on(taught, silent).watch.agreed == taught.watch.agreed


def test_the_next_version_is_held_to_what_the_pilot_taught() -> None:
    taught = a_pilot(90)
    fresh = begun(a_watch(origin=Origin.NONE, first_version=2, version=2), (), NOON)

    assert inherited(fresh, [taught]).watch.agreed == taught.watch.agreed
    assert inherited(fresh, []).watch.agreed == UNBOUND
    other = replace(taught, watch=replace(taught.watch, automation="welcome"))
    assert inherited(fresh, [other]).watch.agreed == UNBOUND


# -- a year ----------------------------------------------------------------------------------------


def test_a_year_is_the_pace_of_all_so_far() -> None:
    assert kept(*[(100, 0)] * 101).watch.acts_per_year == pytest.approx(101 * 3.65 * 100, rel=0.02)


def test_after_ten_years_a_year_is_still_a_year() -> None:
    old = begun(a_watch(), (Day(TODAY - 3_650 * DAY, 365_000, 0),), NOON)

    assert judged(old, 1.0, NOON).watch.acts_per_year == pytest.approx(36_500)
