"""One process: its letter, both axes opened to parts, numbers and cases, and what would earn the next letter."""

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from babel import dates
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from psycopg import Connection

from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.efficiency import Part
from terrain.core.identifier import CustomerKey
from terrain.core.process import HARMS, Basis, Figure, SeenNeeds
from terrain.core.quadrant import Corner, counsel
from terrain.core.quadrant_picture import picture
from terrain.core.signal import Signal
from terrain.flow import grading
from terrain.flow.grade_said import (
    basis_called,
    cap_said,
    change_said,
    corner_called,
    counsel_said,
    figure_called,
    figure_said,
    flattery_said,
    heading_said,
    part_called,
    reason_said,
    served_called,
    too_few_said,
)
from terrain.flow.grading import Graded, standing
from terrain.store import directory, served, signals

LATEST = 8
# A change of an average below half a point in a hundred is none.
WORTH_SAYING = 0.005
_LAST = 2**63 - 1


class Number(NamedTuple):
    """One number of a part: what it is, how much, and whether it was measured, declared or assumed.

    `signal`: whose cases it counts, where there are any to look at.
    """

    called: str
    said: str
    basis: Basis
    basis_called: str
    signal: str = ""


class Opened(NamedTuple):
    """One part of an axis, opened."""

    part: Part
    called: str
    numbers: list[Number]


def show(request: HttpRequest, name: str) -> HttpResponse:
    db = record()
    graded = grading.graded_one(db, settings.TERRAIN, name, request.now)
    grade, language = graded.grade, request.language
    return page(
        request,
        "process.html",
        room="quadrant",
        graded=graded,
        process=graded.process,
        is_automation=grading.is_automation(graded.process),
        served=served_called(graded.process.served, language),
        too_few="" if grade.letter else too_few_said(grade, language),
        reasons=[(reason, reason_said(reason, language)) for reason in grade.reasons],
        caps=[
            (cap.at_most, cap_said(cap, language))
            for cap in grade.caps
            if cap.code not in {reason.code for reason in grade.reasons}
        ],
        changes=[
            change_said(each, language) for each in (grade.next.changes if grade.next else ())
        ],
        axes=[_opened(axis.parts, language) for axis in (grade.customer, grade.business)],
        since=grading.since(request.now),
        corner_called={corner: corner_called(corner, language) for corner in Corner},
        **_placed(graded, language),
        **_flattery(graded, language),
        **_cases(db, graded),
    )


def _opened(parts: Iterable[Part], language: str) -> list[Opened]:
    return [
        Opened(
            part,
            part_called(part.code, language),
            [_number(figure, language) for figure in part.figures],
        )
        for part in parts
    ]


def _number(figure: Figure, language: str) -> Number:
    return Number(
        figure_called(figure, language),
        figure_said(figure, language),
        figure.basis,
        basis_called(figure.basis, language),
        _signal(figure),
    )


def _signal(figure: Figure) -> str:
    name = (
        Signal.WRONG_ASSUMPTION if figure.what == "wrong" else figure.what.removeprefix("signal.")
    )
    return name if figure.value and name in set(Signal) else ""


def _placed(graded: Graded, language: str) -> dict[str, Any]:
    """Return where it stands, where it is heading, and what its corner suggests."""
    if graded.spot is None:
        return {"drawn": None, "corner": "", "counsel": "", "heading": ""}
    return {
        "drawn": picture([standing(graded)]),
        "months": list(zip(graded.months, graded.tail, strict=True)),
        "month_of": partial(dates.format_skeleton, "yMMMM", locale=language),
        "corner": corner_called(graded.spot.corner, language),
        "counsel": counsel_said(counsel(graded.spot, graded.brings_back), language),
        "heading": heading_said(graded.heading, language) if graded.heading else "",
    }


def _flattery(graded: Graded, language: str) -> dict[str, Any]:
    """Return what looks better than it is."""
    seen = graded.seen
    return {
        "contained": seen if isinstance(seen, SeenNeeds) and seen.contained else None,
        "voices": [
            (voice, moved, flattery_said(moved, language) if moved.flatters else "")
            for voice, moved in graded.voices.items()
            if abs(moved.change) >= WORTH_SAYING
        ],
    }


def _cases(db: Connection, graded: Graded) -> dict[str, Any]:
    """Return the latest cases in which it went wrong, with the names of those it went wrong for."""
    name = graded.process.name
    if not grading.is_automation(graded.process):
        kept = served.gone_wrong(db, name, LATEST)
        return {"harms": [], "needs": kept, "called": _called(db, (one.key for one in kept))}
    found = [case for signal in HARMS for case in _of(db, name, signal, graded)]
    latest = sorted(found, key=lambda case: case.at, reverse=True)[:LATEST]
    return {"harms": latest, "needs": [], "called": _called(db, (case.key for case in latest))}


def _of(db: Connection, name: str, signal: Signal, graded: Graded) -> list[signals.Case]:
    if graded.counted_at is None:
        return []
    return signals.latest(db, name, signal, (graded.counted_at, _LAST), LATEST)


def _called(db: Connection, keys: Iterable[CustomerKey]) -> dict[int, str]:
    lines = directory.lines(db, set(keys))
    return {key.customer_id: line.called for key, line in lines.items()}
