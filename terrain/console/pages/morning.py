"""What needs me: where somebody who works here begins the day."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain.console import drifts, rooms, topics
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.drift import Heading
from terrain.core.staff import Staff
from terrain.flow.desk import Matter, What
from terrain.flow.finding import SIGNALS, sentence
from terrain.flow.grade_said import heading_said
from terrain.flow.morning import Morning, morning
from terrain.words import _


class Said(NamedTuple):
    """How a line of this kind reads: its picture, what is there, and what there is to do.

    With `several`, what is there is counted: the catalogue has both under one entry.
    """

    icon: str
    one: str
    several: str
    do: str


class Shown(NamedTuple):
    """One line: what there is to do, how it reads and where it leads; under the last of its kind, how many more."""

    matter: Matter
    said: Said
    address: str
    left_out: int = 0


class Part(NamedTuple):
    """Lines that are about as pressing, under one heading."""

    name: str
    title: str
    lines: list[Shown]


SAID = {
    What.STOPPED: Said(
        "pause",
        _("{name} is stopped"),
        "",
        _("Look at the cases and say that you look after it; until then the next person is told."),
    ),
    What.NOBODY_AT_WORK: Said(
        "warning",
        _("Nobody handles what comes in"),
        "",
        _("Start a worker: `terrain work`."),
    ),
    What.RECALL_APPROVE: Said(
        "flag",
        _("A recall of {name} waits for a second person"),
        "",
        _("Read what makes good, look at five customers, and agree or not."),
    ),
    What.RECALL_REMEDY: Said(
        "flag",
        _("The recall of {name} has found everybody"),
        "",
        _("Say what makes good."),
    ),
    What.RECALL_SEND: Said(
        "flag", _("The recall of {name} is approved"), "", _("Let it make good.")
    ),
    What.FLAG: Said(
        "flag",
        "Somebody says that {name} is wrong",
        "{name} was said to be wrong {n} times",
        _("Look at the case and answer whoever pulled the cord."),
    ),
    What.EVENTS_WAIT: Said(
        "clock",
        _("Events wait to be handled"),
        "",
        _("See whether a worker is at work and keeps up."),
    ),
    What.TASK_LATE: Said(
        "clock",
        "{n} task is late",
        "{n} tasks are late",
        _("Somebody was promised this by now."),
    ),
    What.AMBER: Said(
        "warning",
        "{name} strays: {n} watch is amber",
        "{name} strays: {n} watches are amber",
        _("Look at the cases before it is stopped."),
    ),
    What.DRIFT: Said(
        "warning",
        _("{name} drifts towards good for us and bad for customers"),
        "",
        _("See what it does worse than before."),
    ),
    What.TROUBLE: Said(
        "warning",
        "{n} mishap of {name} since yesterday",
        "{n} mishaps of {name} since yesterday",
        _("See what failed, got stuck or was not in time."),
    ),
    What.TRAY: Said(
        "trays",
        _("{what}: {n}"),
        "",
        _("Put it right and try it again, or close it."),
    ),
    What.REFUSED: Said(
        "automations",
        _("The file of {name} was refused"),
        "",
        _("Put the file right; what ran before keeps running."),
    ),
    What.SILENT: Said(
        "sources", _("{name} is silent"), "", _("Ask whoever runs it why nothing comes.")
    ),
    What.GREY: Said(
        "sources",
        "{name} is not heard: {n} watch is grey",
        "{name} is not heard: {n} watches are grey",
        _("Without signals nobody knows whether it harms."),
    ),
    What.PROPOSAL: Said(
        "automations",
        _("A change of {name} waits for a second person"),
        "",
        _("Read what would change for whom, and approve it or not."),
    ),
    What.TASK_MINE: Said(
        "person",
        "{n} task is in your charge",
        "{n} tasks are in your charge",
        _("No automation speaks with these customers until you are done."),
    ),
    What.TASK: Said(
        "tasks", "{n} task is open", "{n} tasks are open", _("Take one, and close it.")
    ),
    What.UNANSWERED: Said(
        "person",
        "{n} question of {name} had no answer in a day",
        "{n} questions of {name} had no answer in a day",
        _("Nothing was done; see whether it asks well."),
    ),
    What.NEED: Said(
        "add",
        "{n} customer needs something that nothing serves",
        "{n} customers need something that nothing serves",
        _("Read it in their words, and say what comes of it."),
    ),
    What.ANSWERED: Said(
        "flag", _("What you said of {name} was answered"), "", _("Read the answer.")
    ),
    What.PAUSED: Said(
        "pause", _("{name} is paused"), "", _("Let it go on when what was wrong is put right.")
    ),
}
PARTS = (
    (
        "now",
        _("First of all"),
        frozenset(
            {
                *(What.STOPPED, What.NOBODY_AT_WORK, What.FLAG),
                *(What.RECALL_APPROVE, What.RECALL_REMEDY, What.RECALL_SEND),
            }
        ),
    ),
    (
        "today",
        _("Today"),
        frozenset(
            {
                *(What.EVENTS_WAIT, What.TASK_LATE, What.AMBER, What.DRIFT, What.TROUBLE),
                *(What.TRAY, What.REFUSED, What.SILENT, What.GREY),
            }
        ),
    ),
    (
        "waits",
        _("What waits"),
        frozenset(
            {
                *(What.PROPOSAL, What.TASK_MINE, What.TASK, What.UNANSWERED),
                *(What.NEED, What.ANSWERED, What.PAUSED),
            }
        ),
    ),
)


def show(request: HttpRequest) -> HttpResponse:
    db, now, staff = record(), request.now, request.staff
    listening = topics.standing(db, staff, now)
    found = morning(db, staff, settings.TERRAIN, now, drifts.drifting(db, now))
    return page(
        request,
        "morning.html",
        room="morning",
        listening=listening,
        parts_of_day=_parts(found, staff),
        well=found.well,
        kinds=SIGNALS,
        finding=_finding(request.language),
    )


def _finding(language: str) -> Callable[[Matter], str]:
    """Return how what was measured is said: the meter's sentence, or where a process is heading."""
    zone = ZoneInfo(settings.TERRAIN.time_zone)

    def said(one: Matter) -> str:
        if one.line is not None:
            return sentence(one.line, language, zone)
        return heading_said(one.said, language) if isinstance(one.said, Heading) else ""

    return said


