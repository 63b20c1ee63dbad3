"""A grade as people read it: its parts and numbers, its reasons, what would earn the next letter, its corner.

Promise: every code of `core/grade.py`, `core/efficiency.py`, `core/nearest.py` and `core/quadrant.py` has words
in both languages (context "grade" of the catalogue), with its numbers as the reader writes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from terrain import words
from terrain.core.drift import Heading
from terrain.core.grade import ENOUGH_SEEN, Cap, Grade, Reason
from terrain.core.nearest import Change
from terrain.core.process import Basis, Figure, Served
from terrain.core.quadrant import Corner, Counsel
from terrain.core.voices import Moved
from terrain.flow.spoken import bound_said, number_said

# What is a share of a whole without being a count of cases.
_SHARES = ("bound.", "enough")


def reason_said(reason: Reason, language: str) -> str:
    return _said(language, reason.code, reason.values)


def cap_said(cap: Cap, language: str) -> str:
    return _said(language, cap.code, cap.values)


def change_said(change: Change, language: str) -> str:
    return _said(language, f"change.{change.code}", {"cases": change.cases, "of": change.of})


def too_few_said(grade: Grade, language: str) -> str:
    """Return why there is no letter."""
    more = max(0, ENOUGH_SEEN - grade.seen)
    return _said(language, "not_enough_seen", {"seen": grade.seen, "more": more})


def counsel_said(counsel: Counsel, language: str) -> str:
    return _said(language, f"corner.{counsel.code}", counsel.values)


def heading_said(heading: Heading, language: str) -> str:
    return _said(language, "heading", {"periods": heading.periods})


def flattery_said(moved: Moved, language: str) -> str:
    return _said(language, "flatters", {"change": moved.change, "who": moved.who})


def grade_said(grade: Grade, language: str) -> list[str]:
    """Return all that is said of a grade: why it is no better, then what would earn the next letter."""
    if grade.letter is None:
        return [too_few_said(grade, language)]
    changes = grade.next.changes if grade.next else ()
    return [
        *(reason_said(reason, language) for reason in grade.reasons),
        *(change_said(change, language) for change in changes),
    ]


def part_called(code: str, language: str) -> str:
    return _said(language, f"part.{code}", {})


def figure_called(figure: Figure, language: str) -> str:
    """Return what the number is called; one that several parts have goes by its last word."""
    return _said(language, f"figure.{figure.what}", {})


def figure_said(figure: Figure, language: str) -> str:
    """Return the number: "12 of 800", "0.5 %", "9"."""
    if figure.what.startswith(_SHARES):
        return bound_said(figure.value, language)
    value = _few_digits(figure.value, language)
    if figure.of is None:
        return value
    return _said(language, "figure_of", {"value": figure.value, "of": figure.of})


def basis_called(basis: Basis, language: str) -> str:
    return _said(language, f"basis.{basis}", {})


def corner_called(corner: Corner, language: str) -> str:
    return _said(language, f"corner.name.{corner}", {})


def served_called(served: Served, language: str) -> str:
    return _said(language, f"served.{served}", {})


def _said(language: str, code: str, values: Mapping[str, float]) -> str:
    sentence = words.catalogue(language).pgettext("grade", str(code))
    spoken = {name: _few_digits(value, language) for name, value in values.items()}
    return sentence.format_map(spoken)


def _few_digits(value: float, language: str) -> str:
    """Return "12", "1,5" or "0,25": nobody measures minutes to the hundredth."""
    return number_said(round(value, 1 if abs(value) >= 1 else 2), language)
