"""Caught mail: what would have left this machine, had it been told where to.

A letter's own HTML is a page apart, in a frame without origin, script, form or pictures from elsewhere.
"""

from django.http import HttpRequest, HttpResponse

from terrain.console.headers import FOREIGN_CONTENT
from terrain.console.letter import letter_of
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.store import caught_mail
from terrain.store.caught_mail import Caught

A_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    before = number_in(request.GET.get("before", ""))
    letters = caught_mail.latest(record(), A_PAGE, before)
    more = letters[-1].caught_id if len(letters) == A_PAGE else 0
    return page(request, "mail.html", room="mail", letters=letters, more=more)


def show(request: HttpRequest, letter: int) -> HttpResponse:
    caught = _find(letter)
    return page(request, "letter.html", room="mail", caught=caught, letter=letter_of(caught.raw))


def body(request: HttpRequest, letter: int) -> HttpResponse:
    html = letter_of(_find(letter).raw).html
    response = HttpResponse(f'<!doctype html><meta charset="utf-8"><base target="_blank">{html}')
    response.headers["Content-Security-Policy"] = FOREIGN_CONTENT
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _find(letter: int) -> Caught:
    caught = caught_mail.find(record(), letter)
    if caught is None:
        raise PageNotFound
    return caught