def _parts(found: Morning, staff: Staff) -> list[Part]:
    last = {one.what: n for n, one in enumerate(found.matters)}
    lines = [
        Shown(
            one,
            SAID[one.what],
            _address(one, staff),
            found.left_out.get(one.what, 0) if last[one.what] == n else 0,
        )
        for n, one in enumerate(found.matters)
    ]
    parts = (
        Part(name, title, [line for line in lines if line.matter.what in those])
        for name, title, those in PARTS
    )
    return [part for part in parts if part.lines]


def _address(one: Matter, staff: Staff) -> str:
    """Return where a line leads: to the room where it is done, or to the nearest that is open to them."""
    for name, parts, more in _WAYS[one.what](one):
        if rooms.opens(staff, name):
            return str(reverse(name, kwargs=parts)) + more
    return str(reverse("overview"))


Way = tuple[str, dict[str, Any], str]


def _to(name: str, more: str = "") -> Callable[[Matter], tuple[Way, ...]]:
    return lambda _one: ((name, {}, more),)


def _to_watch(one: Matter) -> tuple[Way, ...]:
    return (("watch", {"name": one.name}, ""),)


def _to_automation(one: Matter) -> tuple[Way, ...]:
    return (("automation", {"name": one.name}, ""),)


def _to_recall(one: Matter) -> tuple[Way, ...]:
    return (("recall", {"recall": one.number}, ""),)


def _to_flag(one: Matter) -> tuple[Way, ...]:
    if one.n > 1:
        return (("flags", {}, f"?automation={quote(one.name)}"),)
    return (("flag", {"flag": one.number}, ""),)


def _to_answer(one: Matter) -> tuple[Way, ...]:
    return (("my_flag", {"flag": one.number}, ""),)


def _to_tray(one: Matter) -> tuple[Way, ...]:
    return (("trays", {}, f"?kind={one.name}"),)


def _to_source(one: Matter) -> tuple[Way, ...]:
    return (("source", {"name": one.name}, ""),)


def _to_proposal(one: Matter) -> tuple[Way, ...]:
    return (("proposal", {"name": one.name, "proposal": one.number}, ""),)


def _to_process(one: Matter) -> tuple[Way, ...]:
    return (("process", {"name": one.name}, ""),)


_WAYS: dict[What, Callable[[Matter], tuple[Way, ...]]] = {
    What.STOPPED: _to_watch,
    What.NOBODY_AT_WORK: _to("overview", "#workers"),
    What.RECALL_APPROVE: _to_recall,
    What.RECALL_REMEDY: _to_recall,
    What.RECALL_SEND: _to_recall,
    What.FLAG: _to_flag,
    What.EVENTS_WAIT: _to("overview", "#figures"),
    What.TASK_LATE: _to("tasks", "?show=late"),
    What.AMBER: _to_watch,
    What.DRIFT: _to_process,
    What.TROUBLE: _to_automation,
    What.TRAY: _to_tray,
    What.REFUSED: _to_automation,
    What.SILENT: _to_source,
    What.GREY: _to_watch,
    What.PROPOSAL: _to_proposal,
    What.TASK_MINE: _to("tasks", "?show=mine"),
    What.TASK: _to("tasks"),
    What.UNANSWERED: _to_automation,
    What.NEED: _to("needs"),
    What.ANSWERED: _to_answer,
    What.PAUSED: _to_watch,
}
