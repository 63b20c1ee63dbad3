"""Who speaks to us: when, how much, how often wrongly; and how far each is believed from now on."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.console import topics
from terrain.console.house import house, names_of_facts
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.fact import FactKey, SourceKind
from terrain.errors import Refusal
from terrain.flow import rules
from terrain.flow import sources as work
from terrain.store import sources
from terrain.store.sources import Source


class Shown(NamedTuple):
    """One source; `tested` and `wrong` of what it said were counted, `too_much` says it is believed too far."""

    source: Source
    silent: bool
    rhythm: timedelta | None
    tested: int = 0
    wrong: int = 0
    too_much: bool = False


def index(request: HttpRequest) -> HttpResponse:
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    every = _with_trust(db, sources.every(db), request.now)
    return page(
        request,
        "sources.html",
        room="sources",
        listening=listening,
        silent=[each for each in every if each.silent],
        lines=sorted(
            every, key=lambda each: (not each.silent, not each.too_much, each.source.name)
        ),
    )


def show(request: HttpRequest, name: str) -> HttpResponse:
    db = record()
    found = _source(db, name)
    (shown,) = _with_trust(db, [found], request.now)
    reckoned = work.reckoned(db)
    constants, called = rules.settings(db), names_of_facts(house(db), request.language)
    facts = [each for each in reckoned.trust if each.source == name] if reckoned else []
    return page(
        request,
        "source.html",
        room="sources",
        line=shown,
        reckoned=reckoned,
        facts=facts,
        too_much=[each for each in facts if each.is_believed_too_much(constants)],
        words=sources.words_about(db, name),
        fact_name=lambda fact: called(FactKey(fact)),
    )


def show_belief(request: HttpRequest, name: str) -> HttpResponse:
    return _ask(request, _source(record(), name))


def believe(request: HttpRequest, name: str) -> HttpResponse:
    """Believe it so far from now on; the reason is kept."""
    db = record()
    wanted = work.Belief(
        kind=request.POST.get("kind", ""),
        every=request.POST.get("every", "").strip(),
        by=request.staff.name,
        because=request.POST.get("because", "").strip(),
    )
    found = _source(db, name)
    request.audited = {"source": name, "kind": wanted.kind}
    try:
        work.believe(db, name, wanted, request.now)
    except Refusal as refusal:
        return _ask(request, found, wanted, refusal)
    return HttpResponseRedirect(reverse("source", kwargs={"name": name}))


def _ask(
    request: HttpRequest,
    found: Source,
    typed: work.Belief | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    return page(
        request,
        "source_belief.html",
        room="sources",
        source=found,
        kinds=list(SourceKind),
        kind=typed.kind if typed else found.kind,
        every=typed.every if typed else _as_typed(found.promised),
        because_typed=typed.because if typed else "",
        refusal=refusal,
    )


def _as_typed(promised: float | None) -> str:
    """Return a rhythm as somebody could have typed it."""
    if promised is None:
        return ""
    for unit, seconds in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if promised % seconds == 0:
            return f"{int(promised // seconds)} {unit}"
    return f"{int(promised)} seconds"


def _source(db: Connection, name: str) -> Source:
    found = sources.find(db, name)
    if found is None:
        raise PageNotFound
    return found


def _with_trust(db: Connection, found: list[Source], now: datetime) -> list[Shown]:
    """Return the sources with what became of what they said, as far as that was counted."""
    reckoned, constants = work.reckoned(db), rules.settings(db)
    tested, wrong, too_much = Counter[str](), Counter[str](), set[str]()
    for each in reckoned.trust if reckoned else []:
        tested[each.source] += each.tested
        wrong[each.source] += each.wrong
        if each.is_believed_too_much(constants):
            too_much.add(each.source)
    return [
        Shown(
            source=source,
            silent=source.is_silent(now),
            rhythm=_rhythm(source),
            tested=tested[source.name],
            wrong=wrong[source.name],
            too_much=source.name in too_much,
        )
        for source in found
    ]


def _rhythm(source: Source) -> timedelta | None:
    usual = source.promised or source.rhythm
    return timedelta(seconds=usual) if usual else None
