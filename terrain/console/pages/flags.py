"""The cord pulled, by whoever works here; what was said to be wrong, with its case; the owner's answer.

Promise: whoever pulled it is shown the answer and nobody is shown who pulled it.
"""

from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from psycopg import Connection

from terrain.config import public_address
from terrain.console import cord as cords
from terrain.console import flash, topics
from terrain.console.cord import Cord
from terrain.console.house import house, names_of_facts
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.places import named, place_in
from terrain.console.record import record
from terrain.core.act import ActKind
from terrain.core.flag import Flag
from terrain.core.house import House
from terrain.core.identifier import key_of
from terrain.core.outbox import ActState
from terrain.errors import Refusal
from terrain.flow import answering, directory, doings, flagging, leaving, letters
from terrain.flow.answering import Answer
from terrain.flow.flagging import Case, Pull
from terrain.flow.links import Links
from terrain.flow.own_page import load
from terrain.flow.saying import once_of
from terrain.store import flags
from terrain.store.directory import lines as known_as
from terrain.store.flags import Place

A_PAGE = 50
COUNTED = timedelta(days=30)
SHOWN = ("open", "answered")
SAID = ("wrong", "need", "answered", "goes_on")
LONGEST_NAME = 80
NO_KEY = "opens nothing"


class Sent(NamedTuple):
    """An act as its customer reads it: what it is called, and the text of a message."""

    what: str = ""
    text: str = ""


# -- the cord ---------------------------------------------------------------------------------------


def cord(request: HttpRequest) -> HttpResponse:
    """Show the cord on a page of its own, for what an address names."""
    about = _about(request.GET)
    said = flagging.meant(record(), _pull(request, about))
    about = about._replace(automation=said.automation)
    return _cord(request, about)


def pull(request: HttpRequest) -> HttpResponse:
    """Hold what somebody says is wrong, or write down a need."""
    form = request.POST
    about = _about(form)._replace(is_need=form.get("do") == "need")
    said = _pull(request, about, form.get("once", ""))
    db, now = record(), request.now
    request.audited = {"automation": said.automation} if said.automation else {}
    try:
        if about.is_need:
            flagging.see_a_need(db, said, now)
            return flash.lead_to(reverse("my_flags"), "need")
        flag = flagging.pull(db, said, settings.TERRAIN, now)
    except (flagging.FlagWhat, flagging.NotAReason, flagging.FlagAboutWhom) as refusal:
        return _cord(request, about, refusal)
    return flash.lead_to(reverse("my_flag", kwargs={"flag": flag.flag_id}), "wrong")


def _cord(request: HttpRequest, about: Cord, refusal: Refusal | None = None) -> HttpResponse:
    choices = () if about.automation and not refusal else house(record()).live
    return page(
        request,
        "cord_pulled.html",
        room="my_flags",
        cord=cords.offered(request, about, choices, refusal),
        refusal=refusal,
    )


def _about(form: QueryDict) -> Cord:
    return Cord(
        customer=number_in(form.get("customer", "").strip()) or 0,
        automation=form.get("automation", "")[:LONGEST_NAME],
        decision=number_in(form.get("decision", "")) or 0,
        act=number_in(form.get("act", "")) or 0,
        reason=form.get("reason", ""),
        text=form.get("text", ""),
    )


def _pull(request: HttpRequest, about: Cord, once: str = "") -> Pull:
    return Pull(
        node=key_of(about.customer),
        automation=about.automation,
        reason=about.reason,
        text=about.text,
        act_id=about.act,
        decision_id=about.decision,
        who=request.staff.staff_id,
        once=once_of(once, 0) if once else "",
    )


# -- what I said is wrong ---------------------------------------------------------------------------


def mine(request: HttpRequest) -> HttpResponse:
    """Show somebody what they said themselves, with the answers."""
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    response = page(
        request,
        "my_flags.html",
        room="my_flags",
        listening=listening,
        flags=answering.mine(db, request.staff.staff_id, settings.TERRAIN, A_PAGE),
        said=flash.done(request, SAID),
    )
    return flash.said(request, response)


def one_of_mine(request: HttpRequest, flag: int) -> HttpResponse:
    """Show what was held, and the answer when there is one."""
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    found = answering.one_of_mine(db, flag, request.staff.staff_id, settings.TERRAIN)
    response = page(
        request,
        "my_flag.html",
        room="my_flags",
        listening=listening,
        flag=found,
        held=answering.held_by(db, found),
        said=flash.done(request, SAID),
    )
    return flash.said(request, response)


# -- those who answer -------------------------------------------------------------------------------


def index(request: HttpRequest) -> HttpResponse:
    db = record()
    listening = topics.standing(db, request.staff, request.now)
    shown, automation = _asked(request.GET)
    asked = place_in(request.GET.get("from", ""))
    place = Place(*asked) if asked else None
    look = flags.answered_ones if shown == "answered" else flags.open_ones
    found = look(db, A_PAGE + 1, place, automation)
    listed, rest = found[:A_PAGE], found[A_PAGE:]
    here = {"show": shown, "automation": automation}
    more = {**here, "from": _name(listed[-1], shown)} if rest else {}
    return page(
        request,
        "flags.html",
        room="flags",
        listening=listening,
        here=request.get_full_path(),
        shown=shown,
        automation=automation,
        automations=flags.flagged(db),
        flags=listed,
        called=_called(db, listed),
        counted=_counted(flags.counts(db, request.now - COUNTED)),
        open=flags.waiting(db),
        more=f"?{urlencode(more)}" if more else "",
        first=f"?{urlencode(here)}" if place else "",
    )


