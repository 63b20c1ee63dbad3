"""In and out: e-mail address and password, and away again.

Promise: whoever is refused does not learn whether there is such an account.
"""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.paper import page
from terrain.console.ways import wanted


def show(request: HttpRequest) -> HttpResponse:
    return page(request, "sign_in.html", email="", wanted=wanted(request), wrong=False)


def enter(request: HttpRequest) -> HttpResponse:
    email, password = (request.POST.get(name, "") for name in ("email", "password"))
    person = authenticate(request, email=email.strip(), password=password)
    if person is None:
        values = {"email": email, "wanted": wanted(request), "wrong": True}
        return page(request, "sign_in.html", status=422, **values)
    return let_in(request, person)


def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("left"))


def left(request: HttpRequest) -> HttpResponse:
    return page(request, "left.html")


def let_in(request: HttpRequest, person: Any) -> HttpResponse:
    """Go on to what else is asked of them, a second factor, or to the room they wanted."""
    login = Login(user=person, redirect_url=wanted(request), email=person.email)
    return perform_password_login(request, {"email": person.email}, login)
