"""Unmet needs: those alike together, over time, in the words in which they were said; put together and parted.

Promise: what a page shows of why needs stand together are the words themselves.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain.console import flash, topics
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.flow import needs
from terrain.flow.needs import UnknownNeed
from terrain.store.directory import lines as known_as

DAYS = (30, 90, 365)
STEPS = ("merge", "part")
SHOWN = 50


def index(request: HttpRequest) -> HttpResponse:
    db, now = record(), request.now
    listening = topics.standing(db, request.staff, now)
    asked = number_in(request.GET.get("days", ""))
    chosen = asked if asked in DAYS else DAYS[1]
    groups = needs.listed(db, now - timedelta(days=chosen))
    return page(
        request,
        "needs.html",
        room="needs",
        listening=listening,
        here=request.get_full_path(),
        days=DAYS,
        chosen=chosen,
        groups=groups,
        weeks=needs.weeks(db, [group.group_id for group in groups], now),
    )


def show(request: HttpRequest, group: int) -> HttpResponse:
    db, now = record(), request.now
    found = needs.whole(db, group)
    members = needs.show(db, group, SHOWN)
    keys = {need.node for need in members}
    response = page(
        request,
        "need.html",
        room="needs",
        group=found,
        members=members,
        shares=needs.shared(members),
        weeks=needs.weeks(db, [group], now)[group],
        called={key.customer_id: line.called for key, line in known_as(db, keys).items()},
        others=needs.others(db, group, now - timedelta(days=DAYS[-1])),
        said=flash.done(request, STEPS),
    )
    return flash.said(request, response)


def take_step(request: HttpRequest, group: int, step: str) -> HttpResponse:
    """Put this group to another, or take one need out of it."""
    if step not in STEPS:
        raise PageNotFound
    wanted = number_in(request.POST.get("into" if step == "merge" else "need", "")) or 0
    led_to = _merged(group, wanted) if step == "merge" else _parted(request, group, wanted)
    return flash.lead_to(reverse("need", kwargs={"group": led_to}), step)


def _merged(group: int, into: int) -> int:
    needs.merge(record(), group, into)
    return into


def _parted(request: HttpRequest, group: int, need: int) -> int:
    db = record()
    if need not in {each.need_id for each in needs.show(db, group, SHOWN)}:
        raise UnknownNeed(field="need", value=need)  # it stands elsewhere by now
    return needs.part(db, need, request.now)
