"""The letters that those who work here get from Terrain itself: an invitation, a lost password, an address.

Promise: they go straight to the mail server, or the sink; the outbox and its rules are for customers.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import NamedTuple

import msgspec

from terrain.channels.email import Mailer
from terrain.config import Settings, mail_server
from terrain.core.message import Letter, Message
from terrain.core.outbox import How
from terrain.store.caught_mail import TO_STAFF
from terrain.store.staff import Account
from terrain.words import _, say


class _Said(NamedTuple):
    """What a letter says, in the words of the catalogue; its address stands last."""

    subject: str
    lines: list[str]
    address: str
    values: Mapping[str, str] = {}


def invitation(account: Account, inviter: str, address: str, settings: Settings) -> Letter:
    """Return the letter that asks somebody to choose their password and come in."""
    said = [
        _("{inviter} invites you to work with Terrain at {company}."),
        _("Choose your password here. The address works once, for seven days:"),
    ]
    subject = _("Your account at {company}")
    return _letter(account, _Said(subject, said, address, {"inviter": inviter}), settings)


def lost_password(account: Account, address: str, settings: Settings) -> Letter:
    """Return the letter that lets somebody choose a new password."""
    said = [
        _("Somebody, you I suppose, asked for a new password."),
        _("If it was not you, leave this letter alone: nothing has changed."),
        _("Choose the new one here. The address works once, for an hour:"),
    ]
    return _letter(account, _Said(_("A new password at {company}"), said, address), settings)


def new_address(account: Account, to: str, address: str, settings: Settings) -> Letter:
    """Return the letter that asks whoever reads it at the new address whether it is theirs."""
    said = [
        _("You want to sign in with this e-mail address from now on."),
        _("If it was not you, leave this letter alone: nothing has changed."),
        _("Say so here. The link works once, for a day:"),
    ]
    letter = _letter(account, _Said(_("Your new address at {company}"), said, address), settings)
    return msgspec.structs.replace(letter, to=to)


def address_changed(account: Account, to: str, address: str, settings: Settings) -> Letter:
    """Return the letter that tells the old address of the new one; `account` is as it was before."""
    said = [
        _("Your account is now signed in to with {email}, no longer with this address."),
        _("If it was not you, ask an administrator at once to let the account go."),
        _("The sign-in is here:"),
    ]
    subject = _("Your new address at {company}")
    return _letter(account, _Said(subject, said, address, {"email": to}), settings)


def send(letter: Letter, settings: Settings, now: datetime) -> bool:
    """Give the letter to the mail server; say whether it took it."""
    mailer = Mailer(mail_server(settings))
    try:
        return mailer.send(letter, now).how is How.LEFT
    finally:
        mailer.close()


def _letter(account: Account, said: _Said, settings: Settings) -> Letter:
    domain = settings.mail_from.rpartition("@")[2]
    return Letter(
        message=_message(account, said, settings),
        sender=settings.mail_from,
        sender_name=settings.company,
        to=account.email,
        message_id=f"{TO_STAFF}{secrets.token_hex(12)}@{domain}>",
    )


def _message(account: Account, said: _Said, settings: Settings) -> Message:
    language, link = account.language or settings.language, escape(said.address)
    values = {"name": account.name, "company": settings.company, **said.values}
    lines = [say(language, line, **values) for line in (_("Hello {name},"), *said.lines)]
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    paragraphs += f'<p><a href="{link}">{link}</a></p>'
    return Message(
        subject=say(language, said.subject, **values),
        text="\n\n".join([*lines, said.address, ""]),
        html=f"<!doctype html><html lang={language}><body>{paragraphs}</body></html>",
        language=language,
    )
