"""Whoever gets a grade is told why, and what to do about it, in their own language."""

from __future__ import annotations

import re

import pytest

from terrain import words
from terrain.core.drift import Heading, Slope
from terrain.core.grade import Letter, Reason, graded
from terrain.core.nearest import Change
from terrain.core.process import APerson, CameBack, Control, Light, Seen, SeenActs, SeenNeeds, Tried
from terrain.core.quadrant import Spot, counsel
from terrain.core.voices import Answers, Voice, moved
from terrain.flow.grade_said import (
    change_said,
    counsel_said,
    flattery_said,
    grade_said,
    heading_said,
    reason_said,
)
from tests.core.processes import EVERYWHERE, a_process, acts, needs

CAPS = ("unlawful", "no_owner", "no_benefit", "only_way", "left_standing", "meter_red")
PARTS = tuple(f"control.{control}" for control in Control)
CHANGES = (
    *("met", "little_effort", "to_a_person", "offer_a_person", "no_harm", "made_good"),
    *("of_use", "sure", *PARTS, *(f"lift.{cap}" for cap in CAPS)),
)
WORST: tuple[Seen, ...] = (
    SeenActs(acts=100, useful=1, wrong=20, came_back=CameBack(hurt=20, light=Light.RED)),
    SeenActs(acts=100, useful=60, sure=100),
    SeenNeeds(needs=100, dead_ends=50, person=APerson(asked=9)),
    SeenNeeds(needs=100, quiet=100, dead_ends=0),
)


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("seen", WORST)
def test_every_reason_has_a_sentence_without_a_gap(seen: Seen, language: str) -> None:
    for said in ({}, {"lawful": False}, {"owner": ""}, {"only_way": True}):
        grade = graded(a_process(**said), seen)
        for sentence in grade_said(grade, language):
            assert " " in sentence
            assert not re.search(r"[{}]", sentence)


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("code", CHANGES)
def test_every_change_has_a_sentence(code: str, language: str) -> None:
    sentence = change_said(Change(code=code, cases=1_234, of=5_678), language)

    assert not sentence.startswith("change.")


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize(
    "spot", [Spot(business=b, customer=c) for b in (-1, 1) for c in (10, 90)], ids=str
)
def test_every_corner_has_its_counsel(spot: Spot, language: str) -> None:
    assert not counsel_said(counsel(spot), language).startswith("corner.")


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    reason = Reason(code="of_use", cost=3, values={"useful": 1_200, "useful_of": 4_000, "wrong": 3})

    assert "1,200 of 4,000" in reason_said(reason, "en")
    assert "1\u202f200 sur 4\u202f000" in reason_said(reason, "fr")


def test_a_filter_that_cannot_be_moved_is_told_so() -> None:
    seen = acts(useful=45, controls={**EVERYWHERE, Control.DECIDE_WHEN: Tried()})
    grade = graded(a_process(), seen)

    assert grade.letter is Letter.A_MINUS
    assert grade_said(grade, "en")[-1] == "A way to decide when, that is heeded."


def test_of_too_few_it_is_said_how_many_are_missing() -> None:
    said = grade_said(graded(a_process(), SeenNeeds(needs=12)), "fr")

    assert len(said) == 1
    assert "38" in said[0]


def test_a_perfect_process_is_told_nothing() -> None:
    assert grade_said(graded(a_process(), acts(useful=100)), "en") == []
    assert needs().needs == 100


def test_where_it_is_heading_and_who_answered_are_said() -> None:
    still = Slope(middle=0, low=0, high=0)
    rose = moved(
        [Answers(voice=Voice.INVITED, group="served", count=5, total=20)],
        [Answers(voice=Voice.INVITED, group="others", count=5, total=25)],
    )[Voice.INVITED]

    assert "1.5" in heading_said(Heading(periods=1.5, business=still, customer=still), "en")
    assert "1" in flattery_said(rose, "fr")
