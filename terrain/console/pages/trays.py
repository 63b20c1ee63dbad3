"""What could not be handled: with the reason, tried again, or marked as looked after by a person.

Whoever tends the trays but may see no customer reads reasons as codes, and nothing of what was sent.
"""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.console import topics
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.staff import May
from terrain.errors import Refusal
from terrain.flow import trays as work
from terrain.store import trays
from terrain.store.trays import Kept
from terrain.words import refusal_sentence

A_PAGE = 50


class Line(NamedTuple):
    """One line as it is shown; `failed` is why it could not be handled this time either."""

    kept: Kept
    sentence: str
    failed: str = ""


def index(request: HttpRequest) -> HttpResponse:
    return _shown(request, {})


def act(request: HttpRequest) -> HttpResponse:
    """Try the chosen lines again, or mark them as looked after."""
    db = record()
    numbers = map(number_in, request.POST.getlist("line")[:A_PAGE])
    chosen = [number for number in numbers if number is not None]
    request.audited = {"lines": chosen, "do": request.POST.get("do", "close")}
    if request.POST.get("do") == "retry":
        failed = _retried(db, request, chosen)
        if failed:
            return _shown(request, failed)
    else:
        trays.close(db, chosen, request.staff.name, request.now)
    return HttpResponseRedirect(request.get_full_path() if chosen else reverse("trays"))


def _retried(db: Connection, request: HttpRequest, chosen: list[int]) -> dict[int, str]:
    """Try each again on its own; return why some of them failed again."""
    failed = {}
    for number in chosen:
        try:
            work.retry(db, work.find(db, number), request.staff.name, request.now)
        except Refusal as refusal:
            failed[number] = refusal_sentence(request.language, refusal)
    return failed


def _shown(request: HttpRequest, failed: dict[int, str]) -> HttpResponse:
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    full = trays.by_kind(db)
    kinds = [each.kind for each in full]
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in kinds else None
    after = number_in(request.GET.get("after", "")) or 0
    found = trays.waiting(db, kind=kind, most=A_PAGE, after=after)
    more = f"?kind={kind or ''}&after={found[-1].tray_id}" if len(found) == A_PAGE else ""
    sees = request.staff.may(May.SEE_CUSTOMERS)
    return page(
        request,
        "trays.html",
        room="trays",
        listening=listening,
        full=full,
        kind=kind,
        lines=[_line(each, request.language, failed, sees=sees) for each in found],
        failed=len(failed),
        sees=sees,
        again=work.CAN_BE_RETRIED,
        here=request.get_full_path(),
        more=more,
        later=f"?kind={kind or ''}" if after else "",
        status=409 if failed else 200,
    )


def _line(kept: Kept, language: str, failed: dict[int, str], *, sees: bool) -> Line:
    if not sees:
        return Line(kept, kept.code, "" if kept.tray_id not in failed else kept.code)
    return Line(kept, work.sentence(kept, language), failed.get(kept.tray_id, ""))
