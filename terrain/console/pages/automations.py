"""Automations: all of them with how they stand; one as promise, picture, file and past; paused and let go on."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.console import colouring, stop_words, topics
from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.console.stop_words import Stop
from terrain.core.approval import reach_of
from terrain.core.automation import Automation
from terrain.core.breaker import Resuming, Trip
from terrain.core.decision import Verdict
from terrain.core.difference import difference
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.message import Words
from terrain.core.picture import Picture, picture, telling
from terrain.core.promise import facts_of
from terrain.core.retelling import Tongue
from terrain.errors import Refusal
from terrain.flow import breaker, folder, grading, messages, mishaps, versions, watching
from terrain.flow.check import acts_of
from terrain.store import automations, counters, directory, overview, proposals, standing, trips
from terrain.store.automations import Listed
from terrain.store.standing import RunRow

A_PAGE = 30
A_MONTH = timedelta(days=30)
LATEST = 8
SAID_OUT = 4  # how many versions are shown with what changed
LONGEST_TEXT = 100


def index(request: HttpRequest) -> HttpResponse:
    db, text = record(), request.GET.get("q", "").strip()[:LONGEST_TEXT]
    listening = topics.standing(db, request.staff, request.now)
    reference, listed = house(db), automations.every(db)
    wanted = [one for one in listed if _is_meant(one, reference, text)]
    first = _first(request.GET.get("from", ""), len(wanted))
    shown = wanted[first : first + A_PAGE]
    paused = [one for one in shown if one.paused_at]
    held = trips.open_of(db, [one.name for one in paused])
    return page(
        request,
        "automations.html",
        room="automations",
        listening=listening,
        shown=shown,
        there=len(listed),
        found=len(wanted),
        text=text,
        promises=reference.versions,
        runs=standing.by_automation(db, [one.name for one in shown], most=1_000),
        verdicts=_verdicts(counters.sums(db, request.now - A_MONTH, of=counters.DECIDED)),
        waiting=proposals.waiting_for(db, [one.name for one in shown]),
        grades=grading.grades(db, settings.TERRAIN, [one.name for one in shown], request.now),
        marks=watching.marks(db, request.now, [one.name for one in shown]),
        stops={one.name: _stop(one, held.get(one.name), request.language) for one in paused},
        earlier=_from(text, first + A_PAGE) if first + A_PAGE < len(wanted) else "",
        later=_from(text, max(first - A_PAGE, 0)) if first else "",
    )


def show(request: HttpRequest, name: str) -> HttpResponse:
    return _show(request, name)


def version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Show one version: what it changed, in words and in the text, and who stands behind it."""
    db, reference = record(), house(record())
    listed, here = versions.known(db, name), reference.versions.get((name, number))
    if here is None:
        raise PageNotFound
    text, before = (automations.file_of(db, name, each) or "" for each in (number, number - 1))
    [kept] = automations.history(db, name, 1, until=number)
    return page(
        request,
        "automation_version.html",
        room="automations",
        listed=listed,
        kept=kept,
        words=_words(request, reference, here),
        changed=colouring.changed(before, text) if number > 1 else [],
        file=colouring.lines(text),
        under_way=standing.by_version(db, name, [number])[number],
        **_drawn(request, reference, here),
    )


def stands(request: HttpRequest, name: str, number: int, step: str) -> HttpResponse:
    """List who stands at one step of a version."""
    db, reference = record(), house(record())
    here = reference.versions.get((name, number))
    told = {line.place: line for line in telling(here, _tongue(request, reference))} if here else {}
    if step not in told:
        raise PageNotFound
    rows = standing.at_step(db, name, number, step)
    return page(
        request,
        "automation_step.html",
        room="automations",
        name=name,
        of_version=number,
        line=told[step],
        rows=rows,
        called=_called(db, rows),
        states=standing.by_step(db, name, number, [step]).get(step, {}),
    )


def pause(request: HttpRequest, name: str) -> HttpResponse:
    because = request.POST.get("because", "").strip()
    try:
        versions.pause(record(), name, request.staff.name, because, request.now)
    except versions.UnknownAutomation:
        raise
    except Refusal as refusal:
        return _show(request, name, refusal, because)
    request.audited = {"automation": name}
    return _to(name)


def resume(request: HttpRequest, name: str) -> HttpResponse:
    try:
        versions.resume(record(), name, request.now, Resuming(by=request.staff.name))
    except breaker.NotStopped:  # a second click: it goes on, which is what was wanted
        return _to(name)
    except Refusal as refusal:
        return _show(request, name, refusal)
    request.audited = {"automation": name}
    return _to(name)


