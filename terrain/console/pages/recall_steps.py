"""The steps of a recall: a remedy written, seen on real customers, approved, sent; or stopped again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.pages.recalls import shown, told
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.approval import Signature
from terrain.core.recall import Kind, Recall, Remedy, State
from terrain.errors import Refusal
from terrain.flow import making_good, recall_preview
from terrain.flow import recall as steps
from terrain.flow.recall import Approval, Prepared, RecallStopReason
from terrain.flow.recall_typed import payload_in, value_in
from terrain.words import LANGUAGES

LONGEST_SUBJECT, LONGEST_WORDS, LONGEST = 200, 20_000, 2_000
MOST_DAYS = 30
# So much of what is to be called off is called off before the page answers; the worker does the rest.
AT_ONCE = 20
REWRITABLE = (State.FOUND, State.PREPARED, State.APPROVED)


# -- what makes good -------------------------------------------------------------------------------


def write(request: HttpRequest, recall: int) -> HttpResponse:
    """Show the form of one kind of remedy, with what is prepared already."""
    found = steps.known(record(), recall)
    asked = request.GET.get("kind", "")
    kept = found.remedy
    kind = Kind(asked) if asked in set(Kind) else kept.kind if kept else Kind.MESSAGE
    typed = _as_typed(kept) if kept and kept.kind is kind else {}
    return _form(request, found, kind, typed)


def prepare(request: HttpRequest, recall: int) -> HttpResponse:
    db, typed = record(), request.POST
    found = steps.known(db, recall)
    request.audited = {"automation": found.automation, "recall": recall}
    kind = Kind(typed["kind"]) if typed.get("kind") in set(Kind) else Kind.MESSAGE
    try:
        said = Prepared(
            remedy=_READ[kind](kind, typed),
            by=request.staff.name,
            staff_id=request.staff.staff_id,
        )
        with transaction.atomic():
            steps.prepare(db, recall, said, house(db), request.now)
    except Refusal as refusal:
        return _form(request, found, kind, typed, refusal)
    return HttpResponseRedirect(reverse("recall_preview", kwargs={"recall": recall}))


def _written(kind: Kind, typed: Mapping[str, str]) -> Remedy:
    words = {
        language: {
            "subject": typed.get(f"subject.{language}", "").strip()[:LONGEST_SUBJECT],
            "body": typed.get(f"body.{language}", "").strip()[:LONGEST_WORDS],
        }
        for language in LANGUAGES
    }
    within = number_in(typed.get("within_days", "")) or Remedy(kind=kind).within_days
    return Remedy(kind=kind, words=words, within_days=min(max(within, 1), MOST_DAYS))


def _corrected(kind: Kind, typed: Mapping[str, str]) -> Remedy:
    catalogue, fact = house(record()).catalogue, typed.get("fact", "").strip()[:LONGEST]
    wrong, right = (typed.get(name, "").strip()[:LONGEST] for name in ("wrong", "right"))
    return Remedy(
        kind=kind,
        fact=fact if fact in catalogue.facts else "",
        about=typed.get("about", "").strip()[:LONGEST],
        wrong=value_in(wrong, fact, catalogue),
        right=value_in(right, fact, catalogue),
    )


def _given(kind: Kind, typed: Mapping[str, str]) -> Remedy:
    text = typed.get("payload", "").replace("\r\n", "\n")[:LONGEST]
    return Remedy(
        kind=kind,
        action=typed.get("action", "").strip()[:LONGEST],
        payload=payload_in(text),
    )


_READ: dict[Kind, Callable[[Kind, Mapping[str, str]], Remedy]] = {
    Kind.MESSAGE: _written,
    Kind.CALLBACK: _written,
    Kind.CORRECTION: _corrected,
    Kind.GESTURE: _given,
}


def _as_typed(remedy: Remedy) -> dict[str, str]:
    """Return a remedy as its form has it."""
    words = {
        f"{part}.{language}": text
        for language, said in remedy.words.items()
        for part, text in said.items()
    }
    payload = "\n".join(f"{name}: {of}" for name, of in remedy.payload.items())
    kept = {"fact": remedy.fact, "about": remedy.about, "action": remedy.action}
    values = {name: _said(getattr(remedy, name)) for name in ("wrong", "right")}
    return words | kept | values | {"payload": payload, "within_days": str(remedy.within_days)}


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _form(
    request: HttpRequest,
    found: Recall,
    kind: Kind,
    typed: Mapping[str, str],
    refusal: Refusal | None = None,
) -> HttpResponse:
    db = record()
    catalogue = house(db).catalogue
    return page(
        request,
        "recall_remedy.html",
        room="recalls",
        kind=kind,
        kinds=list(Kind),
        typed=typed,
        refusal=refusal,
        rewritable=found.state in REWRITABLE,
        languages=LANGUAGES,
        fact_names=sorted(catalogue.facts),
        actions=sorted(catalogue.actions),
        **told(request, db, found),
    )


# -- seen, approved, sent, stopped -----------------------------------------------------------------


def preview(request: HttpRequest, recall: int) -> HttpResponse:
    """Show what five real customers would get."""
    return _preview(request, steps.known(record(), recall))


def approve(request: HttpRequest, recall: int) -> HttpResponse:
    db, staff = record(), request.staff
    found = steps.known(db, recall)
    request.audited = {"automation": found.automation, "recall": recall}
    said = Approval(by=staff.name, staff_id=staff.staff_id, seen=request.POST.get("seen", "-"))
    try:
        with transaction.atomic():
            steps.approve(db, recall, said, settings.TERRAIN, request.now)
    except Refusal as refusal:
        return _preview(request, steps.known(db, recall), refusal)
    return _to(found)


def send(request: HttpRequest, recall: int) -> HttpResponse:
    sent = steps.send(record(), recall, request.staff.name, request.now)
    request.audited = {"automation": sent.automation, "recall": recall}
    return _to(sent)


def stop(request: HttpRequest, recall: int) -> HttpResponse:
    """Stop it, with the reason; what it queued is called off as soon as that is said."""
    db, because = record(), request.POST.get("because", "")
    request.audited = {"automation": steps.known(db, recall).automation, "recall": recall}
    try:
        stopped = steps.stop(db, recall, request.staff.name, because, request.now)
    except RecallStopReason as refusal:
        return shown(request, recall, refusal)
    transaction.on_commit(lambda: _call_off(recall, request.now))
    return _to(stopped)


def _call_off(recall: int, now: datetime) -> None:
    for _ in range(AT_ONCE):
        with transaction.atomic():
            if not making_good.halt_some(record(), recall, now):
                return


def _preview(request: HttpRequest, found: Recall, refusal: Refusal | None = None) -> HttpResponse:
    db, staff = record(), request.staff
    few = (
        recall_preview.shown(db, found, house(db), settings.TERRAIN, request.now)
        if found.remedy
        else []
    )
    return page(
        request,
        "recall_preview.html",
        room="recalls",
        shown=few,
        refusal=refusal,
        seen=steps.stamp_of(found),
        is_theirs=found.writer.is_of(Signature(by=staff.name, staff_id=staff.staff_id)),
        **told(request, db, found),
    )


def _to(found: Recall) -> HttpResponse:
    return HttpResponseRedirect(reverse("recall", kwargs={"recall": found.recall_id}))
