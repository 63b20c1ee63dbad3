"""Caught mail: what would have left this machine, had it been told where to.

Promise: a letter that opens somebody's account is shown to nobody but those who administer accounts.

A letter's own HTML is a page apart, in a frame without origin, script, form or pictures from elsewhere.
"""

from django.http import HttpRequest, HttpResponse

from terrain.console.headers import FOREIGN_CONTENT
from terrain.console.letter import letter_of
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core.staff import May
from terrain.store import caught_mail
from terrain.store.caught_mail import Caught

A_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    before = number_in(request.GET.get("before", ""))
    to_staff = request.staff.may(May.ADMINISTER)
    letters = caught_mail.latest(record(), A_PAGE, before, to_staff=to_staff)
    more = letters[-1].caught_id if len(letters) == A_PAGE else 0
    return page(request, "mail.html", room="mail", letters=letters, more=more)


def show(request: HttpRequest, letter: int) -> HttpResponse:
    caught = _find(request, letter)
    return page(request, "letter.html", room="mail", caught=caught, letter=letter_of(caught.raw))


def body(request: HttpRequest, letter: int) -> HttpResponse:
    html = letter_of(_find(request, letter).raw).html
    response = HttpResponse(f'<!doctype html><meta charset="utf-8"><base target="_blank">{html}')
    response.headers["Content-Security-Policy"] = FOREIGN_CONTENT
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _find(request: HttpRequest, letter: int) -> Caught:
    caught = caught_mail.find(record(), letter)
    if caught is None or (caught.is_to_staff and not request.staff.may(May.ADMINISTER)):
        raise PageNotFound
    return caught
