"""The quadrant drawn: each point where it belongs, nothing beside the paper, no name over another or a point."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core.quadrant import Corner, Spot
from terrain.core.quadrant_picture import HIGH, LETTER, LINE, WIDE, Standing, picture


def standing(business: float, customer: float, name: str = "filter", **said: object) -> Standing:
    spot = Spot(business=business, customer=customer, seen=said.pop("seen", 100))  # type: ignore[arg-type]
    return Standing(name=name, spot=spot, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("business", "customer", "corner"),
    [
        (0.5, 20, Corner.DANGEROUS),
        (-0.5, 20, Corner.IMPROVE_OR_STOP),
        (-0.5, 90, Corner.HIGH_TOUCH),
        (0.5, 90, Corner.KEEP_WITH_CHECKS),
    ],
)
def test_a_point_is_drawn_in_its_corner(business: float, customer: float, corner: Corner) -> None:
    drawn = picture([standing(business, customer)])
    (dot,) = drawn.dots

    assert dot.corner is corner
    assert (dot.x > drawn.cut_x) == (business > 0)
    assert (dot.y < drawn.cut_y) == (customer > 60)


@given(st.floats(-1e6, 1e6), st.floats(-50, 200), st.integers(0, 10**9))
def test_nothing_is_drawn_beside_the_paper(business: float, customer: float, seen: int) -> None:
    (dot,) = picture([standing(business, customer, seen=seen)]).dots

    assert 0 <= dot.x - dot.r <= dot.x + dot.r <= WIDE
    assert 0 <= dot.y - dot.r <= dot.y + dot.r <= HIGH


def test_more_seen_is_a_larger_point() -> None:
    few, many = picture([standing(0, 50, seen=10), standing(0, 50, seen=900)]).dots

    assert few.r < many.r


def test_the_tail_ends_in_the_point() -> None:
    was = Spot(business=-0.5, customer=90)
    (dot,) = picture([standing(0.5, 20, tail=(was,))]).dots

    assert dot.tail.split()[-1] == f"{dot.x:.1f},{dot.y:.1f}"
    assert len(dot.tail.split()) == 2


def test_without_a_past_there_is_no_tail() -> None:
    assert picture([standing(0.5, 20)]).dots[0].tail == ""


def test_a_name_near_the_edge_stands_left_of_its_point() -> None:
    (dot,) = picture([standing(0.98, 50, name="a-rather-long-name")]).dots

    assert dot.is_left
    assert dot.name_x < dot.x


def test_names_of_points_in_one_place_do_not_cover_each_other() -> None:
    drawn = picture([standing(0.2, 70, name=f"process-{n}") for n in range(8)])
    heights = [dot.name_y for dot in drawn.dots]

    assert all(abs(one - other) >= LINE for one, other in combinations(heights, 2))


def test_names_far_from_each_other_stay_beside_their_points() -> None:
    first, second = picture([standing(-0.8, 70, "a"), standing(0.5, 70, "b")]).dots

    assert first.name_y == second.name_y
    assert LETTER > 0


def test_the_axes_have_their_numbers() -> None:
    drawn = picture([])

    assert [tick.value for tick in drawn.across] == [-1, -0.5, 0, 0.5, 1]
    assert drawn.across[2].at == drawn.cut_x
    assert drawn.up[3].at == drawn.cut_y


def test_no_name_stands_on_the_point_of_another() -> None:
    left, right = standing(0.09, 55, "bottle-care"), standing(0.2, 57.5, "parcel-unasked")

    name, other = picture([left, right]).dots

    beyond = other.y + other.r, other.y - other.r
    assert name.name_x < other.x - other.r < name.name_x + LETTER * len("bottle-care")
    assert name.name_y - LINE + 5 >= beyond[0] or name.name_y + 5 <= beyond[1]
    assert abs(name.name_y - name.y) < 3 * LINE
