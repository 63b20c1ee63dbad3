"""Who needs a second factor: said by role, with a reason; and help for whoever lost theirs."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.staff import Role
from terrain.errors import Refusal
from terrain.flow.second_factor import require
from terrain.store import second_factor, staff


def show(request: HttpRequest) -> HttpResponse:
    return _form(request)


def say(request: HttpRequest) -> HttpResponse:
    typed = request.POST
    roles = [role for role in Role if role in typed.getlist("roles")]
    try:
        require(record(), roles, request.staff.name, typed.get("because", ""), request.now)
    except Refusal as refusal:
        return _form(request, roles, refusal)
    request.audited = {"roles": [role.value for role in roles]}
    return HttpResponseRedirect(reverse("second_factor_rule"))


def ask_forget(request: HttpRequest, person: int) -> HttpResponse:
    return page(request, "factor_forget.html", room="staff", person=_found(person))


def forget(request: HttpRequest, person: int) -> HttpResponse:
    """Take somebody's factors away, who lost them; whether it is really them was asked by a person."""
    had = second_factor.forget(record(), _found(person).staff_id)
    request.audited = {"factors": had}
    return HttpResponseRedirect(reverse("second_factor_rule"))


def _found(number: int) -> staff.Account:
    found = staff.find(record(), number)
    if found is None:
        raise PageNotFound
    return found


def _form(
    request: HttpRequest, typed: list[Role] | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    db = record()
    versions = second_factor.history(db)
    now = versions[0].roles if versions else []
    return page(
        request,
        "second_factor_rule.html",
        room="staff",
        roles=list(Role),
        needed=now if typed is None else typed,
        because=request.POST.get("because", ""),
        without=second_factor.without(db, now) if now else [],
        versions=versions,
        refusal=refusal,
    )
