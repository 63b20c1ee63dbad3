"""The staff room: who works here, what they may do, who is invited, who has left.

Promise: an invitation's address is shown on the one page that answers its making, and nowhere ever again.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.config import public_address
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.staff import Role
from terrain.errors import Refusal
from terrain.flow import staff as office
from terrain.flow import staff_letters
from terrain.store import sessions, staff
from terrain.store.staff import New

NOTHING_YET = New(name="", email="", roles=[Role.ADVISER])


def index(request: HttpRequest) -> HttpResponse:
    return _index(request)


def invite(request: HttpRequest) -> HttpResponse:
    db = record()
    try:
        new = office.drafted(
            request.POST.get("name", ""), request.POST.get("email", ""), _roles(request)
        )
        staff_id, token = office.invite(db, _by(request, new), request.now)
    except Refusal as refusal:
        return _index(request, refusal)
    request.audited = {"person": staff_id, "roles": sorted(new.roles)}
    return _invited(request, staff_id, token)


def show(request: HttpRequest, person: int) -> HttpResponse:
    return _colleague(request, person)


def change_roles(request: HttpRequest, person: int) -> HttpResponse:
    roles = _roles(request)
    request.audited = {"roles": sorted(roles)}
    try:
        office.change_roles(record(), person, roles, request.staff.staff_id)
    except Refusal as refusal:
        return _colleague(request, person, refusal)
    return _to(person)


def take_step(request: HttpRequest, person: int, step: str) -> HttpResponse:
    if step not in STEPS:
        raise PageNotFound
    return STEPS[step](request, record(), person)


def _invite_again(request: HttpRequest, db: Connection, person: int) -> HttpResponse:
    return _invited(request, person, office.invite_again(db, person, request.now))


def _withdraw(request: HttpRequest, db: Connection, person: int) -> HttpResponse:
    office.withdraw(db, person)
    return HttpResponseRedirect(reverse("staff"))


def _deactivate(request: HttpRequest, db: Connection, person: int) -> HttpResponse:
    office.deactivate(db, person, request.staff.staff_id)
    return _to(person)


def _bring_back(request: HttpRequest, db: Connection, person: int) -> HttpResponse:
    office.bring_back(db, person)
    return _to(person)


STEPS: dict[str, Callable[[HttpRequest, Connection, int], HttpResponse]] = {
    "again": _invite_again,
    "withdraw": _withdraw,
    "let-go": _deactivate,
    "bring-back": _bring_back,
}


def _index(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    typed = NOTHING_YET
    if refusal:
        email = request.POST.get("email", "")
        typed = New(name=request.POST.get("name", ""), email=email, roles=_roles(request))
    return page(
        request,
        "staff.html",
        room="staff",
        everybody=staff.everybody(record()),
        typed=typed,
        refusal=refusal,
    )


def _colleague(request: HttpRequest, person: int, refusal: Refusal | None = None) -> HttpResponse:
    db = record()
    account = office.found(db, person)
    return page(
        request,
        "colleague.html",
        room="staff",
        account=account,
        open_sessions=len(sessions.of(db, person, request.now)),
        refusal=refusal,
    )


def _invited(request: HttpRequest, person: int, token: str) -> HttpResponse:
    """Send the invitation, and show its address this once, in case the letter does not arrive."""
    account = office.found(record(), person)
    address = public_address(settings.TERRAIN) + reverse("join", kwargs={"token": token})
    letter = staff_letters.invitation(account, request.staff.name, address, settings.TERRAIN)
    sent = staff_letters.send(letter, settings.TERRAIN, request.now)
    return page(request, "invited.html", room="staff", account=account, address=address, sent=sent)


def _to(person: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("colleague", kwargs={"person": person}))


def _by(request: HttpRequest, new: New) -> New:
    return New(name=new.name, email=new.email, roles=new.roles, invited_by=request.staff.staff_id)


def _roles(request: HttpRequest) -> list[Role]:
    return [role for role in Role if role.value in request.POST.getlist("roles")]
