"""In and out: e-mail address and password, the password once more, and away again.

Promise: whoever is refused does not learn whether there is such an account.
"""

import math
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.models import Login
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console import throttle
from terrain.console.accounts.open_ways import ways
from terrain.console.accounts.sessions import staff_of
from terrain.console.paper import page
from terrain.console.ways import wanted

PASSWORD = "password"  # noqa: S105 - what is tried, and the field it is typed into
SECONDS_IN_A_MINUTE = 60


def show(request: HttpRequest) -> HttpResponse:
    if staff_of(request):
        return HttpResponseRedirect(wanted(request))
    return _form(request, "sign_in.html")


def enter(request: HttpRequest) -> HttpResponse:
    email = request.POST.get("email", "").strip()
    if again := throttle.too_many(request, PASSWORD, email):
        return _form(request, "sign_in.html", again=again)
    person = authenticate(request, email=email, password=request.POST.get(PASSWORD, ""))
    if person is None:
        return _form(request, "sign_in.html", wrong=True)
    throttle.was_right(request, PASSWORD, email)
    return let_in(request, person)


def show_again(request: HttpRequest) -> HttpResponse:
    """Ask for the password once more, before what an open browser alone must not do."""
    return _form(request, "sign_in_again.html")


def confirm(request: HttpRequest) -> HttpResponse:
    email = request.staff.email
    if again := throttle.too_many(request, PASSWORD, email):
        return _form(request, "sign_in_again.html", again=again)
    if not request.user.check_password(request.POST.get(PASSWORD, "")):
        return _form(request, "sign_in_again.html", wrong=True)
    throttle.was_right(request, PASSWORD, email)
    reauthenticate_by_password(request)
    return HttpResponseRedirect(wanted(request))


def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("left"))


def left(request: HttpRequest) -> HttpResponse:
    return page(request, "left.html")


def let_in(request: HttpRequest, person: Any, by: str = PASSWORD) -> HttpResponse:
    """Go on to what else is asked of them, a second factor, or to the room they wanted.

    From now on this browser is theirs: nobody who guesses elsewhere keeps them out of it.
    """
    login = Login(user=person, redirect_url=wanted(request), email=person.email)
    record_authentication(request, person, method=by)
    response: HttpResponse = perform_login(request, login)
    throttle.remember(request, response, person.email)
    return response


def tried_too_often(
    request: HttpRequest, template: str, again: datetime, **values: Any
) -> HttpResponse:
    """Answer with the form again, and say when it will be read."""
    minutes = math.ceil((again - request.now).total_seconds() / SECONDS_IN_A_MINUTE)
    answer = page(request, template, status=429, minutes=minutes, **values)
    answer.headers["Retry-After"] = str(minutes * SECONDS_IN_A_MINUTE)
    return answer


def _form(
    request: HttpRequest, template: str, *, wrong: bool = False, again: datetime | None = None
) -> HttpResponse:
    email = request.POST.get("email", "")
    values = {"email": email, "wanted": wanted(request), "wrong": wrong, "ways": ways(request)}
    if again:
        return tried_too_often(request, template, again, **values)
    return page(request, template, status=422 if wrong else 200, minutes=0, **values)
