"""Which ways in there are besides a password, and which of them the house has closed.

Promise: where the company's own sign-in is the only way, no form of ours lets anybody in by another; only the
address that a terminal of this machine prints still does, for the day the provider is away.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from terrain.console.accounts import factors, openid
from terrain.errors import Refusal

# Pages whose forms let somebody in, or lead to it, without the provider.
BESIDE_THE_PROVIDER = frozenset(
    {"account_login", "mfa_login_webauthn", "join", "lost_password", "new_password"}
)


class OnlyElsewhere(Refusal):
    """The house decided that everybody comes in through the company's own sign-in."""

    code = "oidc_only"
    status = 403


class Ways(NamedTuple):
    """What the sign-in page offers; `elsewhere` is what the provider is called."""

    elsewhere: str
    only_elsewhere: bool
    passkey: bool


def ways(request: HttpRequest) -> Ways:
    house = settings.TERRAIN
    return Ways(
        elsewhere=house.oidc_name if openid.is_set() else "",
        only_elsewhere=house.oidc_only,
        passkey=factors.can_have_passkeys(request),
    )


def ask(request: HttpRequest, name: str) -> None:
    """Refuse a form of a way that is closed."""
    if request.method == "POST" and settings.TERRAIN.oidc_only and name in BESIDE_THE_PROVIDER:
        raise OnlyElsewhere(value=settings.TERRAIN.oidc_name)
