"""What a customer's own rhythm says, and how little it is worth."""

from datetime import UTC, date, datetime, time, timedelta

from terrain.core.event import Event
from terrain.core.rhythm import foresee, listen

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


def ordered(day: date, *skus: str) -> Event:
    at = datetime.combine(day, time(9), UTC)
    items = [{"sku": sku} for sku in skus]
    return Event(
        message_id=f"m-{day}",
        event_id=1,
        name="order.placed",
        at=at,
        received_at=at,
        source="shop",
        properties={"items": items},
    )


def test_a_listener_foresees_the_fourth_purchase_after_the_third() -> None:
    orders = [ordered(day, "tea") for day in every(60, times=4)]

    listened = listen(orders, until=datetime(2026, 1, 1, tzinfo=UTC))

    assert [each.name for each in listened.said] == ["need.foreseen", "need.met", "need.foreseen"]
    assert list(listened.came_true.values()) == [True, False]


def test_what_cannot_be_known_yet_is_neither_true_nor_false() -> None:
    orders = [ordered(day, "tea") for day in every(60, times=3)]

    listened = listen(orders, until=datetime(2025, 7, 1, tzinfo=UTC))

    assert listened.came_true == {}


def test_two_lines_of_one_order_are_one_purchase() -> None:
    orders = [ordered(day, "tea", "tea") for day in every(60, times=2)]

    assert listen(orders, until=datetime(2026, 1, 1, tzinfo=UTC)).said == []
