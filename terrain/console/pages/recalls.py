"""Recalls: all of them; one with how far it has come and everybody it is about; one page of it for a board."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from psycopg import Connection

from terrain.console import recall_phrases, topics
from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.places import named, place_in
from terrain.console.record import record
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.recall import STOPPABLE, Fate, Recall, State, needs_another
from terrain.core.retelling import Tongue
from terrain.errors import Refusal
from terrain.flow import explanation, recall_told
from terrain.flow import recall as steps
from terrain.store import automations, directory, recalled, recalls
from terrain.store.recalled import Recalled

A_LIST, A_PAGE = 25, 50
ANSWERED = "answered"
# Of what was done to one person, so much is told before they are opened.
LINES = 3
GAP, SWITCH = re.compile(r"\{\{.*?\}\}"), re.compile(r"\{%.*?%\}")


class Step(NamedTuple):
    """One step of the way a recall goes: when it was taken and by whom; none yet, where `at` is none."""

    code: str
    at: datetime | None
    by: str


def index(request: HttpRequest) -> HttpResponse:
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    asked = place_in(request.GET.get("from", ""))
    found = recalls.latest(db, A_LIST + 1, (asked.at, asked.number) if asked else None)
    shown, more = found[:A_LIST], len(found) > A_LIST
    return page(
        request,
        "recalls.html",
        room="recalls",
        listening=listening,
        said=recall_phrases,
        recalls=shown,
        earlier=f"?from={named(shown[-1].opened_at, shown[-1].recall_id)}" if more else "",
        later="?" if asked else "",
        here=request.get_full_path(),
    )


def show(request: HttpRequest, recall: int) -> HttpResponse:
    return shown(request, recall)


def shown(request: HttpRequest, recall: int, refusal: Refusal | None = None) -> HttpResponse:
    """Show one recall; with the reason that was refused, where somebody would stop it."""
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    found = steps.known(db, recall)
    only = _only(request.GET.get("show", ""))
    people = _people(db, found, only, _key_in(request.GET.get("from", "")))
    listed, more = people[:A_PAGE], len(people) > A_PAGE
    return page(
        request,
        "recall.html",
        refusal=refusal,
        typed=request.POST.get("because", ""),
        room="recalls",
        listening=listening,
        only=only,
        lines=LINES,
        people=listed,
        called=directory.lines(db, [one.key for one in listed]),
        more=_address(only, listed[-1].key) if more else "",
        later=_address(only, None) if "from" in request.GET else "",
        here=_here(request, recall),
        **told(request, db, found),
    )


def _here(request: HttpRequest, recall: int) -> str:
    """Return the address under which a part of the page is asked for again."""
    own: str = reverse("recall", kwargs={"recall": recall})
    return request.get_full_path() if request.method == "GET" else own


def told(request: HttpRequest, db: Connection, recall: Recall) -> dict[str, Any]:
    """Return what every page of one recall shows of it: its facts, its steps, what runs."""
    facts = recall_told.facts(db, recall.recall_id)
    tongue = Tongue(request.language, house(db).catalogue)
    return {
        "said": recall_phrases,
        "recall": recall,
        "facts": facts,
        "steps": steps_of(recall),
        "how_far": recalls.how_far(db, recall) if recall.state is State.LOOKING else 1.0,
        "listed": automations.find(db, recall.automation),
        "alone": settings.TERRAIN.recall_alone,
        "two": needs_another(recall.people, settings.TERRAIN.recall_alone),
        "stoppable": recall.state in STOPPABLE,
        "event_said": tongue.event,
        "fact_said": fact_said(db, request.language),
        "as_moment": datetime.fromisoformat,
        "plainly": plainly,
    }


def fact_said(db: Connection, language: str) -> Callable[[str], str]:
    """Return how a fact is called, by its name: `uses(filter-a)`."""
    catalogue = house(db).catalogue

    def said(name: str) -> str:
        fact, _, about = name.partition("(")
        return explanation.fact_named(FactKey(fact, about.removesuffix(")")), catalogue, language)

    return said


def plainly(words: str) -> str:
    """Return the words of a remedy with its gaps as dots: nobody who reads them is a programmer."""
    return GAP.sub("…", SWITCH.sub("", words))


def steps_of(recall: Recall) -> list[Step]:
    """Return the way that a recall goes, as far as it came."""
    way = [
        Step("opened", recall.opened_at, recall.opened_by),
        Step("found", recall.found_at, ""),
        Step("prepared", recall.prepared_at, recall.prepared_by),
        Step("approved", recall.approved_at, recall.approved_by),
        Step("sent", recall.sent_at, recall.sent_by),
    ]
    if recall.state is State.STOPPED:
        taken = [step for step in way if step.at]
        return [*taken, Step("stopped", recall.stopped_at, recall.stopped_by)]
    return way


def board(request: HttpRequest, recall: int) -> HttpResponse:
    """Show one page for a regulator or a board, of facts and nobody's data."""
    db = record()
    found = steps.known(db, recall)
    live = house(db).live.get(found.automation)
    return page(
        request,
        "recall_board.html",
        room="recalls",
        mandate=live.mandate if live else {},
        **told(request, db, found),
    )


def _people(db: Connection, recall: Recall, only: str, after: CustomerKey | None) -> list[Recalled]:
    if only == ANSWERED:
        return recalled.who_answered(db, recall.recall_id, A_PAGE + 1, after)
    return recalled.people(db, recall.recall_id, A_PAGE + 1, after, Fate(only) if only else None)


def _only(text: str) -> str:
    return text if text == ANSWERED or text in set(Fate) else ""


def _key_in(text: str) -> CustomerKey | None:
    """Return behind whom the next page goes on; an odd one names nobody."""
    bucket, _, customer = text.partition("-")
    first, last = number_in(bucket), number_in(customer)
    if first is None or last is None or first > 2**15 - 1:
        return None
    return CustomerKey(first, last)


def _address(only: str, after: CustomerKey | None) -> str:
    place = {"from": f"{after.bucket}-{after.customer_id}"} if after else {}
    return "?" + urlencode(({"show": only} if only else {}) | place) + "#people"
