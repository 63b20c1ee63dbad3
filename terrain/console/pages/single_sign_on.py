"""The company's own sign-in: away to it, and back again.

Promise: nothing but a form of ours begins it, so no other site can sign anybody in as somebody else.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.accounts import openid
from terrain.console.paper import page
from terrain.console.refusals import PageNotFound
from terrain.console.ways import wanted


def show(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("account_login"))


def go(request: HttpRequest) -> HttpResponse:
    """Lead to the provider by a page: a browser lets no form of ours lead on to another site."""
    if not openid.is_set():
        raise PageNotFound
    address = openid.address_to_go_to(request, wanted(request))
    response = page(request, "leading_on.html", address=address, name=openid.app().name)
    response.headers["Refresh"] = f"0;url={address}"
    return response


def come_back(request: HttpRequest) -> HttpResponse:
    if not openid.is_set():
        raise PageNotFound
    return openid.come_back(request)
