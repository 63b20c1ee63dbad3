"""The second step of coming in: a code or a passkey; a passkey instead of a password; and "is it still you?".

Promise: codes are tried as seldom as passwords, and a wrong one is a line of the audit log.
"""

from typing import Any

from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console import audit, throttle
from terrain.console.accounts import factors
from terrain.console.headers import WITH_SCRIPTS
from terrain.console.paper import page
from terrain.console.ways import wanted

CODE, CREDENTIAL, PASSKEY = "code", "credential", "passkey"


def show(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    return _form(request, stage.login.user) if stage else _back(request)


def enter(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    if stage is None:
        return _back(request)
    factor, status = _shown(request, stage.login.user)
    if factor is None:
        return _form(request, stage.login.user, status)
    post_authentication(request, factor)
    response: HttpResponse = stage.exit()
    return response


def show_again(request: HttpRequest) -> HttpResponse:
    return _form(request, request.user, again=True)


def confirm(request: HttpRequest) -> HttpResponse:
    factor, status = _shown(request, request.user)
    if factor is None:
        return _form(request, request.user, status, again=True)
    post_authentication(request, factor, reauthenticated=True)
    return HttpResponseRedirect(wanted(request))


def show_passkey(request: HttpRequest) -> HttpResponse:
    return _passkey_form(request)


def enter_by_passkey(request: HttpRequest) -> HttpResponse:
    """Let in whoever shows a passkey, which stands for a password and a second factor in one."""
    place = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many(request, PASSKEY, place):
        return _passkey_form(request, status=429)
    factor = factors.right_passkey(request.POST.get(CREDENTIAL, ""))
    if factor is None:
        audit.note_about(None, "second_factor_failed")
        return _passkey_form(request, status=422)
    throttle.was_right(request, PASSKEY, place)
    login = Login(user=factor.user, redirect_url=wanted(request), email=factor.user.email)
    response: HttpResponse = perform_passwordless_login(request, factor, login)
    return response


def _stage(request: HttpRequest) -> Any:
    """Return the sign-in that waits for a second step, if this browser began one."""
    if request.user.is_authenticated:
        return None
    return LoginStageController.enter(request, AuthenticateStage.key)


def _back(request: HttpRequest) -> HttpResponse:
    room = "morning" if request.user.is_authenticated else "account_login"
    return HttpResponseRedirect(reverse(room))


def _shown(request: HttpRequest, person: Any) -> tuple[Authenticator | None, int]:
    """Return the factor that was shown, or the status of the page that says no."""
    if throttle.too_many(request, CODE, person.email):
        return None, 429
    answer = request.POST.get(CREDENTIAL, "")
    found = (
        factors.right_passkey(answer, person)
        if answer
        else factors.right_code(person, request.POST.get(CODE, ""))
    )
    if found is None:
        audit.note_about(person, "second_factor_failed")
        return None, 422
    throttle.was_right(request, CODE, person.email)
    return found, 200


def _form(
    request: HttpRequest, person: Any, status: int = 200, *, again: bool = False
) -> HttpResponse:
    held = factors.of(person)
    return _scripted(
        page(
            request,
            "second_step.html",
            status=status,
            said=status,
            by_code=bool(held["totp"] or held["recovery_codes"]),
            asked=factors.passkey_asked(person) if held["webauthn"] else "",
            wanted=wanted(request),
            again=again,
        )
    )


def _passkey_form(request: HttpRequest, status: int = 200) -> HttpResponse:
    asked = factors.passkey_asked()
    values = {"asked": asked, "wanted": wanted(request), "said": status}
    return _scripted(page(request, "passkey.html", status=status, **values))


def _scripted(response: HttpResponse) -> HttpResponse:
    """Let a page of somebody who is not in yet run the one script that speaks with the passkey."""
    response.headers["Content-Security-Policy"] = WITH_SCRIPTS
    return response
