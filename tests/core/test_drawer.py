"""Story 1: told when it is time to change the filter; never too soon, never twice."""

from datetime import UTC, datetime

from terrain.core.run import RunState
from tests.journeys import Life, examples

THREE = [{"sku": "filter-a", "quantity": 3}]
REMINDER = "filter-reminder"


def a_life(*, lawful: bool = False) -> Life:
    return Life(examples()[REMINDER], lawful=lawful)


def test_lea_who_bought_three_filters_is_told_after_6_12_and_18_months() -> None:
    life = a_life(lawful=True).hear("order.delivered", "carrier", order="17", items=THREE)

    life.days(600)

    assert life.sent_on(REMINDER) == ["2026-07-15", "2027-01-15", "2027-07-15"]


def test_each_reminder_is_about_one_unit_of_the_order() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE)

    subjects = [run.subject for run in life.live]

    assert subjects == ["order-17/filter-a/1", "order-17/filter-a/2", "order-17/filter-a/3"]


def test_a_date_that_she_moves_is_hers_and_moves_those_that_follow() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE).days(30)

    second = "order-17/filter-a/2"
    life.hear("date.moved", "page", subject=second, automation=REMINDER, to="2027-02-20")
    life.days(700)

    assert life.sent_on(REMINDER) == ["2026-07-15", "2027-02-20", "2027-08-20"]


def test_buying_before_the_last_one_is_used_up_cancels_no_date_and_adds_none_too_soon() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE).days(300)

    more = [{"sku": "filter-a", "quantity": 2}]
    life.hear("order.delivered", "carrier", order="18", items=more).days(900)

    dates = ["2026-07-15", "2027-01-15", "2027-07-15", "2028-01-15", "2028-07-15"]
    assert life.sent_on(REMINDER) == dates


def test_buying_when_the_drawer_is_empty_counts_from_the_new_delivery() -> None:
    one = [{"sku": "filter-a", "quantity": 1}]
    life = a_life().hear("order.delivered", "carrier", order="17", items=one).days(250)

    life.hear("order.delivered", "carrier", order="18", items=one).days(250)

    assert life.sent_on(REMINDER) == ["2026-07-15", "2027-03-22"]


def test_another_product_has_a_drawer_of_its_own() -> None:
    both = [{"sku": "filter-a", "quantity": 1}, {"sku": "filter-b", "quantity": 1}]
    life = a_life().hear("order.delivered", "carrier", order="17", items=both)

    assert sorted(run.due_at.month for run in life.live if run.due_at) == [4, 7]


def test_two_lines_about_the_same_filter_are_counted_on() -> None:
    lines = [{"sku": "filter-a", "quantity": 1}, {"sku": "filter-a", "quantity": 1}]
    life = a_life().hear("order.delivered", "carrier", order="17", items=lines)

    assert [run.due_at.month for run in life.live if run.due_at] == [7, 1]


def test_a_delivery_told_twice_starts_nothing_twice() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE).days(1)

    life.hear("order.delivered", "shop", order="17", items=THREE)

    assert len(life.live) == 3


def test_odd_quantities_start_no_flood() -> None:
    for quantity in (-2, 0, "many", 74215, None, float("inf")):
        items = [{"sku": "filter-a", "quantity": quantity}]
        life = a_life().hear("order.delivered", "carrier", order="17", items=items)
        assert len(life.live) <= 36


def test_shoes_that_do_not_wear_out_by_the_calendar_start_nothing() -> None:
    shoes = [{"sku": "shoes-42", "quantity": 1}, {"sku": "unheard-of", "quantity": 1}, "odd", 7]

    assert not a_life().hear("order.delivered", "carrier", order="17", items=shoes).live


def test_a_filter_that_went_back_is_never_spoken_of_again() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE).days(10)

    life.hear("order.returned", "carrier", order="17", items=[{"sku": "filter-a"}]).days(600)

    assert not life.sent
    assert {run.because for run in life.runs.values()} == {"order.returned"}


def test_a_return_of_another_order_changes_nothing() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE).days(10)

    life.hear("order.returned", "carrier", order="99")

    assert len(life.live) == 3


def test_six_months_after_31_august_is_the_last_day_of_february() -> None:
    life = a_life().until(datetime(2027, 8, 31, 10, tzinfo=UTC))

    one = [{"sku": "filter-a", "quantity": 1}]
    life.hear("order.delivered", "carrier", order="17", items=one).days(365)

    assert life.sent_on(REMINDER) == ["2028-02-29"]


def test_a_wait_over_a_change_of_clocks_ends_at_the_same_time_of_the_clock() -> None:
    one = [{"sku": "filter-a", "quantity": 1}]  # January: UTC+1; July: UTC+2
    life = a_life().hear("order.delivered", "carrier", order="17", items=one)

    assert life.live[0].due_at == datetime(2026, 7, 15, 10, tzinfo=UTC)


def test_a_date_that_no_calendar_holds_fails_the_run_and_nothing_else() -> None:
    stones = [{"sku": "stone", "quantity": 2, "lifetime": "9000 years"}, *THREE]

    life = a_life().hear("order.delivered", "carrier", order="17", items=stones)

    failed = [run for run in life.runs.values() if run.state is RunState.FAILED]
    assert {run.because for run in failed} == {"date_beyond_calendar"}
    assert len(life.live) == 3


def test_a_delivery_told_again_with_one_more_adds_that_one_alone() -> None:
    two = [{"sku": "filter-a", "quantity": 2}]
    life = a_life().hear("order.delivered", "carrier", order="17", items=two).days(1)

    life.hear("order.delivered", "shop", order="17", items=THREE)

    months = sorted((run.due_at.year, run.due_at.month) for run in life.live if run.due_at)
    assert months == [(2026, 7), (2027, 1), (2027, 7)]


def test_a_flood_of_lines_starts_no_flood_of_runs() -> None:
    lines = [{"sku": f"f{n}", "quantity": 30, "lifetime": "1 month"} for n in range(30)]

    life = a_life().hear("order.delivered", "carrier", order="17", items=lines)

    assert len(life.live) == 200


def test_a_date_moved_earlier_moves_those_that_follow_earlier_too() -> None:
    life = a_life().hear("order.delivered", "carrier", order="17", items=THREE).days(30)

    first = "order-17/filter-a/1"
    life.hear("date.moved", "page", subject=first, automation=REMINDER, to="2026-06-15")
    life.days(700)

    assert life.sent_on(REMINDER) == ["2026-06-15", "2026-12-15", "2027-06-15"]


def test_a_date_moved_into_the_past_is_said_at_once_and_once() -> None:
    one = [{"sku": "filter-a", "quantity": 1}]
    life = a_life().hear("order.delivered", "carrier", order="17", items=one).days(30)

    subject = "order-17/filter-a/1"
    life.hear("date.moved", "page", subject=subject, automation=REMINDER, to="2026-01-20")

    assert life.sent == [REMINDER]
    assert not life.days(400).live
