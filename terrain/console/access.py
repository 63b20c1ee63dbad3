"""Who may see which page, and what a page may do.

Promise: a page nobody gave a rule is refused; showing a page changes nothing, PostgreSQL sees to it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from terrain.console import audit
from terrain.console.accounts import open_ways, sessions
from terrain.console.phrases import ROLES
from terrain.console.record import record
from terrain.console.refusals import BadRequest, refused
from terrain.console.ways import to_sign_in
from terrain.core.link import LinkKind
from terrain.core.staff import GRANTS, May
from terrain.errors import Refusal
from terrain.flow.links import links_of
from terrain.store.second_factor import is_missing
from terrain.words import say

View = Callable[..., HttpResponse]


class Rule(StrEnum):
    """Who may come in, where no role is asked for; a page of those who work here names what one `May`."""

    ANYONE = "anyone"
    PAGE_LINK = "page_link"  # whoever holds a signed link of ours, for the customer it names
    STOP_LINK = "stop_link"  # the same, for the one click that stops
    CLICK_LINK = "click_link"  # the same, for a link that leads on to somewhere else
    SIGNED_IN = "signed_in"  # everybody who works here, whatever their roles


class Page(NamedTuple):
    """One address: `show` answers GET and may only read, `act` answers POST.

    `form_word` is false only for what machines post without having seen a page of ours;
    `leaves_word` is true only for a link that leads on and is counted; `bare` for what needs no
    record at all and is answered even when the record is away; `before_factor` only for what somebody needs
    who has to set up a second factor before any room opens; `nameless` for the cord: the audit log has a line
    that it was pulled, and none of who pulled it.
    """

    address: str
    name: str
    rule: Rule | May
    show: View
    act: View | None = None
    form_word: bool = True
    leaves_word: bool = False
    bare: bool = False
    before_factor: bool = False
    nameless: bool = False

    @property
    def for_staff(self) -> bool:
        """Say whether only those who work here may see it, signed in."""
        return isinstance(self.rule, May) or self.rule is Rule.SIGNED_IN

    def as_route(self) -> URLPattern:
        def view(request: HttpRequest, **parts: Any) -> HttpResponse:
            if not self.before_factor and lacks_second_factor(request):
                return second_factor_first(request)
            if request.method == "POST" and self.act:
                response = self.act(request, **parts)
                audit.note_done(request, response)
                return response
            if not (self.leaves_word or self.bare):
                record().execute("SET TRANSACTION READ ONLY")
            return self.show(request, **parts)

        if self.bare:
            view = non_atomic_requests(view)
        view.page = self  # type: ignore[attr-defined] # how Django marks views, too
        view.csrf_exempt = not self.form_word  # type: ignore[attr-defined]
        return path(self.address, view, name=self.name)


class NoRule(Refusal):
    """A page was added without saying who may see it."""

    code = "page_without_rule"
    status = 403


class WrongMethod(Refusal):
    """The page cannot be used like this."""

    code = "page_method"
    status = 405


class SignInFirst(Refusal):
    """Nobody is signed in, or not any more."""

    code = "sign_in_first"
    status = 403


class RoleNeeded(Refusal):
    """Somebody is signed in, and none of their roles grants this."""

    code = "role_needed"
    status = 403


class SecondFactorFirst(Refusal):
    """Their role needs a second factor, and they have none yet."""

    code = "second_factor_first"
    status = 403


class Access:
    """Asks each page's rule before the page is asked for anything."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if request.method == "POST":
            audit.note_refused(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: View, _: tuple[Any, ...], parts: dict[str, Any]
    ) -> HttpResponse | None:
        request.now = datetime.now(UTC)
        try:
            ask(request, getattr(view, "page", None), parts)
        except SignInFirst as refusal:
            if request.method in {"GET", "HEAD"}:
                return led_to_sign_in(request)
            return refused(request, refusal)
        except Refusal as refusal:
            return refused(request, refusal)
        audit.note_look(request, parts)
        return None


def led_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead there and back; where a script asked for a part of a page, the whole page is led."""
    if "HX-Request" not in request.headers:
        return HttpResponseRedirect(to_sign_in(request.get_full_path()))
    whole = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return HttpResponse(headers={"HX-Redirect": to_sign_in(whole)})


def ask(request: HttpRequest, page: Page | None, parts: dict[str, Any]) -> None:
    """Refuse who may not see the page, and whatever is neither showing nor acting."""
    if page is None:
        raise NoRule
    request.staff = None
    open_ways.ask(request, page.name)
    if isinstance(page.rule, May):
        _let_who_may(page.rule, request)
    else:
        ASKED[page.rule](request, parts)
    methods = ["GET", "HEAD", "POST"] if page.act else ["GET", "HEAD"]
    if request.method not in methods:
        raise WrongMethod(field="method", value=request.method, right=methods)
    for form in (request.GET, request.POST):
        if any("\0" in text for _, texts in form.lists() for text in texts):
            raise BadRequest  # no text of PostgreSQL can hold it, and no person types it


def _let_anyone(request: HttpRequest, parts: dict[str, Any]) -> None:
    """Let everybody see it."""


def _let_the_holder_of(kind: LinkKind) -> Callable[[HttpRequest, dict[str, Any]], None]:
    def let(request: HttpRequest, parts: dict[str, Any]) -> None:
        request.link = links_of(settings.TERRAIN).read(kind, parts["token"], request.now)

    return let


def _let_who_is_signed_in(request: HttpRequest, parts: dict[str, Any]) -> None:  # noqa: ARG001 - a rule
    sessions.recognise(request)
    if request.staff is None:
        raise SignInFirst
    if "HX-Request" not in request.headers:  # a part that asks by itself is nobody at work
        sessions.note(request, request.now)


def _let_who_may(what: May, request: HttpRequest) -> None:
    _let_who_is_signed_in(request, {})
    if not request.staff.may(what):
        granting = [role for role, granted in GRANTS.items() if what in granted]
        raise RoleNeeded(right=[say(request.language, ROLES[role]) for role in granting])


def lacks_second_factor(request: HttpRequest) -> bool:
    """Say whether somebody is here who has to set up a second factor first."""
    person = request.staff
    return person is not None and is_missing(record(), person.staff_id, person.roles)


def second_factor_first(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        raise SecondFactorFirst
    return HttpResponseRedirect(reverse("mfa_index"))


ASKED: dict[Rule, Callable[[HttpRequest, dict[str, Any]], None]] = {
    Rule.ANYONE: _let_anyone,
    Rule.PAGE_LINK: _let_the_holder_of(LinkKind.PAGE),
    Rule.STOP_LINK: _let_the_holder_of(LinkKind.UNSUBSCRIBE),
    Rule.CLICK_LINK: _let_the_holder_of(LinkKind.CLICK),
    Rule.SIGNED_IN: _let_who_is_signed_in,
}
