"""The quadrant: every process on one picture, the dangerous corner first, with a table that says the same."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.grade import ENOUGH_SEEN
from terrain.core.quadrant import Corner, counsel
from terrain.core.quadrant_picture import picture
from terrain.flow import grading
from terrain.flow.grade_said import (
    corner_called,
    counsel_said,
    heading_said,
    served_called,
    too_few_said,
)
from terrain.flow.grading import Graded, standing, with_room


class Line(NamedTuple):
    """One process as the table shows it."""

    graded: Graded
    served: str
    heading: str
    too_few: str


class InCorner(NamedTuple):
    """One corner with what stands in it, and what to do about it."""

    corner: Corner
    called: str
    counsel: str
    lines: list[Line]


def show(request: HttpRequest) -> HttpResponse:
    found = grading.graded_all(record(), settings.TERRAIN, request.now)
    placed = [each for each in found if each.spot]
    drawn = with_room(placed)
    return page(
        request,
        "quadrant.html",
        room="quadrant",
        drawn=picture([standing(each) for each in drawn]),
        left_out=len(placed) - len(drawn),
        corners=[_in_corner(corner, placed, request.language) for corner in Corner],
        unseen=[_line(each, request.language) for each in found if not each.spot],
        alarms=[_line(each, request.language) for each in found if each.heading],
        corner_called={corner: corner_called(corner, request.language) for corner in Corner},
        counted_at=max((each.counted_at for each in found if each.counted_at), default=None),
        enough=ENOUGH_SEEN,
    )


def _in_corner(corner: Corner, placed: list[Graded], language: str) -> InCorner:
    here = [each for each in placed if each.spot and each.spot.corner is corner]
    return InCorner(
        corner=corner,
        called=corner_called(corner, language),
        counsel=_counsel(here[0], language) if here else "",
        lines=[_line(each, language) for each in here],
    )


def _counsel(each: Graded, language: str) -> str:
    assert each.spot is not None  # it stands in a corner
    return counsel_said(counsel(each.spot), language)


def _line(each: Graded, language: str) -> Line:
    return Line(
        each,
        served_called(each.process.served, language),
        heading_said(each.heading, language) if each.heading else "",
        "" if each.grade.letter else too_few_said(each.grade, language),
    )
