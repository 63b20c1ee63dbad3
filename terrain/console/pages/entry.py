"""The way in that a terminal printed: shown on GET, used on POST, good once.

Promise: whoever only looks at the address (a browser that reads ahead, a chat that draws previews)
does not use it up; the first account is made once, whoever comes at the same time.
"""

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from psycopg import Connection

from terrain.console.accounts.forms import Wrong, typed, wrong_email, wrong_name, wrong_password
from terrain.console.accounts.models import Person
from terrain.console.pages.sign_in import let_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.staff import Role
from terrain.errors import Refusal
from terrain.store import entries, staff
from terrain.store.entries import Kind


class EntryUsed(Refusal):
    """The way in was used before, is too old, was never ours, or a later one was made."""

    code = "entry_used"
    status = 403


def show(request: HttpRequest, token: str) -> HttpResponse:
    db = record()
    if is_first(request, token):
        return first_form(request, Person(name="", email=""), {})
    if entries.find(db, Kind.LINK, token, request.now) is None:
        raise EntryUsed
    return page(request, "entry.html")


def use(request: HttpRequest, token: str) -> HttpResponse:
    if is_first(request, token):
        return make_the_first(request, token)
    staff_id = entries.use(record(), Kind.LINK, token, request.now)
    return let_in(request, person_of(staff_id), by="link")


def is_first(request: HttpRequest, token: str) -> bool:
    """Say whether this is the way in for whoever comes first, and nobody came yet."""
    db = record()
    good = entries.find(db, Kind.FIRST, token, request.now) is not None
    return good and staff.is_empty(db)


def first_form(request: HttpRequest, person: Person, wrong: Wrong) -> HttpResponse:
    status = 422 if wrong else 200
    return page(request, "first.html", status=status, person=person, wrong=wrong)


def make_the_first(request: HttpRequest, token: str) -> HttpResponse:
    db, (person, password) = record(), typed(request.POST)
    wrong = {
        **wrong_name(person.name),
        **wrong_email(person.email),
        **wrong_password(password, person),
    }
    if wrong:
        return first_form(request, person, wrong)
    if entries.use(db, Kind.FIRST, token, request.now) is None:
        raise EntryUsed
    return let_in(request, person_of(_made(db, request, person, password)))


def person_of(staff_id: int | None) -> Person:
    """Return whose way in it was, if they still work here."""
    person: Person | None = Person.objects.filter(pk=staff_id, is_active=True).first()
    if person is None:
        raise EntryUsed
    return person


def _made(db: Connection, request: HttpRequest, person: Person, password: str) -> int:
    new = staff.New(
        name=person.name,
        email=person.email,
        roles=list(Role),
        password=make_password(password),
        language=request.language,
        joined_at=request.now,
    )
    return staff.make(db, new)