def show(request: HttpRequest, flag: int) -> HttpResponse:
    return _show(request, flagging.known(record(), flag))


def answer(request: HttpRequest, flag: int) -> HttpResponse:
    """Answer whoever pulled the cord; the first answer stands."""
    db = record()
    found = flagging.known(db, flag)
    request.audited = {"automation": found.automation}
    said = Answer(
        by=request.staff.name,
        words=request.POST.get("answer", ""),
        goes_on=request.POST.get("goes_on") == "yes",
    )
    answering.let_answer(db, found, request.staff)
    try:
        answering.answer(db, flag, said, request.now)
    except answering.AnswerTooShort as refusal:
        return _show(request, found, said, refusal)
    return flash.lead_to(reverse("flag", kwargs={"flag": flag}), "answered")


def go_on(request: HttpRequest, flag: int) -> HttpResponse:
    """Let it go on for this customer, once it was answered."""
    db = record()
    found = flagging.known(db, flag)
    request.audited = {"automation": found.automation}
    answering.let_answer(db, found, request.staff)
    answering.let_go_on(db, flag, request.staff.name, request.now)
    return flash.lead_to(reverse("flag", kwargs={"flag": flag}), "goes_on")


def _show(
    request: HttpRequest, flag: Flag, typed: Answer | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    db, now, reference = record(), request.now, house(record())
    listening = topics.standing(db, request.staff, now)
    case = flagging.case_of(db, flag)
    nodes = directory.nodes_of(db, flag.node)
    response = page(
        request,
        "flag.html",
        room="flags",
        listening=listening,
        flag=flag,
        case=case,
        house=reference,
        sent=_as_sent(request, case),
        waits=_waits(request, case, reference),
        called=directory.called(db, flag.node),
        by_customer=answering.is_from_the_customer(flag, nodes, settings.TERRAIN),
        held=answering.held_by(db, flag),
        fact_name=names_of_facts(reference, request.language),
        answers=answering.may_answer(db, flag, request.staff),
        others=_counted(flags.counts(db, now - COUNTED, flag.automation)),
        typed=typed,
        refusal=refusal,
        said=flash.done(request, SAID),
    )
    return flash.said(request, response)


def _waits(request: HttpRequest, case: Case, reference: House) -> leaving.Waits | None:
    """Return what the act still waits for, where it has not left."""
    if case.act is None or case.act.state is not ActState.QUEUED:
        return None
    act = case.act.act
    found = leaving.waits_of(record(), act.key, [act.act_id], reference, request.now)
    return found.get(act.act_id)


def _as_sent(request: HttpRequest, case: Case) -> Sent:
    """Return what the customer received, or would have, as far as there are words for it."""
    if case.act is None:
        return Sent()
    db, act, reference = record(), case.act.act, house(record())
    sent = Sent(doings.in_words(act, reference, settings.TERRAIN, request.language))
    if act.kind not in (ActKind.SEND, ActKind.ASK):
        return sent
    # Whoever reads it here gets no key to the customer's own page: these links open nothing.
    desk = letters.Desk(settings.TERRAIN, Links(NO_KEY, public_address(settings.TERRAIN)))
    try:
        customer = load(db, act.key, reference, request.now)
        said = letters.message_of(act, customer, reference, desk)
    except Refusal:  # a file that is gone, a gap in the words, a customer who is gone
        return sent
    return Sent(said.subject, said.text)


def _asked(form: QueryDict) -> tuple[str, str]:
    shown = form.get("show", "")
    return (shown if shown in SHOWN else SHOWN[0]), form.get("automation", "")[:LONGEST_NAME]


def _name(flag: Flag, shown: str) -> str:
    return named((flag.answered_at if shown == "answered" else None) or flag.at, flag.flag_id)


def _called(db: Connection, listed: list[Flag]) -> dict[int, str]:
    keys = {flag.node for flag in listed}
    return {key.customer_id: line.called for key, line in known_as(db, keys).items()}


def _counted(counts: list[flags.Counted]) -> list[dict[str, Any]]:
    """Return the counts a line an automation, the one that is said to be wrong most often first."""
    lines: dict[str, dict[str, Any]] = {}
    for each in counts:
        line = lines.setdefault(
            each.automation, {"automation": each.automation, "n": 0, "open": 0, "reasons": []}
        )
        line["n"] += each.n
        line["open"] += each.open
        line["reasons"].append((each.reason, each.n))
    for line in lines.values():
        line["reasons"].sort(key=lambda said: (-said[1], said[0]))
    return sorted(lines.values(), key=lambda line: (-line["n"], line["automation"]))
