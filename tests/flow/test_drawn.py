"""Pictures in letters: drawn from what the page is made of."""

import re

from terrain.channels.drawing import as_png
from terrain.core.grade import graded
from terrain.core.meter_picture import Picture
from terrain.core.process import Process, SeenNeeds, Served
from terrain.core.quadrant import Spot
from terrain.flow import drawn
from terrain.flow.grading import Graded, with_room
from tests.core.test_meter_picture import CALM, TURNED, days
from tests.core.test_meter_picture import drawn as picture_of


def turned() -> Picture:
    return picture_of(days(*TURNED))


def test_it_is_the_pages_own_drawing_in_its_own_colours() -> None:
    said = drawn.styles()

    assert ".meter .counted { stroke: #22261f" in said
    assert ".meter .since { stroke: #8c2a1c" in said
    assert "var(" not in said
    assert ".sheet" not in said


def test_a_meter_that_strays_looks_otherwise_than_one_that_does_not() -> None:
    found = [drawn.meter(picture_of(days(*year)), "m", "en").png for year in (TURNED, CALM)]

    assert found[0] != found[1]
    assert all(png.startswith(b"\x89PNG") for png in found)


def test_its_words_are_the_readers() -> None:
    english, french = (drawn.meter(turned(), "m", language).png for language in ("en", "fr"))

    assert english != french


def test_the_colours_are_really_taken() -> None:
    svg = '<svg class="meter" viewBox="0 0 4 4"><circle class="counted-end" cx="2" cy="2" r="2"/></svg>'

    assert as_png(svg, 8, drawn.styles()) != as_png(svg, 8)


def test_every_class_that_the_template_draws_with_has_its_colour() -> None:
    svg = (drawn.CONSOLE / "templates" / "meter.html").read_text().split("</svg>")[0]
    classes = set(re.findall(r'<(?:polyline|line|circle|rect)[^>]*class="([a-z-]+)"', svg))

    assert classes
    assert {each for each in classes if f".meter .{each} " not in drawn.styles()} == set()


def a_process(name: str, business: float, customer: float) -> Graded:
    process = Process(name=name, served=Served.PEOPLE, owner="camille@example.org")
    seen = SeenNeeds(needs=0)
    spot = Spot(business=business, customer=customer, seen=200)
    return Graded(process=process, seen=seen, grade=graded(process, seen), spot=spot)


def test_the_quadrant_is_the_pages_own_and_shows_where_each_stands() -> None:
    here = drawn.quadrant([a_process("hotline", 0.4, 30)], "quadrant", "en")
    there = drawn.quadrant([a_process("hotline", 0.4, 90)], "quadrant", "en")

    assert here.name == "quadrant"
    assert here.png != there.png
    assert ".quadrant .ground.dangerous { fill: #f8e2da" in drawn.styles()


def test_where_not_all_have_room_no_corner_is_left_empty() -> None:
    placed = [a_process(f"bad-{n}", 0.4, 30) for n in range(5)]
    placed += [a_process(f"dear-{n}", -0.4, 90) for n in range(2)]

    assert with_room(placed, 7) == placed
    names = [each.process.name for each in with_room(placed, 4)]
    assert names == ["bad-0", "bad-1", "dear-0", "dear-1"]
    assert [each.process.name for each in with_room(placed, 1)] == ["bad-0"]


def test_a_hostile_name_stays_a_name() -> None:
    drawn.quadrant([a_process("</text><script>&", 0.4, 30)], "quadrant", "en")


def test_the_quadrant_speaks_the_readers_language() -> None:
    some = [a_process("hotline", 0.4, 30)]

    assert drawn.quadrant(some, "q", "en").png != drawn.quadrant(some, "q", "fr").png
