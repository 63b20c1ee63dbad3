"""Pictures say in words what they show, and hold whatever they are given."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from terrain.console import pictures
from terrain.console.rooms import DESK, ROOMS

MONDAY = date(2026, 11, 23)


def drawn(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - we drew it ourselves


@pytest.mark.parametrize("name", sorted({*pictures.ICONS, *(each.name for each in ROOMS + DESK)}))
def test_every_room_has_its_icon_and_nobody_has_to_hear_it(name: str) -> None:
    assert drawn(pictures.icon(name)).get("aria-hidden") == "true"


def test_a_line_ends_in_a_point_at_its_last_value() -> None:
    line = drawn(pictures.spark([0, 5, 10], "visits"))
    points = line.find("polyline").get("points", "").split()  # type: ignore[union-attr]

    assert line.get("aria-label") == "visits"
    assert points[0] == "0.0,25.0"
    assert points[-1] == "120.0,3.0"


def test_a_line_of_nothing_is_not_drawn_and_one_of_zeros_lies_flat() -> None:
    assert pictures.spark([], "visits") == ""
    assert "0.0,25.0 120.0,25.0" in pictures.spark([0, 0], "visits")


def test_a_bar_shows_each_share_of_the_whole_and_leaves_out_what_is_none() -> None:
    bar = drawn(pictures.stacked([("act", 3), ("ask", 0), ("hold", 1)], "3 done, 1 held back"))
    kinds = {each.get("class"): float(each.get("width", 0)) for each in bar}

    assert kinds == {"act": 298.0, "hold": 98.0}
    assert bar.get("aria-label") == "3 done, 1 held back"


def test_a_bar_of_nothing_is_an_empty_bar() -> None:
    assert list(drawn(pictures.stacked([], "nothing yet"))) == []


@pytest.mark.parametrize(
    ("reach", "filled"), [("inbox", 1), ("phone", 2), ("account", 3), ("home", 4), ("moon", 0)]
)
def test_the_farther_an_act_reaches_the_more_rings_are_filled(reach: str, filled: int) -> None:
    rings = drawn(pictures.rings(reach, "reach"))

    assert sum(each.get("class") == "in" for each in rings) == filled
    assert len(rings) == 4


def test_a_calendar_has_a_square_for_every_day_and_a_head_for_every_month() -> None:
    days = {MONDAY: "act"}
    shown = drawn(pictures.calendar(days, MONDAY, date(2027, 2, 20), "fr", "90 jours"))
    squares = [each for each in shown if each.tag == "rect"]
    texts = [each.text for each in shown if each.tag == "text"]

    assert len(squares) == 90
    assert [each.get("class") for each in squares].count("act") == 1
    assert texts[:4] == ["nov.", "déc.", "janv.", "févr."]


def test_what_a_picture_says_cannot_become_part_of_it() -> None:
    bad = '"><script>x</script>'
    for picture in (
        pictures.spark([1], bad),
        pictures.stacked([(bad, 1)], bad),
        pictures.rings("inbox", bad),
        pictures.calendar({MONDAY: bad}, MONDAY, MONDAY, "en", bad),
    ):
        assert "<script" not in picture
        assert drawn(picture).get("aria-label") == bad


def test_no_picture_carries_a_style_of_its_own() -> None:
    for picture in (pictures.spark([1, 2], "a"), pictures.rings("home", "b")):
        assert "style=" not in picture