def _show(
    request: HttpRequest, name: str, refusal: Refusal | None = None, typed: str = ""
) -> HttpResponse:
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    reference, listed = house(db), versions.known(db, name)
    live = reference.versions.get((name, listed.live_version))
    every = automations.history(db, name)
    text = automations.file_of(db, name, listed.live_version) or ""
    counted = counters.sums(db, request.now - A_MONTH, name)
    held = trips.open_of(db, [name]).get(name) if listed.paused_at else None
    return page(
        request,
        "automation.html",
        room="automations",
        listening=listening,
        listed=listed,
        mark=watching.marks(db, request.now, [name])[name],
        stopped=held,
        stop=_stop(listed, held, request.language),
        running=live,
        refusal=refusal,
        typed=typed,
        history=[
            (each, _words(request, reference, reference.versions[name, each.version]))
            for each in every[:SAID_OUT]
        ],
        older=every[SAID_OUT:],
        under_way=standing.by_version(db, name, [each.version for each in every]),
        proposed=proposals.of(db, name, LATEST),
        decided=overview.decisions(db, overview.Wanted(automation=name), LATEST),
        verdicts=_verdicts(counted).get(name, {}),
        mishaps=[(mishaps.WORDS[what], n) for what, n in mishaps.lately(counted).items()],
        file=colouring.lines(text),
        grade=grading.grades(db, settings.TERRAIN, [name], request.now).get(name),
        folder_is_older=live is not None and folder.is_older(db, name, live.digest),
        **(_promised(request, reference, live) | _drawn(request, reference, live) if live else {}),
    )


def _stop(one: Listed, trip: Trip | None, language: str) -> Stop:
    """Return who or what stopped it, and why, as its reader says it."""
    return stop_words.said(trip, language) if trip else Stop(one.paused_by, one.paused_because)


def _called(db: Connection, rows: list[RunRow]) -> dict[int, str]:
    """Return what those are called who have a name, by their number."""
    keys = {CustomerKey(row.bucket, row.customer_id) for row in rows}
    return {key.customer_id: line.called for key, line in directory.lines(db, keys).items()}


def _promised(request: HttpRequest, reference: House, live: Automation) -> dict[str, Any]:
    """Return what the file promises, in the reader's words."""
    tongue = _tongue(request, reference)
    return {
        "tongue": tongue,
        "reach": reach_of(live),
        "relies_on": list(dict.fromkeys(tongue.said(name) for name in facts_of(live))),
        "starts": [tongue.said(start) for start in live.starts],
        "ends": [tongue.said(end) for end in live.ends],
        "letters": _letters(live, request.language),
    }


def _drawn(request: HttpRequest, reference: House, automation: Automation) -> dict[str, Any]:
    """Return the picture of a version, and how many stand at each of its steps."""
    tongue = _tongue(request, reference)
    drawn: Picture = picture(automation, tongue)
    places = [box.place for box in drawn.boxes if box.place]
    return {
        "drawn": drawn,
        "told": telling(automation, tongue),
        "here": standing.by_step(record(), automation.name, automation.version, places),
        "number_of": automation.version,
    }


def _letters(automation: Automation, language: str) -> list[Words]:
    """Return the words of the messages it sends, in one language; those that are missing are left out."""
    found = []
    for name in dict.fromkeys(
        step.template for step in acts_of(automation) if hasattr(step, "template")
    ):
        try:
            by_language = messages.words_named(settings.TERRAIN.automations, name)
        except Refusal:
            continue
        found += [by_language[language]] if language in by_language else []
    return found


def _words(request: HttpRequest, reference: House, here: Automation) -> tuple[str, ...]:
    """Return what a version changed, compared with the one before it."""
    before = reference.versions.get((here.name, here.version - 1))
    return difference(before, here, request.language, reference.catalogue)


def _tongue(request: HttpRequest, reference: House) -> Tongue:
    return Tongue(request.language, reference.catalogue)


def _verdicts(counted: list[counters.Counted]) -> dict[str, dict[Verdict, int]]:
    """Return how often each verdict was given, by automation."""
    found: dict[str, dict[Verdict, int]] = {}
    known = {f"decided.{verdict}": verdict for verdict in Verdict}
    for each in counted:
        if each.what in known:
            of = found.setdefault(each.automation, dict.fromkeys(Verdict, 0))
            of[known[each.what]] += each.n
    return found


def _is_meant(one: Listed, reference: House, text: str) -> bool:
    """Tell whether every word of the text stands somewhere in what the automation says of itself."""
    live = reference.versions.get((one.name, one.live_version))
    said = [one.name, *((live.owner, live.deputy, *live.mandate.values()) if live else ())]
    whole = " ".join(said).casefold()
    return all(word in whole for word in text.casefold().split())


def _first(text: str, there: int) -> int:
    first = number_in(text) or 0
    return first if first < there else 0


def _from(text: str, first: int) -> str:
    return "?" + urlencode({"q": text, "from": first})


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("automation", kwargs={"name": name}))
