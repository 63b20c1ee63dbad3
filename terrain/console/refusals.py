"""How a page says no: in the reader's language, with what would be right and a way to a person.

Promise: a refusal never shows an empty page or a technical one, and never undoes itself half.
"""

import re
from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain import words
from terrain.console.accounts import sessions
from terrain.console.headers import Answering
from terrain.console.language import language_of
from terrain.console.paper import page
from terrain.errors import Refusal
from terrain.flow.spoken import day_said

DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# What a customer types into a form of their own page; the rest of it was chosen, or put there by us.
TYPED = re.compile(r"text|to|to\.\w+|from|until")
AS_TYPED = {"date": re.compile(r"\d{4}-\d{2}-\d{2}"), "time": re.compile(r"\d{2}:\d{2}")}
# Each showing of a form has its own of these.
OF_ONE_SHOWING = ("csrfmiddlewaretoken", "once")


class PageNotFound(Refusal):
    """There is nothing at this address."""

    code = "page_not_found"
    status = 404


class FormNotOurs(Refusal):
    """The form does not carry the word that our page put into it."""

    code = "form_not_ours"
    status = 403


class SomethingBroke(Refusal):
    """A bug; the log knows more."""

    code = "something_broke"
    status = 500


class BadRequest(Refusal):
    """What came cannot be read as a form."""

    code = "bad_form"
    status = 400


class Speak:
    """Turns a Refusal raised by a page into the page that says it."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, raised: Exception) -> HttpResponse | None:
        return refused(request, raised) if isinstance(raised, Refusal) else None


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page that says this no."""
    request.language = getattr(request, "language", None) or language_of(request)
    request.refusal = refusal
    sentence = with_days(words.refusal_sentence(request.language, refusal), request.language)
    home = own_page_of(request)
    form = {} if refusal.status >= SomethingBroke.status else getattr(request, "typed", {})
    return page(
        request,
        "refusal.html",
        refusal=refusal,
        sentence=sentence,
        home=home,
        typed=[(name, text, _sort(text)) for name, text in form.items() if TYPED.fullmatch(name)],
        kept={name: text for name, text in form.items() if _is_kept(name)},
    )


def _sort(text: str) -> str:
    """Return the sort of field that shows this text as it was chosen."""
    return next((sort for sort, shape in AS_TYPED.items() if shape.fullmatch(text)), "text")


def _is_kept(name: str) -> bool:
    return name not in OF_ONE_SHOWING and not TYPED.fullmatch(name)


def with_days(sentence: str, language: str) -> str:
    """Return the sentence with its days as people say them; what is no day stays as it was typed."""

    def spoken(found: re.Match[str]) -> str:
        try:
            return day_said(date.fromisoformat(found[0]), language)
        except ValueError:
            return found[0]

    return DAY.sub(spoken, sentence)


def own_page_of(request: HttpRequest) -> str:
    """Return the way back to the customer's own page, where the link they hold opens one."""
    found, link = request.resolver_match, getattr(request, "link", None)
    if found is None or link is None or not found.route.startswith("my/"):
        return ""
    return str(reverse("own_page", kwargs={"token": found.kwargs["token"]}))


def form_not_ours(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refused(request, FormNotOurs())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here; whoever is signed in keeps their rooms within reach."""
    request.now = datetime.now(UTC)  # no page, so no rule was asked, and nobody recognised
    sessions.recognise(request)
    return refused(request, PageNotFound())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused(request, BadRequest())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused(request, FormNotOurs())


def broken(request: HttpRequest) -> HttpResponse:
    return refused(request, SomethingBroke())
