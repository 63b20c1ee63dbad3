"""What a customer's own rhythm says, and how little it is worth."""

from datetime import date, timedelta

from terrain.core.rhythm import foresee

NEW_YEAR = date(2025, 1, 1)


def every(days: int, times: int) -> list[date]:
    return [NEW_YEAR + timedelta(days=days * each) for each in range(times)]


def test_omar_who_bought_every_sixty_days_is_due_sixty_days_later() -> None:
    foreseen = foresee(every(60, times=3))

    assert foreseen is not None
    assert (foreseen.on, foreseen.window) == (NEW_YEAR + timedelta(days=180), 15)


def test_two_purchases_are_no_rhythm() -> None:
    assert foresee(every(60, times=2)) is None


def test_what_is_bought_every_week_needs_no_reminder() -> None:
    assert foresee(every(7, times=10)) is None


def test_the_more_often_he_bought_the_surer_but_never_sure() -> None:
    sureness = [foreseen.confidence for n in range(3, 30) if (foreseen := foresee(every(60, n)))]

    assert sureness == sorted(sureness)
    assert max(sureness) < 0.5


def test_one_long_holiday_does_not_change_the_rhythm() -> None:
    bought = [*every(30, times=4), NEW_YEAR + timedelta(days=200)]

    foreseen = foresee(bought)

    assert foreseen is not None
    assert foreseen.gap == 30


def test_a_purchase_just_inside_the_window_is_right_and_one_outside_is_not() -> None:
    foreseen = foresee(every(60, times=3))

    assert foreseen is not None
    assert foreseen.is_right(foreseen.on + timedelta(days=15))
    assert not foreseen.is_right(foreseen.on + timedelta(days=16))
    assert not foreseen.is_right(None)
