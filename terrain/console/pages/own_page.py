"""The customer's own pages, behind the links in messages: no account, no script, nothing acts on GET.

Home, the page of one decision ("why did I get this?", "why did you not write?"), and all that was done
and not done. Each form is one saying (`flow/customer_says.py`); afterwards the page it stood on shows
that it was taken in.
"""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain import words
from terrain.console import flash, own_words
from terrain.console.house import house, names_of_facts
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.places import named, place_in
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.belief import believe
from terrain.core.claims import open_complaints
from terrain.core.decision import Verdict
from terrain.core.fact import FactKey
from terrain.core.flag import Flag
from terrain.core.own_history import said_of
from terrain.core.recall import PREFIX
from terrain.flow import agreeing, answering, erasure, own_history, own_page
from terrain.flow.customer_says import SAYINGS, tell
from terrain.flow.own_page import OwnPage
from terrain.store.timeline import Before

AT_HOME, A_PIECE = 4, 25
FACTS_AT_HOME, FACTS_A_PAGE = 8, 30
# Where on these pages a form may lead back to; anything else leads home.
PLACE = re.compile(r"why(/\d{1,19})?|history|facts")


def show(request: HttpRequest, token: str) -> HttpResponse:
    own = read(request)
    latest = own_history.read(record(), own, _from_the_latest(request), AT_HOME, request.now)
    agree = agreeing.offered(own.customer, own.house, request.language, request.now)
    return _page(
        request,
        "own_page.html",
        own,
        token=token,
        latest=latest.lines,
        facts=[fact for fact in own.facts if fact.is_lasting][:FACTS_AT_HOME],
        is_more=latest.more is not None,
        agree=agree,
        says=_says(own),
        reachable=_reachable(own),
        called_wrong=_called_wrong(own),
        rights=erasure.standing(record(), own.customer),
    )


def why(request: HttpRequest, token: str, decision: int | None = None) -> HttpResponse:
    """Show the page of one decision; without a number, of the act that the link was sent with."""
    own = read(request, decision)
    if own.act is None and own.decision is None:
        return HttpResponseRedirect(reverse("own_page", kwargs={"token": token}))
    place = "why" if decision is None else f"why/{decision}"
    return _page(
        request,
        "own_why.html",
        own,
        token=token,
        place=place,
        says=_says(own),
        otherwise=own_words.otherwise(own.decision, own.house, request.language)
        if own.decision
        else "",
        may_move=_may_move(own),
        may_judge=bool(own.act and own.act.left_at) and not open_complaints(own.customer),
        leaning=request.GET.get("helped", ""),
        waits=own.still_waits,
        about_this=[flag for flag in _called_wrong(own) if _is_about(flag, own)],
    )


def history(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was done and not done, a piece at a time."""
    own = read(request)
    place = place_in(request.GET.get("before", ""))
    before = Before(*place) if place else _from_the_latest(request)
    piece = own_history.read(record(), own, before, A_PIECE, request.now)
    more = named(piece.more.at, piece.more.entry_id) if piece.more else ""
    return _page(
        request,
        "own_history.html",
        own,
        token=token,
        place="history",
        lines=piece.lines,
        more=more,
        is_older=place is not None,
    )


def facts(request: HttpRequest, token: str) -> HttpResponse:
    """Show everything that is believed, a page at a time, what lasts first."""
    own = read(request)
    first = number_in(request.GET.get("from", "")) or 0
    every = sorted(own.facts, key=lambda fact: not fact.is_lasting)
    end = first + FACTS_A_PAGE
    return _page(
        request,
        "own_facts.html",
        own,
        token=token,
        place="facts",
        shown=every[first:end],
        first=first,
        before=max(0, first - FACTS_A_PAGE),
        more=end if end < len(every) else 0,
    )


def say(request: HttpRequest, token: str, saying: str) -> HttpResponse:
    if saying not in SAYINGS:
        raise PageNotFound
    form = request.POST.dict()
    own = read(request, number_in(form.get("decision", "")))
    request.typed = form  # a refusal of it shows what was typed, to put right and send again
    said = SAYINGS[saying](own, form, request.now)
    tell(record(), own.speaker, said, request.now, form.get("once", ""))
    place = form.get("place", "")
    address = reverse("own_page", kwargs={"token": token})
    address += f"/{place}" if PLACE.fullmatch(place) else ""
    return flash.lead_to(address, saying)


def read(request: HttpRequest, decision: int | None = None) -> OwnPage:
    """Read the page, and speak as its customer does."""
    db = record()
    own = own_page.read(db, request.link, house(db), request.now, decision)
    _speak_as_they_do(request, own)
    return own


def _page(request: HttpRequest, template: str, own: OwnPage, **values: Any) -> HttpResponse:
    shown: dict[str, Any] = {
        "place": "",
        "own": own,
        "said": flash.done(request, SAYINGS),
        "own_words": own_words,
        "mandates": _mandates(own),
        "event_words": {name: each.words for name, each in own.house.catalogue.events.items()},
        "correctable": {fact.key: fact for fact in own.facts},
        "fact_name": names_of_facts(own.house, request.language),
    }
    return flash.said(request, page(request, template, zone=own.zone.key, **shown | values))


def _mandates(own: OwnPage) -> dict[str, Any]:
    """Return what each automation is for, also where it has been taken out of use since, and each recall."""
    every = sorted(own.house.versions.items())
    ever = {name: automation.mandate for (name, _version), automation in every}
    names = {*own.stoppable, *own.wishes.stopped}
    theirs = (name for name in names if name.startswith(PREFIX))
    makes_good = {each: words.say(each, own_words.MAKES_GOOD) for each in words.LANGUAGES}
    recalls = dict.fromkeys(theirs, makes_good)
    return recalls | ever | {name: each.mandate for name, each in own.house.live.items()}


def _says(own: OwnPage) -> str:
    """Return the code of what the act or decision of this page was."""
    verdict = own.decision.verdict.value if own.decision else Verdict.ACT.value
    act = own.act
    code = said_of(verdict, act.kind, act.state, act.because) if act else said_of(verdict)
    return own_words.line_of(code, own.decision)


def _reachable(own: OwnPage) -> list[Any]:
    """Return the ways about which they may choose: those we know, and those they chose about."""
    return [one for one in own.wishes.channels if one.claim or own.knows(one.channel)]


def _called_wrong(own: OwnPage) -> list[Flag]:
    """Return what they said is wrong, with our answers."""
    return answering.theirs(record(), own.nodes, settings.TERRAIN)


def _is_about(flag: Flag, own: OwnPage) -> bool:
    """Say whether it was said of what this page is about."""
    if own.act and flag.act_id == own.act.act_id:
        return True
    return bool(own.decision and flag.decision_id == own.decision.decision_id)


def _may_move(own: OwnPage) -> bool:
    return any(date.automation == own.automation for date in own.dates)


def _from_the_latest(request: HttpRequest) -> Before:
    return Before(request.now + timedelta(days=1))


def _speak_as_they_do(request: HttpRequest, own: OwnPage) -> None:
    """Use the language we know of them, unless this reader chose one."""
    if request.language_chosen:
        return
    belief = believe(own.customer, FactKey("language"), own.house, request.now)
    if belief and str(belief.value)[:2] in words.LANGUAGES:
        request.language = str(belief.value)[:2]
