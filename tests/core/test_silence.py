"""When the silence of a source is news."""

from datetime import UTC, datetime, timedelta

from terrain.core.silence import Gaps, is_silent, usual_gap, with_gap

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def after(*gaps: float) -> Gaps:
    known: Gaps = ()
    for gap in gaps:
        known = with_gap(known, gap)
    return known


def silent_for(seconds: float, known: Gaps) -> bool:
    return is_silent(NOON - timedelta(seconds=seconds), usual_gap(known), NOON)


def test_a_shop_that_sells_every_minute_is_missed_after_a_few() -> None:
    shop = after(*[MINUTE] * 500)

    assert not silent_for(2 * MINUTE, shop)
    assert silent_for(10 * MINUTE, shop)


def test_a_shop_that_sleeps_at_night_is_not_called_silent_at_dawn() -> None:
    shop = after(*[*[MINUTE] * 720, 12 * HOUR] * 7)

    assert not silent_for(12 * HOUR, shop)
    assert silent_for(3 * DAY, shop)


def test_a_monthly_report_is_not_missed_in_between() -> None:
    report = after(*[30 * DAY] * 14)

    assert not silent_for(40 * DAY, report)
    assert silent_for(200 * DAY, report)


def test_a_source_that_spoke_twice_has_no_rhythm_yet() -> None:
    assert usual_gap(after(HOUR, HOUR)) is None
    assert not silent_for(30 * DAY, after(HOUR, HOUR))


def test_one_long_failure_does_not_become_the_rule() -> None:
    shop = after(*[MINUTE] * 10_000, 2 * HOUR, *[MINUTE] * 500)

    assert silent_for(HOUR, shop)


def test_a_source_that_promised_to_speak_and_never_did_is_silent() -> None:
    assert is_silent(None, DAY, NOON)
    assert not is_silent(None, None, NOON)


def test_silences_of_years_and_of_no_time_are_borne() -> None:
    assert usual_gap(after(0.0, -5.0)) is None
    assert not silent_for(DAY, after(*[4000 * DAY] * 20))
