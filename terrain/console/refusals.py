"""How a page says no: in the reader's language, with what would be right and a way to a person.

Promise: a refusal never shows an empty page or a technical one, and never undoes itself half.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from terrain import words
from terrain.console.accounts import sessions
from terrain.console.headers import Answering
from terrain.console.language import language_of
from terrain.console.paper import page
from terrain.errors import Refusal


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
    sentence = words.refusal_sentence(request.language, refusal)
    return page(request, "refusal.html", refusal=refusal, sentence=sentence, status=refusal.status)


def form_not_ours(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    return refused(request, FormNotOurs())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """Say that there is nothing here; whoever is signed in keeps their rooms within reach."""
    request.now = datetime.now(
        UTC
    )  # no page was found, so no rule was asked, and nobody recognised
    sessions.recognise(request)
    return refused(request, PageNotFound())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return refused(request, BadRequest())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return refused(request, FormNotOurs())


def broken(request: HttpRequest) -> HttpResponse:
    return refused(request, SomethingBroke())
