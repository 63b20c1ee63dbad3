"""One's own second factors: an app, passkeys, codes on paper; each is added and removed here.

Promise: nothing changes here in an open browser alone: who somebody is was asked within the last minutes. Codes
are shown on the one page that answers their making.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console import throttle
from terrain.console.accounts import factors
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.console.ways import NEXT
from terrain.store import second_factor

# How long "it is me" holds, for what an open browser alone must not do.
SECONDS_FRESH = 10 * 60
CODE = "code"

View = Callable[..., HttpResponse]


def _asks_again(view: View) -> View:
    """Lead whoever came in a while ago to say once more who they are."""

    @wraps(view)
    def asked(request: HttpRequest, **parts: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, **parts)
        again = (
            "account_reauthenticate" if request.user.has_usable_password() else "mfa_reauthenticate"
        )
        return HttpResponseRedirect(f"{reverse(again)}?{urlencode({NEXT: request.path})}")

    return asked


def is_fresh(request: HttpRequest) -> bool:
    """Say whether they showed within the last minutes who they are; who has nothing to show need not."""
    records = get_authentication_records(request, request.user)
    if any(time.time() - each["at"] < SECONDS_FRESH for each in records):
        return True
    return not (request.user.has_usable_password() or factors.has_one(request.user))


def index(request: HttpRequest) -> HttpResponse:
    held = factors.of(request.user)
    codes = held["recovery_codes"]
    return page(
        request,
        "second_factor.html",
        room="account",
        app=next(iter(held["totp"]), None),
        passkeys=held["webauthn"],
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
        is_needed=second_factor.is_missing(record(), request.staff.staff_id, request.staff.roles),
        can_have_passkeys=factors.can_have_passkeys(request),
    )


@_asks_again
def ask_app(request: HttpRequest) -> HttpResponse:
    return _app_form(request, get_totp_secret(regenerate=not factors.of(request.user)["totp"]))


@_asks_again
def add_app(request: HttpRequest) -> HttpResponse:
    secret = get_totp_secret()
    if factors.of(request.user)["totp"]:
        return HttpResponseRedirect(reverse("mfa_index"))
    if throttle.too_many(request, CODE, request.staff.email):
        return _app_form(request, secret, status=429)
    if not factors.add_app(request.user, secret, request.POST.get(CODE, "")):
        return _app_form(request, secret, status=422)
    throttle.was_right(request, CODE, request.staff.email)
    clear_totp_secret(request)
    return _with_codes(request)


@_asks_again
def ask_passkey(request: HttpRequest) -> HttpResponse:
    wanted = factors.passkey_wanted(request.user)
    return page(request, "passkey_add.html", room="account", wanted=wanted, wrong=False)


@_asks_again
def add_passkey(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("name", "").strip() or f"{request.now:%Y-%m-%d}"
    if not factors.add_passkey(request.user, name, request.POST.get("credential", "")):
        wanted = factors.passkey_wanted(request.user)
        return page(
            request, "passkey_add.html", status=422, room="account", wanted=wanted, wrong=True
        )
    return _with_codes(request)


@_asks_again
def ask_codes(request: HttpRequest) -> HttpResponse:
    return page(request, "codes_new.html", room="account", has_one=factors.has_one(request.user))


@_asks_again
def new_codes(request: HttpRequest) -> HttpResponse:
    if not factors.has_one(request.user):
        return HttpResponseRedirect(reverse("mfa_index"))
    return _codes_shown_once(request)


@_asks_again
def ask_remove(request: HttpRequest, factor: int) -> HttpResponse:
    return page(request, "factor_remove.html", room="account", factor=_own(request, factor))


@_asks_again
def remove(request: HttpRequest, factor: int) -> HttpResponse:
    own = _own(request, factor)
    factors.remove(request, own)
    request.audited = {"removed": own.type}
    return HttpResponseRedirect(reverse("mfa_index"))


def _own(request: HttpRequest, number: int) -> Authenticator:
    kept = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    found = kept.filter(pk=number, user_id=request.user.pk).first()
    if found is None:
        raise PageNotFound
    return found


def _app_form(request: HttpRequest, secret: str, status: int = 200) -> HttpResponse:
    return page(
        request,
        "app_add.html",
        status=status,
        said=status,
        room="account",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=factors.picture_of(request.user, secret),
    )


def _with_codes(request: HttpRequest) -> HttpResponse:
    """Go on after a factor was added: with the first one come codes for paper."""
    if factors.of(request.user)["recovery_codes"]:
        return HttpResponseRedirect(reverse("mfa_index"))
    return _codes_shown_once(request)


def _codes_shown_once(request: HttpRequest) -> HttpResponse:
    return page(request, "codes.html", room="account", codes=factors.new_codes(request.user))
