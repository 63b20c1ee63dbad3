"""What people have to do: the open tasks, one of them with its handover file, taken in charge and closed."""

from collections.abc import Callable

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.console import cord, topics
from terrain.console.cord import Cord
from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.places import named, place_in
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.task import Task
from terrain.errors import Refusal
from terrain.flow import flagging
from terrain.flow import tasks as work
from terrain.flow.flagging import Pull, UnknownCase
from terrain.store import directory, tasks
from terrain.store.tasks import Place

A_PAGE = 50
SHOWN = ("open", "mine", "late", "done")


def index(request: HttpRequest) -> HttpResponse:
    db, now = record(), request.now
    listening = topics.standing(db, request.staff, now)
    chosen = request.GET.get("show", "")
    shown = chosen if chosen in SHOWN else "open"
    asked = place_in(request.GET.get("from", ""))
    place = Place(*asked) if asked else None
    found = _found(db, request, place)[shown]()
    more = found[-1] if len(found) == A_PAGE and shown != "late" else None
    return page(
        request,
        "tasks.html",
        room="tasks",
        listening=listening,
        shown=shown,
        tasks=found,
        counts=tasks.waiting(db, request.staff.name, now),
        here=request.get_full_path(),
        more=f"?show={shown}&from={_name(more, shown)}" if more else "",
        later=f"?show={shown}" if place else "",
    )


def show(request: HttpRequest, task: int) -> HttpResponse:
    return _show(request, _task(task))


def act(request: HttpRequest, task: int) -> HttpResponse:
    """Take the task in charge, give it back, or close it with what came of it."""
    db, found, staff = record(), _task(task), request.staff
    request.audited = {"task": task}
    match request.POST.get("do", ""):
        case "take":
            work.take(db, found, staff.name, request.now)
        case "give_back":
            work.give_back(db, found, request.now)
        case _:
            outcome = request.POST.get("outcome", "").strip()
            try:
                work.close(db, found, staff.name, outcome, request.now)
            except Refusal as refusal:
                return _show(request, found, refusal)
    return HttpResponseRedirect(reverse("task", kwargs={"task": task}))


def _show(request: HttpRequest, found: Task, refusal: Refusal | None = None) -> HttpResponse:
    line = directory.lines(record(), [found.key]).get(found.key)
    return page(
        request,
        "task.html",
        room="tasks",
        task=found,
        called=line.called if line else "",
        refusal=refusal,
        typed=request.POST.get("outcome", ""),
        cord=cord.offered(request, _cord(found), house(record()).live),
    )


def _cord(task: Task) -> Cord:
    """Return the cord about what led to this task, as far as that is known."""
    said = task.file.get("said")
    named = said.get("decision_id") if isinstance(said, dict) else None
    number = task.decision_id or number_in(str(named or "")) or 0
    pull = Pull(node=task.key, automation="", reason="", decision_id=number)
    try:
        meant = flagging.meant(record(), pull)
    except UnknownCase:  # kept no longer
        meant = msgspec.structs.replace(pull, decision_id=0)
    return Cord(
        customer=task.key.customer_id,
        automation=meant.automation or task.automation,
        decision=meant.decision_id,
    )


def _task(number: int) -> Task:
    found = tasks.find(record(), number)
    if found is None:
        raise PageNotFound
    return found


def _found(
    db: Connection, request: HttpRequest, place: Place | None
) -> dict[str, Callable[[], list[Task]]]:
    name, now = request.staff.name, request.now
    return {
        "open": lambda: tasks.open_ones(db, A_PAGE, place),
        "mine": lambda: tasks.taken_by(db, name, A_PAGE, place),
        "late": lambda: tasks.late_ones(db, now, A_PAGE),
        "done": lambda: tasks.done_ones(db, A_PAGE, place),
    }


def _name(task: Task, shown: str) -> str:
    """Return what the next page goes on from."""
    at = (task.done_at if shown == "done" else None) or task.opened_at
    return named(at, task.task_id)
