"""What is drawn of a meter is what its sentence says, wherever the fault began."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from terrain.core import finding, meter_picture, watch
from terrain.core.act import Reach
from terrain.core.bounds import UNBOUND, Agreed, Origin
from terrain.core.cohorts import Cohorts, Day, Gap
from terrain.core.interval import Share
from terrain.core.meter_picture import FOOT, LEFT, RIGHT, SHARE_FOOT, TOP, Line, Picture, Point
from terrain.core.signal import Signal
from terrain.core.watch import Because, Reading, State, Watch

FIRST = date(2026, 3, 3)


def a_watch(share: float = 0.003, signal: Signal = Signal.SPAM) -> Watch:
    return Watch(
        automation="filter-reminder",
        first_version=1,
        version=1,
        signal=signal,
        reach=Reach.INBOX,
        agreed=Agreed(share=share, origin=Origin.USUAL),
        acts_per_year=36_500,
    )


def days(*counts: tuple[int, int]) -> list[Day]:
    return [Day(FIRST + timedelta(days=n), acts, bad) for n, (acts, bad) in enumerate(counts)]


def a_reading(of: Watch, year: list[Day], **more: Any) -> Reading:
    read = watch.read(of, Cohorts(open=tuple(year)), **more)
    return msgspec.structs.replace(read, strongest=watch.strongest(of, year))


def drawn(year: list[Day], of: Watch | None = None, **more: Any) -> Picture:
    of = of or a_watch()
    found = meter_picture.picture(of, a_reading(of, year), year, year[-1].day, **more)
    assert found
    return found


def bound_of(found: Picture) -> Line:
    assert found.bound
    return found.bound


CALM = [(100, 0)] * 59 + [(100, 1)]
TURNED = [(100, 0)] * 40 + [(100, 3)] * 8


def test_where_nothing_was_done_there_is_nothing_to_draw() -> None:
    of = a_watch()
    for year in ([], days((0, 0), (0, 0))):
        assert meter_picture.picture(of, a_reading(of, year), year, FIRST) is None


def test_a_calm_picture_shows_the_count_beside_what_may_be_from_the_first_day_on() -> None:
    found = drawn(days(*CALM))

    assert found.since is None
    assert found.before == ()
    assert found.count.value == 1
    assert bound_of(found).value == pytest.approx(18)
    assert found.count.points[0] == bound_of(found).points[0] == Point(LEFT, FOOT)
    assert bound_of(found).end.y < found.count.end.y  # further up on the sheet: more may be


def test_from_the_day_on_that_the_sentence_names_both_begin_together() -> None:
    of, year = a_watch(), days(*TURNED)
    found, reading = drawn(year), a_reading(of, year)
    [line] = finding.said(of, reading)

    assert line.code == "strays"
    assert found.since
    assert found.since.day == line.values["since"] == FIRST + timedelta(days=40)
    assert found.count.points[0] == bound_of(found).points[0]
    assert found.count.value == line.values["bad"] == 24
    assert bound_of(found).value == pytest.approx(line.values["expected"])


def test_what_was_counted_before_stands_there_more_quietly() -> None:
    found = drawn(days(*[(100, 0)] * 20, (100, 1), *[(100, 0)] * 19, *[(100, 4)] * 8))

    assert found.since
    assert found.before[-1] == found.count.points[0]
    assert found.before[-1].x == found.since.x


def test_as_long_again_as_it_is_wrong_is_looked_back() -> None:
    found = drawn(days(*[(100, 0)] * 300, *[(100, 3)] * 20))

    assert (found.last - found.first).days + 1 == 40
    assert drawn(days(*[(100, 0)] * 300)).first == FIRST + timedelta(days=300 - 92)


def test_nothing_leaves_the_sheet() -> None:
    for counts in (CALM, TURNED, [(1, 1)], [(5, 0), (0, 0), (3, 3)], [(10**7, 10**6)] * 365):
        found = drawn(days(*counts))
        lines = [*found.count.points, *bound_of(found).points, *found.before, *found.share]
        assert all(LEFT <= x <= RIGHT for x, _ in lines)
        assert all(TOP - 1e-6 <= y <= SHARE_FOOT + 1e-6 for _, y in lines)


def test_a_scale_is_in_round_numbers() -> None:
    assert [tick.value for tick in drawn(days(*TURNED)).counts] == [0, 10, 20, 30]
    assert [tick.value for tick in drawn(days((10, 0))).counts] == [0, 0.5, 1, 1.5, 2]


def test_the_aim_is_drawn_where_there_is_one_below_the_bound() -> None:
    aim = drawn(days(*CALM)).aim

    assert aim
    assert aim.value == pytest.approx(6)
    assert drawn(days(*CALM), a_watch(signal=Signal.STOP)).aim is None
    assert drawn(days(*CALM), a_watch(share=0.0005)).aim is None


def test_days_without_acts_count_in_the_calendar_and_not_in_the_share() -> None:
    of = a_watch()
    year = [Day(FIRST, 100, 10), Day(FIRST + timedelta(days=9), 100, 0)]
    found = meter_picture.picture(of, a_reading(of, year), year, FIRST + timedelta(days=11))

    assert found
    assert found.last == FIRST + timedelta(days=11)
    shares = [row.share for row in found.rows]
    assert shares[:9] == [0.1] * 9
    assert shares[9:] == [pytest.approx(0.08)] * 3


def test_before_the_first_act_there_is_no_share() -> None:
    found = drawn(days((0, 0), (0, 0), (50, 1)))

    assert [row.share for row in found.rows] == [None, None, 0.02]
    assert len(found.share) == 1


def test_what_could_not_be_heard_is_a_grey_band() -> None:
    year = days(*CALM)
    gap = Gap(FIRST + timedelta(days=10), FIRST + timedelta(days=19))
    [band] = drawn(year, gaps=[gap]).gaps

    assert band.since == gap.since
    assert band.wide == pytest.approx((RIGHT - LEFT) * 10 / 60)
    assert drawn(year, gaps=[Gap(date(2020, 1, 1), date(2020, 2, 1))]).gaps == ()


def test_a_feed_that_is_away_is_grey_from_then_on() -> None:
    of, year = a_watch(), days(*CALM)
    away = datetime(2026, 4, 20, 7, tzinfo=UTC)
    reading = a_reading(of, year, deaf_since=away)
    found = meter_picture.picture(of, reading, year, year[-1].day)

    assert found
    assert [band.since for band in found.gaps] == [away.date()]
    assert found.gaps[0].x + found.gaps[0].wide == pytest.approx(RIGHT)


def test_a_bound_of_none_at_all_is_the_ground_itself() -> None:
    found = drawn(days((40, 0), (40, 2)), a_watch(share=0.0, signal=Signal.OVERRIDE))

    assert found.since is None
    assert {point.y for point in bound_of(found).points} == {FOOT}
    assert found.share_bound == SHARE_FOOT


def test_where_nobody_said_how_much_is_too_much_there_is_only_the_count() -> None:
    of, year = msgspec.structs.replace(a_watch(), agreed=UNBOUND), days(*CALM)
    found = meter_picture.picture(of, a_reading(of, year), year, year[-1].day)

    assert found
    assert (found.bound, found.aim, found.share_bound) == (None, None, None)
    assert found.count.value == 1
    assert {row.at_most for row in found.rows} == {0}


def test_the_table_has_every_act_that_is_drawn() -> None:
    for counts in (CALM, CALM[:20], [(100, 0)]):
        found = drawn(days(*counts))
        assert sum(row.acts for row in found.rows) == sum(acts for acts, _ in counts)
        assert sum(row.bad for row in found.rows) == sum(bad for _, bad in counts)
        assert sum(row.at_most for row in found.rows) == pytest.approx(0.3 * len(counts))


def test_a_month_is_told_by_days_and_more_by_weeks() -> None:
    assert len(drawn(days(*CALM[:31])).rows) == 31
    weeks = drawn(days(*CALM)).rows
    assert len(weeks) == 9
    assert (weeks[0].last - weeks[0].first).days == 6


def test_numbers_at_the_ends_never_stand_on_each_other() -> None:
    for bad in range(40):
        found = drawn(days((5_000, bad), (5_000, 0)))
        assert abs(found.count.beside - bound_of(found).beside) >= 10.99


def test_few_days_are_named_and_the_first_is_one_of_them() -> None:
    for counts in (CALM, TURNED, [(10, 0)]):
        named = drawn(days(*counts)).days
        assert 1 <= len(named) <= 4
        assert named[0].x == LEFT


# -- compared --------------------------------------------------------------------------------------


def beside(held_out: Share, year: list[Day]) -> Picture:
    """Return what is drawn where a bound is wanting, and so many were held out."""
    of = msgspec.structs.replace(a_watch(), agreed=UNBOUND, holdout=0.1)
    reading = Reading(
        state=State.CLEAR,
        because=Because.NO_WORSE,
        strength=3.0,
        acts=sum(day.acts for day in year),
        bad=sum(day.bad for day in year),
        held_out=held_out,
    )
    found = meter_picture.picture(of, reading, year, year[-1].day)
    assert found
    return found


def test_beside_the_count_stands_what_those_held_out_make_expect() -> None:
    found = beside(Share(1, 100), days((450, 9), (450, 9)))

    assert found.compares
    assert found.count.value == 18
    assert bound_of(found).value == pytest.approx(9)
    assert found.bound_share == pytest.approx(0.01)
    assert [row.at_most for row in found.rows] == [pytest.approx(4.5)] * 2


def test_before_anybody_is_held_out_nothing_is_drawn_to_compare_with() -> None:
    found = beside(Share(0, 0), days((450, 9)))

    assert (found.compares, found.bound) == (False, None)
