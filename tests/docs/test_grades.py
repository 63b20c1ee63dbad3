"""What the page about grades says is what the code does."""

from __future__ import annotations

import re
from datetime import date

import pytest

from terrain.core.effort import Effort
from terrain.core.grade import CUTS, Letter, graded
from terrain.core.process import APerson, Control, Costs, Served, Tried
from terrain.demo import shop
from terrain.demo.grading import grades
from tests.core.processes import EVERYWHERE, a_process, acts, needs
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "why" / "grades.md").read_text(encoding="utf-8")


def test_the_cuts_are_those_of_the_page() -> None:
    written = dict(re.findall(r"^\| ([A-F]-?) \| (\d+) \|$", PAGE, re.MULTILINE))

    assert {letter: int(cut) for letter, cut in written.items()} == CUTS


def test_the_parts_are_those_of_the_page() -> None:
    written = [
        int(most) for most in re.findall(r"^\| [^|]+ \| (\d+) \| [^|]+ \|$", PAGE, re.MULTILINE)
    ]
    parts = [
        part.most for seen in (needs(), acts()) for part in graded(a_process(), seen).customer.parts
    ]

    assert written == parts


def test_a_hundred_needs_worked_by_hand() -> None:
    grade = graded(a_process(), needs())

    assert (round(grade.points, 6), grade.letter) == (88.5, Letter.A)
    assert "36 + 22.5 + 15 + 15 = **88.5, A**" in PAGE
    assert [part.earned for part in grade.customer.parts] == [36, 22.5, 15, 15]


def test_a_hundred_acts_worked_by_hand() -> None:
    seen = acts(useful=45, controls={**EVERYWHERE, Control.DECIDE_WHEN: Tried()})
    grade = graded(a_process(), seen)

    assert (round(grade.points, 6), grade.letter) == (82, Letter.A_MINUS)
    assert "= **82, A-**" in PAGE
    assert graded(a_process(), acts(useful=51, controls=seen.controls)).letter is Letter.A
    assert graded(a_process(), acts(useful=49, controls=seen.controls)).letter is Letter.A_MINUS


def test_the_only_way_worked_by_hand() -> None:
    seen = needs(confirmed=0, quiet=80, dead_ends=20, person=APerson(), effort=Effort(waited=500))
    grade = graded(a_process(served=Served.SELF_SERVICE, only_way=True), seen)

    assert (round(grade.points, 6), grade.letter) == (69.5, Letter.F)
    assert "32 + 22.5 + 0 + 15 = **69.5**" in PAGE


def test_the_costs_are_those_of_the_page() -> None:
    costs = Costs()

    assert (costs.human.value, costs.complaint.value, costs.make_good.value) == (6, 25, 15)
    assert "6 for a person, 0.10 for a machine, 25 for a complaint, 15 for making good" in PAGE


@pytest.mark.slow
def test_the_demo_is_graded_as_the_page_says() -> None:
    found = grades(shop.house(), date(2025, 1, 6))
    rows = {
        "the filter, its date cannot be moved": found.filter_without_moving.grade,
        "the filter": found.filter.grade,
        "the shoes, asked first": found.shoes.grade,
        "the filter, without the guard": found.naive_filter.grade,
        "the shoes, unasked": found.naive_shoes.grade,
        "the shoes, unasked, had no money come back": found.naive_shoes_unpaid.grade,
        "the form that is the only way back": found.only_way,
    }
    for name, grade in rows.items():
        row = f"| {name} | {grade.seen} | {grade.points:.1f} | {grade.letter} | {grade.business.value:+.2f} |"
        assert row in PAGE
