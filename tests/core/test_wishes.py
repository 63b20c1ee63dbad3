"""What Léa wishes about being reached, read from her own words; and that no hour of hers is broken."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Hold, Verdict
from terrain.core.fact import Claim, FactKey
from terrain.core.gates import closed
from terrain.core.guard import weigh
from terrain.core.hours import Opening
from terrain.core.matter import Matter
from terrain.core.settings import EVERY_DAY
from terrain.core.wishes import ByChannel, Stopped, keeps_away, week_of_quiet, wishes
from tests.people import MONTH, NOON, a_claim, a_customer, a_house
from tests.proposals import NOTICE

PARIS = ZoneInfo("Europe/Paris")
HOUSE = a_house()
CLOCK = some.builds(lambda h, m: f"{h:02}:{m:02}", some.integers(0, 23), some.integers(0, 59))
QUIET_DAYS = some.lists(some.sampled_from(EVERY_DAY), max_size=6, unique=True)
# Two years, so that clocks go back and forward in it.
MOMENTS = some.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001 - given UTC
    lambda at: at.replace(tzinfo=UTC)
)


def wish(fact: str, value: Any, about: str = "", **more: Any) -> Claim:
    return a_claim(value, fact=FactKey(fact, about), **more)


@settings(max_examples=150, deadline=None)
@given(start=CLOCK, end=CLOCK, days=QUIET_DAYS, now=MOMENTS)
def test_whatever_her_quiet_hours_nothing_comes_in_them_and_what_waits_comes_after(
    start: str, end: str, days: list[str], now: datetime
) -> None:
    if start == end:
        return
    quiet = {"from": start, "until": end, "days": days}
    lea = a_customer(wish("wish.quiet_hours", quiet))
    _said, stop = closed(Matter(NOTICE, lea, HOUSE, now))

    local = now.astimezone(PARIS)
    clock, day = f"{local:%H:%M}", EVERY_DAY[local.weekday()]
    in_hours = start <= clock < end if start < end else clock >= start or clock < end
    if in_hours or day in days:
        assert stop is not None
        if stop.verdict == "hold_until":  # else no hour of hers is one at which we write
            assert stop.until is not None
            assert stop.until > now
            assert closed(Matter(NOTICE, lea, HOUSE, stop.until))[1] is None


@pytest.mark.parametrize("wish", [*ByChannel, None, "perhaps", {"a": 1}, 7])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_a_choice_of_hers_keeps_anything_away(wish: object, purpose: Purpose) -> None:
    away = keeps_away(wish, purpose)

    assert away == (wish == "none" or (wish == "service" and purpose is Purpose.PROSPECTING))


@pytest.mark.parametrize(
    "odd",
    [None, {}, [], "20:00", {"from": "20:00"}, {"until": "08:00"}, {"from": "a", "until": "b"}],
)
def test_quiet_hours_that_cannot_be_read_are_none(odd: object) -> None:
    assert week_of_quiet(odd) is None


def test_hours_over_midnight_leave_the_day_between_them() -> None:
    week = week_of_quiet({"from": "21:00", "until": "08:30", "days": ["sun"]})

    assert week is not None
    monday = datetime(2026, 11, 23, 8, 30, tzinfo=PARIS)
    assert Opening(week, PARIS).is_open(monday)
    assert not Opening(week, PARIS).is_open(monday - timedelta(minutes=1))
    assert not Opening(week, PARIS).is_open(monday - timedelta(hours=12))


def test_all_that_she_wishes_is_read_together_with_since_when() -> None:
    lea = a_customer(
        wish("wish.channel", "none", "sms"),
        wish("wish.quiet_hours", {"days": ["sun"]}),
        wish("wish.stop", True, "win-back"),  # noqa: FBT003 - a value
        wish("wish.stop", False, "welcome"),  # noqa: FBT003 - a value
    )

    read = wishes(lea)

    by_sms = next(each for each in read.channels if each.channel is Channel.SMS)
    assert by_sms.wish is ByChannel.NONE
    assert by_sms.claim is not None
    assert by_sms.claim.at == NOON - MONTH
    assert read.quiet is not None
    assert [stop.name for stop in read.stops] == ["win-back"]
    assert isinstance(read.stops[0], Stopped)
    assert not read.stopped_all


def test_a_stop_that_was_taken_back_holds_no_more() -> None:
    stopped = wish("wish.stop", True, "all", ago=2 * MONTH)  # noqa: FBT003 - a value
    back = wish("wish.stop", False, "all", ago=MONTH)  # noqa: FBT003 - a value

    assert wishes(a_customer(stopped)).stopped_prospecting
    assert not wishes(a_customer(stopped, back)).stopped_prospecting


def test_quiet_hours_that_were_taken_back_hold_no_more() -> None:
    quiet = wish("wish.quiet_hours", {"days": ["sun"]}, ago=2 * MONTH)
    over = wish("wish.quiet_hours", None, ago=MONTH)

    assert wishes(a_customer(quiet)).quiet is not None
    assert wishes(a_customer(quiet, over)).quiet is None


def test_a_hold_by_her_hours_is_a_hold_with_an_end() -> None:
    lea = a_customer(wish("wish.quiet_hours", {"days": ["sun"]}))
    decision = weigh(NOTICE, lea, HOUSE, NOON)

    assert (decision.verdict, decision.hold) == (Verdict.HOLD, Hold.UNTIL)
