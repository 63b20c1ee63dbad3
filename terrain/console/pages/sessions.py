"""What somebody who works here keeps about themselves: name, language, password, where they are signed in.

Promise: a new password takes the old one, and ends every session but the one it was chosen in, and every
way in that was asked for with the old one.
"""

from allauth.account.internal.flows.password_change import change_password, finalize_password_change
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain import words
from terrain.console import shortcut, throttle
from terrain.console.accounts.devices import named
from terrain.console.accounts.forms import Wrong, typed, wrong_name, wrong_password
from terrain.console.language import keep
from terrain.console.pages.sign_in import PASSWORD, tried_too_often
from terrain.console.paper import page
from terrain.console.record import record
from terrain.store import entries, sessions, staff
from terrain.store.entries import Kind


def show(request: HttpRequest) -> HttpResponse:
    return _account(request, {})


def change(request: HttpRequest) -> HttpResponse:
    name, language = typed(request.POST)[0].name, request.POST.get("language", "")
    if wrong := wrong_name(name):
        return _account(request, wrong)
    language = language if language in words.LANGUAGES else request.user.language
    staff.keep_words(record(), request.staff.staff_id, name, language)
    answer = HttpResponseRedirect(reverse("account"))
    keep(answer, language)
    shortcut.keep(answer, request.POST.get("shortcut", ""))
    return answer


def show_password(request: HttpRequest) -> HttpResponse:
    return page(request, "change_password.html", room="account", wrong={}, minutes=0)


def new_password(request: HttpRequest) -> HttpResponse:
    """Take a new password from whoever knows the old one."""
    person, email = request.user, request.staff.email
    template, password = "change_password.html", typed(request.POST)[1]
    if again := throttle.too_many(request, PASSWORD, email):
        return tried_too_often(request, template, again, room="account", wrong={})
    if not person.check_password(request.POST.get("old", "")):
        return page(
            request, template, status=422, room="account", wrong={"old": "old_wrong"}, minutes=0
        )
    throttle.was_right(request, PASSWORD, email)
    if wrong := wrong_password(password, person):
        return page(request, template, status=422, room="account", wrong=wrong, minutes=0)
    change_password(person, password)
    finalize_password_change(request, person)
    entries.withdraw(record(), Kind.ADDRESS, person.pk)
    sessions.end_all(record(), person.pk, but=request.session.kept_as)
    return HttpResponseRedirect(reverse("account"))


def end(request: HttpRequest) -> HttpResponse:
    """Sign out elsewhere: of one browser, or of all but this one."""
    db, staff_id = record(), request.staff.staff_id
    here = request.session.kept_as
    chosen = request.POST.get("session", "")
    if chosen == "others":
        sessions.end_all(db, staff_id, but=here)
    elif chosen != here:
        sessions.end(db, staff_id, chosen)
    return HttpResponseRedirect(reverse("account") + "#sessions")


def _account(request: HttpRequest, wrong: Wrong) -> HttpResponse:
    open_ones = sessions.of(record(), request.staff.staff_id, request.now)
    return page(
        request,
        "account.html",
        room="account",
        status=422 if wrong else 200,
        wrong=wrong,
        person=request.user,
        sessions=[(each, named(each.browser)) for each in open_ones],
        here=request.session.kept_as,
    )
