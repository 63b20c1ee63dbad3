"""Where somebody who works here takes another e-mail address: asked with the password, confirmed from the address.

Promise: nobody signs in with an address whose letters they do not read, the old address is told, and whoever
is signed in stays so.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain.config import public_address
from terrain.console import audit, throttle
from terrain.console.pages.entry import EntryUsed, person_of
from terrain.console.pages.sign_in import PASSWORD, tried_too_often
from terrain.console.paper import page
from terrain.console.posting import send_later
from terrain.console.record import record
from terrain.errors import Refusal
from terrain.flow import staff as office
from terrain.flow import staff_letters
from terrain.store import entries
from terrain.store.entries import Kind

FORM, DONE = "change_email.html", 200


def show(request: HttpRequest) -> HttpResponse:
    return _form(request)


def ask(request: HttpRequest) -> HttpResponse:
    """Send a letter to the new address, for whoever knows the password."""
    person = request.staff
    if again := throttle.too_many(request, PASSWORD, person.email):
        return tried_too_often(request, FORM, again, **_blank(request))
    if not request.user.check_password(request.POST.get("old", "")):
        return _form(request, status=422, wrong={"old": "old_wrong"})
    throttle.was_right(request, PASSWORD, person.email)
    try:
        address, token = office.want_address(
            record(), person.staff_id, request.POST.get("email", ""), request.now
        )
    except Refusal as refusal:
        return _form(request, refusal=refusal)
    account = office.found(record(), person.staff_id)
    link = public_address(settings.TERRAIN) + reverse("confirm_email", kwargs={"token": token})
    letter = staff_letters.new_address(account, address, link, settings.TERRAIN)
    send_later(letter, person.staff_id, request.now)
    return _form(request, asked=address)


def show_new(request: HttpRequest, token: str) -> HttpResponse:
    db = record()
    person = person_of(entries.find(db, Kind.ADDRESS, token, request.now))
    email = entries.address_of(db, token)
    return page(request, "confirm_email.html", person=person, email=email)


def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Take the new address, and tell the old one."""
    db = record()
    before = office.take_address(db, token, request.now)
    if before is None:
        raise EntryUsed
    email = office.found(db, before.staff_id).email
    sign_in = public_address(settings.TERRAIN) + reverse("account_login")
    letter = staff_letters.address_changed(before, email, sign_in, settings.TERRAIN)
    send_later(letter, before.staff_id, request.now)
    audit.note_about(person_of(before.staff_id), "confirm_email", DONE)
    response = page(request, "email_confirmed.html", email=email)
    throttle.remember(request, response, email)
    return response


def _form(request: HttpRequest, *, status: int = 0, **values: Any) -> HttpResponse:
    return page(request, FORM, status=status, minutes=0, **(_blank(request) | values))


def _blank(request: HttpRequest) -> dict[str, Any]:
    typed = request.POST.get("email", "")
    return {"room": "account", "wrong": {}, "refusal": None, "asked": "", "email": typed}
