"""Where somebody wanted to go before they had to sign in.

Promise: whatever stands in an address, it leads to a room of ours or nowhere.
"""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

NEXT = "next"


def is_a_room(address: str) -> bool:
    """Say whether this address is a page of ours for those who work here."""
    if not address.startswith("/") or not url_has_allowed_host_and_scheme(address, None):
        return False
    try:
        view = resolve(urlsplit(address).path).func
    except (Resolver404, ValueError):
        return False
    return hasattr(view, "page") and bool(view.page.for_staff)


def wanted(request: HttpRequest) -> str:
    """Return the room that was wanted before signing in, else where the day begins."""
    address = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    return address if is_a_room(address) else str(reverse("morning"))


def to_sign_in(address: str) -> str:
    """Return the address of the sign-in page, from where the way leads back to this one.

    Whoever typed the address of the house alone wanted no room in particular.
    """
    page = str(reverse("account_login"))
    wants_one = is_a_room(address) and address != reverse("overview")
    return f"{page}?{urlencode({NEXT: address})}" if wants_one else page
