"""What people have to do: the open tasks, one of them with its handover file, closed with an outcome."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.flow.tasks import close as close_task
from terrain.store import tasks

# Until people have accounts, the operator is one person.
OPERATOR = "operator"


def index(request: HttpRequest) -> HttpResponse:
    return page(request, "tasks.html", room="tasks", tasks=tasks.open_ones(record()))


def show(request: HttpRequest, task: int) -> HttpResponse:
    found = tasks.find(record(), task)
    if found is None:
        raise PageNotFound
    return page(request, "task.html", room="tasks", task=found)


def close(request: HttpRequest, task: int) -> HttpResponse:
    db, outcome = record(), request.POST.get("outcome", "").strip()
    found = tasks.find(db, task)
    if found is None:
        raise PageNotFound
    close_task(db, found, OPERATOR, outcome, request.now)
    return HttpResponseRedirect(reverse("task", kwargs={"task": task}))
