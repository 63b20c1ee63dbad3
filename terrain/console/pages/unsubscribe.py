"""The one click that stops (RFC 8058): GET shows a page, POST stops, without cookie, account or second click.

Promise: stopped is stopped when the answer leaves; a link scanner that only looks stops nothing.
"""

from django.http import HttpRequest, HttpResponse

from terrain.console.house import house
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.own_page import STOPPED_ALL
from terrain.errors import Refusal
from terrain.flow.customer_says import Saying, tell
from terrain.flow.own_page import NobodyThere, Speaker, load
from terrain.store import timeline

WORD = "List-Unsubscribe"
MEANS_STOP = "One-Click"


class NotTheClick(Refusal):
    """A mail client that stops something says so in these words."""

    code = "not_one_click"
    status = 400


def show(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - read by the rule
    return page(request, "unsubscribe.html", stopped=False)


def stop(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    if request.POST.get(WORD) != MEANS_STOP:
        raise NotTheClick(field=WORD, right=MEANS_STOP)
    link, db = request.link, record()
    act = timeline.act(db, link.key, link.act_id)
    if act is None:
        raise NobodyThere
    everything = request.POST.get("all") == "yes"
    said = {
        "automation": STOPPED_ALL if everything else act.automation,
        "act_id": str(act.act_id),
    }
    saying = Saying(event="automation.stopped", properties=said)
    customer = load(db, link.key, house(db), request.now)
    once = f"stop:{said['automation']}:{act.act_id}"
    tell(db, Speaker(link.key, customer), saying, request.now, once)
    return page(request, "unsubscribe.html", stopped=True)
