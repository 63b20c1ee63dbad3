"""Who may come in through the company's own sign-in (OpenID Connect), and with which roles.

Promise: an address counts only when the provider says that it was verified; nobody gets an account whom
nobody invited, unless the house opened itself to the domain of their address; no group takes the last
administrator away.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.config import Settings
from terrain.core.staff import Role
from terrain.errors import Refusal
from terrain.store import staff

LONGEST_NAME = 80

log = logs.get("console")


class AddressNotVerified(Refusal):
    """The provider does not vouch for the address, so anybody could have typed it there."""

    code = "oidc_address_not_verified"
    status = 403


class NotInvited(Refusal):
    """Nobody invited this address, and its domain is not one that the house opened itself to."""

    code = "oidc_not_invited"
    status = 403


class LetGo(Refusal):
    """They worked here, and do not any more."""

    code = "oidc_let_go"
    status = 403


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says about somebody."""

    email: str = ""
    is_verified: bool = False
    name: str = ""
    groups: frozenset[str] = frozenset()


def said(claims: Mapping[str, Any], settings: Settings) -> Said:
    """Read the claims; whatever is not of the kind it should be was not said."""
    name, verified = claims.get("name"), claims.get("email_verified")
    return Said(
        email=_address(claims.get("email")),
        is_verified=verified is True or verified == "true",
        name=" ".join(name.split())[:LONGEST_NAME] if isinstance(name, str) else "",
        groups=_groups(claims.get(settings.oidc_claim)) if settings.oidc_claim else frozenset(),
    )


def _address(said: object) -> str:
    address = said.strip().lower() if isinstance(said, str) else ""
    name, _, domain = address.partition("@")
    return address if name and domain and "@" not in domain else ""


def _groups(said: object) -> frozenset[str]:
    """Return the groups, of which a provider says several as a list and one as it is."""
    several = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset(each for each in several if isinstance(each, str))


def admit(db: Connection, who: Said, settings: Settings, now: datetime) -> int:
    """Return the account of somebody who comes this way for the first time, made if need be."""
    if not who.email or not who.is_verified:
        raise AddressNotVerified
    account = staff.by_email(db, who.email)
    if account and not account.is_active:
        raise LetGo
    if account:
        return account.staff_id
    if who.email.rpartition("@")[2] not in words_of(settings.oidc_domains):
        raise NotInvited
    return staff.make(
        db,
        staff.New(
            name=who.name or who.email.partition("@")[0],
            email=who.email,
            roles=roles_of(who, settings) or default_roles(settings),
            joined_at=now,
        ),
    )


def keep_roles(db: Connection, staff_id: int, who: Said, settings: Settings) -> None:
    """Let the roles be what the provider's groups say, where the house decided that they say it.

    The last administrator stays one, whatever the groups say: nobody could let anybody in any more.
    """
    if not settings.oidc_claim:
        return
    roles = roles_of(who, settings) or default_roles(settings)
    if Role.ADMINISTRATOR not in roles and _is_the_last(db, staff_id):
        log.warning("last_administrator_stays", staff_id=staff_id)
        roles = [*roles, Role.ADMINISTRATOR]
    staff.keep_roles(db, staff_id, roles)


def _is_the_last(db: Connection, staff_id: int) -> bool:
    """Say whether they administer, and nobody else does."""
    others = staff.lock_administrators(db) - {staff_id}
    account = staff.find(db, staff_id)
    return not others and account is not None and Role.ADMINISTRATOR in account.roles


def roles_of(who: Said, settings: Settings) -> list[Role]:
    """Return the roles that somebody's groups stand for."""
    pairs = (each.partition("=") for each in words_of(settings.oidc_claim_roles, lower=False))
    return sorted({Role(role.strip()) for group, _, role in pairs if group.strip() in who.groups})


def default_roles(settings: Settings) -> list[Role]:
    return [Role(each) for each in words_of(settings.oidc_roles)]


def words_of(text: str, *, lower: bool = True) -> list[str]:
    """Return the words of a setting that holds several, separated by commas."""
    found = (each.strip() for each in text.split(","))
    return [each.lower() if lower else each for each in found if each]
