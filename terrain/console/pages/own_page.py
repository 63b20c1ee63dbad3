"""The customer's own page, behind the links in messages: no account, no script, nothing acts on GET.

Each form is one saying (`flow/customer_says.py`); afterwards the same page shows that it was taken in.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain import words
from terrain.console.house import house, names_of_facts, other_ways
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.belief import believe
from terrain.core.fact import FactKey
from terrain.core.place import zones_of
from terrain.flow import own_page
from terrain.flow.customer_says import SAYINGS, tell
from terrain.flow.own_page import OwnPage


def show(request: HttpRequest, token: str) -> HttpResponse:
    own, reference = _read(request), house(record())
    _speak_as_they_do(request, own)
    said = request.GET.get("said", "")
    zone = zones_of(own.customer, reference)[0]
    return page(
        request,
        "own_page.html",
        zone=zone.key,
        own=own,
        token=token,
        said=said if said in SAYINGS else "",
        today=request.now.date(),
        mandates={name: each.mandate for name, each in reference.live.items()},
        correctable={fact.key: fact for fact in own.facts},
        fact_name=names_of_facts(reference, request.language),
        otherwise=other_ways(own.decision, reference, request.language, zone)
        if own.decision
        else [],
    )


def say(request: HttpRequest, token: str, saying: str) -> HttpResponse:
    if saying not in SAYINGS:
        raise PageNotFound
    own = _read(request)
    form = {name: str(request.POST[name]) for name in request.POST}
    said = SAYINGS[saying](own, form, request.now)
    tell(record(), own.speaker, said, request.now, form.get("once", ""))
    return HttpResponseRedirect(reverse("own_page", kwargs={"token": token}) + f"?said={saying}")


def back(request: HttpRequest, token: str, saying: str) -> HttpResponse:
    """Lead whoever comes to the address of a form without sending it to the page."""
    return HttpResponseRedirect(reverse("own_page", kwargs={"token": token}))


def _read(request: HttpRequest) -> OwnPage:
    db = record()
    return own_page.read(db, request.link, house(db), request.now)


def _speak_as_they_do(request: HttpRequest, own: OwnPage) -> None:
    """Use the language we know of them, unless this reader chose one."""
    if request.language_chosen:
        return
    belief = believe(own.customer, FactKey("language"), house(record()), request.now)
    if belief and str(belief.value)[:2] in words.LANGUAGES:
        request.language = str(belief.value)[:2]
