"""Where somebody comes in for the first time, or again: by an invitation, or after a lost password.

Promise: a link chooses a password once; whether there is an account at an address, nobody learns here.
"""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain.config import public_address
from terrain.console import audit, throttle
from terrain.console.accounts.forms import Wrong, typed, wrong_name, wrong_password
from terrain.console.accounts.models import Person
from terrain.console.pages.entry import EntryUsed, person_of
from terrain.console.pages.sign_in import let_in, tried_too_often
from terrain.console.paper import page
from terrain.console.posting import send_later
from terrain.console.record import record
from terrain.flow import staff_letters
from terrain.store import entries, sessions, staff
from terrain.store.entries import Kind
from terrain.store.staff import Account

LOST = "lost password"
DONE = 200


def show(request: HttpRequest, token: str) -> HttpResponse:
    return _join_form(request, _whose(request, Kind.INVITATION, token), {})


def join(request: HttpRequest, token: str) -> HttpResponse:
    db, person = record(), _whose(request, Kind.INVITATION, token)
    person.name, password = typed(request.POST)[0].name, typed(request.POST)[1]
    wrong = {**wrong_name(person.name), **wrong_password(password, person)}
    if wrong:
        return _join_form(request, person, wrong)
    if entries.use(db, Kind.INVITATION, token, request.now) is None:
        raise EntryUsed
    staff.keep_words(db, person.pk, person.name, request.language)
    staff.keep_password(db, person.pk, make_password(password), request.now)
    audit.note_about(person, "join", DONE)
    return let_in(request, person_of(person.pk))


def show_lost(request: HttpRequest) -> HttpResponse:
    return page(request, "lost_password.html", asked=False, minutes=0)


def ask(request: HttpRequest) -> HttpResponse:
    """Send a link to this address, if there is an account; say the same in either case."""
    email = request.POST.get("email", "").strip()
    if again := throttle.too_many(request, LOST, email):
        return tried_too_often(request, "lost_password.html", again, asked=False)
    db = record()
    account = staff.by_email(db, email)
    if account and account.is_active and account.joined_at:
        token = entries.make(db, Kind.RESET, request.now, account.staff_id)
        _send_later(request, account, token)
    return page(request, "lost_password.html", asked=True, minutes=0)


def show_new(request: HttpRequest, token: str) -> HttpResponse:
    return _new_form(request, _whose(request, Kind.RESET, token), {})


def choose(request: HttpRequest, token: str) -> HttpResponse:
    db, person = record(), _whose(request, Kind.RESET, token)
    password = typed(request.POST)[1]
    if wrong := wrong_password(password, person):
        return _new_form(request, person, wrong)
    if entries.use(db, Kind.RESET, token, request.now) is None:
        raise EntryUsed
    staff.keep_password(db, person.pk, make_password(password), request.now)
    entries.withdraw(db, Kind.ADDRESS, person.pk)
    sessions.end_all(db, person.pk)
    throttle.was_right(request, "password", person.email)
    audit.note_about(person, "new_password", DONE)
    return let_in(request, person_of(person.pk), by="link")


def _whose(request: HttpRequest, kind: Kind, token: str) -> Person:
    return person_of(entries.find(record(), kind, token, request.now))


def _join_form(request: HttpRequest, person: Person, wrong: Wrong) -> HttpResponse:
    return page(request, "join.html", status=422 if wrong else 200, person=person, wrong=wrong)


def _new_form(request: HttpRequest, person: Person, wrong: Wrong) -> HttpResponse:
    return page(
        request, "new_password.html", status=422 if wrong else 200, person=person, wrong=wrong
    )


def _send_later(request: HttpRequest, account: Account, token: str) -> None:
    address = public_address(settings.TERRAIN) + reverse("new_password", kwargs={"token": token})
    letter = staff_letters.lost_password(account, address, settings.TERRAIN)
    send_later(letter, account.staff_id, request.now)
