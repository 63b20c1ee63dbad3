"""Whatever an outside system put under a name, reading it gives a value or None."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from terrain.core.catalogue import Product
from terrain.core.duration import Span, span_of
from terrain.core.name import Name, as_about, as_moment, as_span, find
from terrain.core.scene import Scene
from terrain.flow.names import NameRefused, Names
from tests.journeys import a_shop, example_catalogue
from tests.people import NOON, a_claim, a_customer

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("path", "said", "expected"),
    [
        ("order.total", {"order": {"total": 5}}, 5),
        ("order.total", {"order_total": 5}, 5),
        ("order.total", {"order": "17", "total": 5}, 5),
        ("order", {"order_id": "17"}, "17"),
        ("items", {"products": [1]}, [1]),
        ("sku", {"product_id": "f"}, "f"),
        ("order.total", {"order": {"id": 1}}, None),
        ("nothing", {}, None),
    ],
)
def test_a_path_is_found_however_a_system_writes_it(
    path: str, said: dict[str, Any], expected: Any
) -> None:
    assert find(said, tuple(path.split("."))) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-12-01", "2026-12-01T09:00:00+01:00"),
        (date(2026, 12, 1), "2026-12-01T09:00:00+01:00"),
        ("2026-12-01T10:00:00Z", "2026-12-01T10:00:00+00:00"),
        (datetime(2026, 12, 1, 10, tzinfo=UTC), "2026-12-01T10:00:00+00:00"),
        ("2026-12-01T10:00:00", "2026-12-01T10:00:00+01:00"),
        ("soon", None),
        (17, None),
        (None, None),
    ],
)
def test_a_moment_is_read_by_the_customers_clock(value: Any, expected: str | None) -> None:
    moment = as_moment(value, PARIS)

    assert (moment and moment.isoformat()) == expected


def test_a_time_of_day_can_be_asked_for() -> None:
    moment = as_moment("2026-12-01T23:30:00Z", PARIS, time(8))

    assert moment == datetime(2026, 12, 2, 8, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6 months", Span(months=6)),
        ("1 year and 6 months", Span(months=18)),
        ("90 jours", Span(days=90)),
        ("2 semaines, 3 heures", Span(days=14, seconds=10_800)),
        ("6 moths", None),
        ("6", None),
        ("", None),
        (6, None),
        ("999999 years", None),
    ],
)
def test_a_length_of_time_is_read_as_people_say_it(text: Any, expected: Span | None) -> None:
    assert span_of(text) == expected
    assert as_span(expected or text) == expected


def test_spans_follow_the_calendar() -> None:
    end_of_august = datetime(2027, 8, 31, 10, tzinfo=UTC)
    assert Span(months=6).after(end_of_august, PARIS).date() == date(2028, 2, 29)
    assert Span(months=6).plus(Span(days=1)).times(2) == Span(months=12, days=2)
    with pytest.raises((ValueError, OverflowError)):
        Span(months=120_000).after(end_of_august, PARIS)


def test_what_something_is_called_is_its_shortest_name() -> None:
    words = [
        as_about(Product(sku="f")),
        as_about({"id": 17}),
        as_about({}),
        as_about(""),
        as_about(5),
    ]

    assert words == ["f", "17", None, None, "5"]


def look(name: str, context: dict[str, Any], **said: Any) -> Any:
    claims = [a_claim(value, fact=fact) for fact, value in said.items()]
    resolved = Names(example_catalogue(), example_catalogue().events.values()).resolve(name)
    return Scene(a_customer(*claims), a_shop(), NOON, context).look_up(resolved)


EVENT = {"name": "order.delivered", "at": NOON, "properties": {"order": "17", "sku": "filter-b"}}


def test_names_are_looked_up_where_they_live() -> None:
    context = {"event": EVENT, "item": {"sku": "filter-a", "price": 4}, "unit": 2}

    assert look("country", context, country="FR") == "FR"
    assert look("event.at", context) == NOON
    assert look("event.product.lifetime", context) == Span(months=3)
    assert look("item.product.lifetime", context) == Span(months=6)
    assert look("item.product.category", context) == "water-filters"
    assert look("item.price", context) == 4
    assert look("unit", context) == 2
    assert look("customer.likes_birthdays", context) is True
    assert look("heard.rating", context) is None
    assert look("customer.home_on(heard.date)", context) is None
    assert look("item.product", {"item": 5}).sku == "5"
    assert look("item.sku", {"item": 5}) is None
    assert look("item.product", {}) is None


def test_a_product_nobody_declared_is_as_the_event_says() -> None:
    item = {"sku": "stone", "lifetime": "2 years", "name": "A stone", "reorder": 5}

    assert look("item.product.lifetime", {"item": item}) == Span(months=24)
    assert look("item.product.name", {"item": item}) == "A stone"
    assert look("item.product.reorder", {"item": item}) is None


@pytest.mark.parametrize(
    "name",
    ["custmer.email", "event", "run.nothing", "item.product.colour", "uses(", "", "a b", "x.y"],
)
def test_a_name_that_nobody_declared_is_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        Names(example_catalogue(), [example_catalogue().events["order.placed"]]).resolve(name)


def test_a_name_is_a_value_that_can_be_compared() -> None:
    names = Names(example_catalogue())

    assert names.resolve("country") == names.resolve("country")
    assert isinstance(names.resolve("customer.uses(item.product)").about, Name)
