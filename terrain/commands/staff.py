"""List those who work here, invite them, print a way in, give roles, let somebody go.

The way back when nobody can sign in any more: whoever works at this machine's terminal lets people in.
"""

from datetime import UTC, datetime
from typing import Any

import click
from psycopg import Connection

from terrain.config import public_address
from terrain.core.staff import Role
from terrain.flow import second_factor as required
from terrain.flow import staff as office
from terrain.flow import staff_letters
from terrain.flow.staff import AT_THE_TERMINAL
from terrain.opening import opened
from terrain.store import audit, second_factor, staff
from terrain.store.audit import Line
from terrain.store.staff import Account
from terrain.terminal import Terminal, speaks
from terrain.words import _, say

STATES = {"works_here": _("works here"), "invited": _("invited"), "let_go": _("let go")}
ROLES = click.Choice([role.value for role in Role])


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show everybody who has an account or is invited."""
    with opened() as (_settings, record), record.local() as db:
        rows = [_row(each) for each in staff.everybody(db)]
    headings = [_("Name"), _("E-mail address"), _("Roles"), _("State"), _("Last signed in")]
    terminal.table(headings, [_line(row, terminal.language) for row in rows])
    terminal.answer(rows)


@command.command()
@click.argument("email")
@click.argument("name")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True)
@speaks
def invite(terminal: Terminal, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Invite somebody: a letter goes out, and the address in it is printed, this once."""
    now = datetime.now(UTC)
    with opened() as (settings, record):
        with record.local() as db, db.transaction():
            new = office.drafted(name, email, [Role(role) for role in roles])
            staff_id, token = office.invite(db, new, now)
            account = office.found(db, staff_id)
            _note(db, "staff", account)
        address = f"{public_address(settings)}/join/{token}"
        letter = staff_letters.invitation(account, settings.company, address, settings)
        sent = staff_letters.send(letter, settings, now)
    if sent:
        terminal.say("A letter to {email} is on its way.", email=account.email)
    else:
        terminal.say("The letter to {email} could not be sent.", email=account.email)
    terminal.say("This address works once, for seven days; it is shown here and nowhere again:")
    terminal.print(address)
    terminal.answer({"address": address, "sent": sent, **_row(account)})


@command.command()
@click.argument("email", default="")
@speaks
def link(terminal: Terminal, email: str) -> None:
    """Print a one-time way in for somebody; without an address, for whoever makes the first account."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        room, token = office.way_in(db, email, datetime.now(UTC))
        _note(db, "way_in", staff.by_email(db, email))
        address = f"{public_address(settings)}/{room}/{token}"
    terminal.say("This address works once; it is shown here and nowhere again:")
    terminal.print(address)
    terminal.answer({"address": address})


@command.command()
@click.argument("email")
@click.argument("given", type=ROLES, nargs=-1, required=True, metavar="ROLE...")
@speaks
def roles(terminal: Terminal, email: str, given: tuple[str, ...]) -> None:
    """Give somebody these roles and no others."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        account = _known(db, email)
        wanted = [Role(role) for role in given]
        office.change_roles(db, account.staff_id, wanted, AT_THE_TERMINAL)
        account = office.found(db, account.staff_id)
        _note(db, "colleague", account)
    terminal.say("{name}: {roles}", name=account.name, roles=", ".join(account.roles))
    terminal.answer(_row(account))


@command.command()
@click.argument("email")
@speaks
def deactivate(terminal: Terminal, email: str) -> None:
    """Let somebody go: every session of theirs ends at once."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        account = _known(db, email)
        office.deactivate(db, account.staff_id, AT_THE_TERMINAL)
        account = office.found(db, account.staff_id)
        _note(db, "colleague_step", account)
    terminal.say("Nothing of {name}’s opens anything any more.", name=account.name)
    terminal.answer(_row(account))


@command.command()
@click.argument("email")
@speaks
def activate(terminal: Terminal, email: str) -> None:
    """Let somebody in again who had been let go."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        account = _known(db, email)
        office.bring_back(db, account.staff_id)
        account = office.found(db, account.staff_id)
        _note(db, "colleague_step", account)
    terminal.say("{name} may come in again.", name=account.name)
    terminal.answer(_row(account))


@command.command(name="forget-factor")
@click.argument("email")
@speaks
def forget_factor(terminal: Terminal, email: str) -> None:
    """Take somebody's second factors away, who lost them; they come in without, and set up new ones."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        account = _known(db, email)
        had = second_factor.forget(db, account.staff_id)
        _note(db, "factor_forget", account)
    terminal.say("{name} comes in without a second factor now.", name=account.name)
    terminal.answer({"factors": had, **_row(account)})


@command.command(name="require-factor")
@click.argument("given", type=ROLES, nargs=-1, metavar="[ROLE...]")
@click.option("--because", required=True, help="Why, for whoever reads it later.")
@speaks
def require_factor(terminal: Terminal, given: tuple[str, ...], because: str) -> None:
    """Let these roles, and no others, need a second factor; without a role, nobody."""
    wanted = [Role(role) for role in given]
    with opened() as (_settings, record), record.local() as db, db.transaction():
        now = datetime.now(UTC)
        rule = required.require(db, wanted, "terminal", because, now)
        audit.note(
            db, Line(at=now, what="second_factor_rule", outcome=200, details={"roles": rule.roles})
        )
        without = [each.name for each in second_factor.without(db, wanted)] if wanted else []
    terminal.say("These roles need a second factor: {roles}", roles=", ".join(rule.roles) or "–")
    terminal.answer({"roles": rule.roles, "without": without})


def _known(db: Connection, email: str) -> Account:
    account = staff.by_email(db, email)
    if account is None:
        raise office.NoSuchStaff(field="email", value=email)
    return account


def _note(db: Connection, what: str, account: Account | None) -> None:
    """Write into the audit log what was done from here."""
    about = {"person": account.staff_id} if account else {}
    details = {"roles": account.roles, "active": account.is_active} if account else {}
    line = Line(at=datetime.now(UTC), what=what, outcome=200, about=about, details=details)
    audit.note(db, line)


def _line(row: dict[str, Any], language: str) -> list[str]:
    state = say(language, STATES[row["state"]])
    return [row["name"], row["email"], row["roles"], state, row["last_login"]]


def _row(account: Account) -> dict[str, Any]:
    state = "invited" if account.joined_at is None else "works_here"
    return {
        "staff_id": account.staff_id,
        "name": account.name,
        "email": account.email,
        "roles": ", ".join(account.roles),
        "state": state if account.is_active else "let_go",
        "last_login": f"{account.last_login:%Y-%m-%d %H:%M}" if account.last_login else "",
    }
