"""Walk in her shoes: the ninety days to come of one customer, day by day, as everything stands today."""

from datetime import timedelta
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.house import house, names_of_facts
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.decision import Verdict
from terrain.core.foresight import DAYS, Foreseen
from terrain.core.identifier import key_of
from terrain.flow import desk_says, shoes
from terrain.flow.shoes import Supposed

# The day shows the colour of what weighs most in it.
_WEIGHT = (Verdict.HOLD, Verdict.HAND, Verdict.ASK, Verdict.ACT)


def show(request: HttpRequest, customer: int) -> HttpResponse:
    db, now = record(), request.now
    reference = house(db)
    if request.GET.get("when"):
        return _suppose(request, customer)
    supposes = shoes.supposed(request.GET.getlist("if"), reference, now)
    own = desk_says.page_of(db, key_of(customer), reference, now)
    foresight = shoes.walk(db, own.customer, supposes, reference, now)
    zone = ZoneInfo(settings.TERRAIN.time_zone)
    today = now.astimezone(zone).date()
    days = {
        day: list(things)
        for day, things in groupby(
            sorted(foresight.things, key=lambda each: each.decision.at),
            key=lambda each: each.decision.at.astimezone(zone).date(),
        )
    }
    return page(
        request,
        "shoes.html",
        room="customers",
        customer_id=customer,
        called=own.called,
        own=own,
        days=days,
        colours={day: _colour(things) for day, things in days.items()},
        counts=_counts(foresight.things),
        more=foresight.more,
        later=foresight.later,
        first=today,
        last=today + timedelta(days=DAYS - 1),
        tomorrow=today + timedelta(days=1),
        supposes=[(each, _without(each, supposes, customer)) for each in supposes],
        supposable=shoes.supposable(reference) if len(supposes) < shoes.MOST_SUPPOSED else [],
        house=reference,
        fact_name=names_of_facts(reference, request.language),
    )


def _suppose(request: HttpRequest, customer: int) -> HttpResponse:
    """Lead from the form to the address that says the same, so that it can be kept and sent on."""
    names = ("when", "day", "about", "sku", "units")
    typed = "~".join(request.GET.get(name, "").replace("~", " ") for name in names)
    return HttpResponseRedirect(_address(customer, [*request.GET.getlist("if"), typed]))


def _without(one: Supposed, supposes: list[Supposed], customer: int) -> str:
    return _address(customer, [each.as_text() for each in supposes if each != one])


def _address(customer: int, texts: list[str]) -> str:
    address = str(reverse("shoes", kwargs={"customer": customer}))
    return f"{address}?{urlencode([('if', text) for text in texts])}" if texts else address


def _colour(things: list[Foreseen]) -> str:
    return max((each.decision.verdict for each in things), key=_WEIGHT.index).value


def _counts(things: tuple[Foreseen, ...]) -> dict[str, int]:
    found = dict.fromkeys(Verdict, 0)
    for each in things:
        found[each.decision.verdict] += 1
    return {verdict.value: n for verdict, n in found.items()}
