"""The audit log: what staff did, newest first, by person, by deed, by customer, in pieces, and to take along."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from terrain.console import audit_phrases
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.places import day_in, named, place_in
from terrain.console.record import record
from terrain.flow.spreadsheet import csv_of
from terrain.store import audit, staff
from terrain.store.audit import Before, Line, Sought
from terrain.words import refusal_in_short

A_PAGE = 60
MOST_TAKEN_ALONG = 20_000
ASKED = ("who", "what", "customer", "since")
NAME = re.compile(r"[a-z_]{1,60}")
HEADING = ("at", "staff_id", "name", "what", "outcome", "customer", "about", "details")


class Outcome(NamedTuple):
    """How something ended, and how loudly that is said."""

    words: str
    kind: str


def index(request: HttpRequest) -> HttpResponse:
    db, asked = record(), _asked(request.GET)
    place = place_in(request.GET.get("before", ""))
    before = Before(*place) if place else Before(request.now + timedelta(days=1))
    lines = audit.lines(db, _sought(asked), before, A_PAGE + 1)
    shown = lines[:A_PAGE]
    earlier = (
        {**asked, "before": named(shown[-1].at, shown[-1].audit_id)} if len(lines) > A_PAGE else {}
    )
    return page(
        request,
        "audit.html",
        room="audit",
        said=audit_phrases,
        lines=shown,
        asked={name: asked.get(name, "") for name in ASKED},
        is_narrowed=bool(asked),
        people=staff.everybody(db),
        outcome=_outcome,
        said_of=_said_of,
        refused_as=partial(refusal_in_short, request.language),
        days=settings.TERRAIN.audit_days,
        earlier=f"?{urlencode(earlier)}" if earlier else "",
        later="?" + urlencode(asked) if place else "",
    )


def take_along(request: HttpRequest) -> HttpResponse:
    """Give the newest lines that are asked for as a file; taking them along is a line itself."""
    asked = _asked(request.POST)
    before = Before(request.now + timedelta(days=1))
    lines = audit.lines(record(), _sought(asked), before, MOST_TAKEN_ALONG)
    request.audited = {"lines": len(lines), **asked}
    response = HttpResponse(csv_of(HEADING, map(_row, lines)), "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="audit-{request.now:%Y-%m-%d}.csv"'
    )
    return response


def _asked(form: QueryDict) -> dict[str, str]:
    """Return what was asked for, where it is something that can be."""
    typed = {name: form.get(name, "").strip() for name in ASKED}
    good = {
        "who": number_in(typed["who"]) is not None,
        "what": bool(NAME.fullmatch(typed["what"])),
        "customer": number_in(typed["customer"]) is not None,
        "since": day_in(typed["since"]) is not None,
    }
    return {name: text for name, text in typed.items() if good[name]}


def _sought(asked: Mapping[str, str]) -> Sought:
    return Sought(
        staff_id=number_in(asked.get("who", "")),
        what=asked.get("what"),
        customer_id=number_in(asked.get("customer", "")),
        since=day_in(asked.get("since", "")),
    )


def _outcome(line: Line) -> Outcome:
    return next(said for below, said in OUTCOMES if line.outcome < below)


def _said_of(line: Line) -> dict[str, Any]:
    """Return what a line is about and its details, each thing once, whatever the address calls it."""
    named = line.details.get("automation") or line.details.get("source")
    about = {key: of for key, of in line.about.items() if key != "name" or of != named}
    return about | dict(line.details)


def _row(line: Line) -> list[object]:
    return [
        line.at.isoformat(),
        line.staff_id,
        line.name,
        line.what,
        line.outcome,
        line.customer_id,
        _in_words(line.about),
        _in_words(line.details),
    ]


def _in_words(of: Mapping[str, object]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in of.items())


OUTCOMES = (
    (400, Outcome("done", "good")),
    (500, Outcome("was_refused", "doubt")),
    (1000, Outcome("broke", "wrong")),
)
