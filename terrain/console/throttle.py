"""How often anybody may guess: a password, a code, an address that has an account.

Promise: whoever guesses is told when to try again, and nothing else. Counted for the account, whether or
not there is one, and for where the guesses come from, in the record, for all web processes together.

The tries stand in the page's own transaction, so a page that counts answers and does not raise.

Whoever guesses from elsewhere must not be able to keep Camille out of her own account: a browser in which
she once signed in is counted apart, known by a cookie that is signed for her account alone.
"""

import hmac
import ipaddress
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from terrain.console.record import record
from terrain.store import attempts

WITHIN = timedelta(minutes=15)
MOST_OF_AN_ACCOUNT = 10
MOST_FROM_A_PLACE = 40
# Whoever has a piece of the internet has the addresses of a whole house in it.
HOUSE_OF_IPV6 = 64
KNOWN = "__Host-known" if settings.SERVED_BY_TLS else "known"
KNOWN_FOR = 90 * 24 * 60 * 60


def too_many(request: HttpRequest, what: str, account: str) -> datetime | None:
    """Count a try at somebody's password or code; say when to try again if there were too many."""
    again = [
        _count(request, key, most)
        for key, most in zip(
            _keys(request, what, account), (MOST_OF_AN_ACCOUNT, MOST_FROM_A_PLACE), strict=True
        )
    ]
    return max((at for at in again if at), default=None)


def was_right(request: HttpRequest, what: str, account: str) -> None:
    """The try was none: forget the others of this account, and take it back where it came from.

    Only this one: with one account of their own, nobody gets endless tries at those of others.
    """
    of_account, of_place = _keys(request, what, account)
    attempts.forget(record(), of_account)
    attempts.take_back(record(), of_place)
    attempts.let_go(record(), request.now)


def remember(request: HttpRequest, response: HttpResponse, account: str) -> None:
    """Know this browser again as one in which this account's password or a way in of theirs was right."""
    if not _browser(request, account):
        response.set_signed_cookie(
            KNOWN,
            secrets.token_urlsafe(12),
            salt=_same(account),
            max_age=KNOWN_FOR,
            secure=settings.SERVED_BY_TLS,
            httponly=True,
            samesite="Lax",
        )


def _browser(request: HttpRequest, account: str) -> str:
    """Return by what this browser is known to this account, if it is."""
    salt = _same(account)
    known: str = request.get_signed_cookie(KNOWN, default="", salt=salt, max_age=KNOWN_FOR)
    return known


def _same(account: str) -> str:
    """Return the account as it is counted, however it was written."""
    return account.strip().lower()


def _count(request: HttpRequest, key: bytes, most: int) -> datetime | None:
    tries, since = attempts.count(record(), key, WITHIN, request.now)
    return since + WITHIN if tries > most else None


def _keys(request: HttpRequest, what: str, account: str) -> tuple[bytes, bytes]:
    """Return what the tries are counted under; in this order they are locked, too."""
    of_whom = f"account {_same(account)} {_browser(request, account)}"
    named = (of_whom, f"place {_place(request)}")
    of_account, of_place = (
        hmac.digest(settings.SECRET_KEY.encode(), f"{what} {each}".encode(), sha256)
        for each in named
    )
    return of_account, of_place


def _place(request: HttpRequest) -> str:
    """Return where the request comes from, as our own server knows it and not as it says itself."""
    text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return str(text)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, HOUSE_OF_IPV6), strict=False))
