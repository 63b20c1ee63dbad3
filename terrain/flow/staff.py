"""Who works here: invited, given roles, let go, and brought back.

Promise: somebody who administers always remains, nobody locks themselves out, and whoever is let go is out
everywhere at once.
"""

from collections.abc import Collection
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from psycopg import Connection

from terrain.core.staff import Role
from terrain.errors import Refusal
from terrain.store import entries, sessions, staff
from terrain.store.entries import Kind
from terrain.store.staff import Account, New

LONGEST_NAME = 80
# Whoever works at the terminal of the machine has no account to lose.
AT_THE_TERMINAL = 0


class StaffNameNeeded(Refusal):
    """Colleagues read who did what."""

    code = "staff_name_needed"


class StaffEmailWrong(Refusal):
    """Nothing can be sent there."""

    code = "staff_email_wrong"


class StaffEmailTaken(Refusal):
    """An address belongs to one account."""

    code = "staff_email_taken"


class RoleMissing(Refusal):
    """Without a role, somebody could sign in and see nothing."""

    code = "role_missing"


class LastAdministrator(Refusal):
    """Somebody must be able to let people in."""

    code = "last_administrator"
    status = 409


class NotYourself(Refusal):
    """Nobody takes away the role, or the account, that they are working with."""

    code = "not_yourself"
    status = 409


class NoSuchStaff(Refusal):
    """Nobody here has this number or address."""

    code = "no_such_staff"
    status = 404


class HasJoined(Refusal):
    """An invitation that was accepted is none any more."""

    code = "has_joined"
    status = 409


def drafted(name: str, email: str, roles: Collection[Role]) -> New:
    """Return what somebody wants an account to be, or refuse what is wrong with it."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise StaffNameNeeded(field="name", value=name, right=LONGEST_NAME)
    return New(name=name, email=_address(email), roles=_some(roles))


def invite(db: Connection, new: New, now: datetime) -> tuple[int, str]:
    """Make the account; return its number and the way in for whoever it is for."""
    if staff.by_email(db, new.email):
        raise StaffEmailTaken(field="email", value=new.email)
    staff_id = staff.make(db, new)
    return staff_id, entries.make(db, Kind.INVITATION, now, staff_id)


def invite_again(db: Connection, staff_id: int, now: datetime) -> str:
    """Return a new way in for somebody who never came; the one before works no more."""
    _invited(db, staff_id)
    return entries.make(db, Kind.INVITATION, now, staff_id)


def withdraw(db: Connection, staff_id: int) -> None:
    """Take back an invitation that nobody accepted, and the account with it."""
    _invited(db, staff_id)
    entries.withdraw(db, Kind.INVITATION, staff_id)
    staff.remove(db, staff_id)


def change_roles(db: Connection, staff_id: int, roles: Collection[Role], by: int) -> None:
    """Give somebody these roles and no others."""
    account, wanted = found(db, staff_id), _some(roles)
    if Role.ADMINISTRATOR in account.roles and Role.ADMINISTRATOR not in wanted:
        _another_remains(db, staff_id, by)
    staff.keep_roles(db, staff_id, wanted)


def deactivate(db: Connection, staff_id: int, by: int) -> None:
    """Let somebody go: no session, no link and no password of theirs opens anything any more."""
    account = found(db, staff_id)
    if staff_id == by:
        raise NotYourself(field="staff", value=account.name)
    if Role.ADMINISTRATOR in account.roles:
        _another_remains(db, staff_id, by)
    staff.keep_active(db, staff_id, active=False)
    sessions.end_all(db, staff_id)
    for kind in (Kind.LINK, Kind.INVITATION, Kind.RESET, Kind.ADDRESS):
        entries.withdraw(db, kind, staff_id)


def want_address(db: Connection, staff_id: int, email: str, now: datetime) -> tuple[str, str]:
    """Return the address somebody wants to sign in with, and what shows that they read what is sent there."""
    address = _address(email)
    if staff.by_email(db, address):
        raise StaffEmailTaken(field="email", value=address)
    return address, entries.make(db, Kind.ADDRESS, now, staff_id, address)


def take_address(db: Connection, token: str, now: datetime) -> Account | None:
    """Let it be their address; return the account as it was before, or None if the link is no good.

    No link that was sent to the old address opens anything any more. Who is signed in stays so.
    """
    staff_id = entries.use(db, Kind.ADDRESS, token, now)
    if staff_id is None:
        return None
    account, address = found(db, staff_id), entries.address_of(db, token)
    if not account.is_active:
        return None
    if staff.by_email(db, address):
        raise StaffEmailTaken(field="email", value=address)
    entries.withdraw(db, Kind.RESET, staff_id)
    staff.keep_email(db, staff_id, address)
    return account


def bring_back(db: Connection, staff_id: int) -> None:
    """Let somebody in again who had been let go."""
    found(db, staff_id)
    staff.keep_active(db, staff_id, active=True)


def way_in(db: Connection, email: str, now: datetime) -> tuple[str, str]:
    """Return a one-time way in for this account, as the two last parts of its address.

    Without an e-mail address it is for whoever makes the first account.
    """
    if not email and staff.is_empty(db):
        return "enter", entries.make(db, Kind.FIRST, now)
    account = staff.by_email(db, email)
    if account is None or not account.is_active:
        raise NoSuchStaff(field="email", value=email)
    if account.joined_at is None:
        return "join", entries.make(db, Kind.INVITATION, now, account.staff_id)
    return "enter", entries.make(db, Kind.LINK, now, account.staff_id)


def found(db: Connection, staff_id: int) -> Account:
    """Return the account with this number, or refuse."""
    account = staff.find(db, staff_id)
    if account is None:
        raise NoSuchStaff(field="staff", value=staff_id)
    return account


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise StaffEmailWrong(field="email", value=address) from None
    return address


def _invited(db: Connection, staff_id: int) -> None:
    account = found(db, staff_id)
    if account.joined_at is not None or not account.is_active:
        raise HasJoined(field="staff", value=account.name)


def _another_remains(db: Connection, staff_id: int, by: int) -> None:
    others = staff.lock_administrators(db) - {staff_id}
    if not others:
        raise LastAdministrator(field="roles")
    if staff_id == by:
        raise NotYourself(field="roles")


def _some(roles: Collection[Role]) -> list[Role]:
    if not roles:
        raise RoleMissing(field="roles", right=[role.value for role in Role])
    return [role for role in Role if role in roles]
