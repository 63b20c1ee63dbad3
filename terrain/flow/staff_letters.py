"""The letters that those who work here get from Terrain itself: an invitation, a lost password, an address.

Promise: they go straight to the mail server, or the sink; the outbox and its rules are for customers.
"""

import secrets
from datetime import datetime
from html import escape

import msgspec

from terrain.channels.email import Mailer
from terrain.config import Settings, mail_server
from terrain.core.message import Letter, Message
from terrain.core.outbox import How
from terrain.store.caught_mail import TO_STAFF
from terrain.store.staff import Account
from terrain.words import _, say


def invitation(account: Account, inviter: str, address: str, settings: Settings) -> Letter:
    """Return the letter that asks somebody to choose their password and come in."""
    language = account.language or settings.language
    values = {"name": account.name, "inviter": inviter, "company": settings.company}
    lines = [
        say(language, _("Hello {name},"), **values),
        say(language, _("{inviter} invites you to work with Terrain at {company}."), **values),
        say(language, _("Choose your password here. The address works once, for seven days:")),
    ]
    subject = say(language, _("Your account at {company}"), **values)
    return _letter(account, _message(subject, lines, address, language), settings)


def lost_password(account: Account, address: str, settings: Settings) -> Letter:
    """Return the letter that lets somebody choose a new password."""
    language = account.language or settings.language
    values = {"name": account.name, "company": settings.company}
    lines = [
        say(language, _("Hello {name},"), **values),
        say(language, _("Somebody, you I suppose, asked for a new password.")),
        say(language, _("If it was not you, leave this letter alone: nothing has changed.")),
        say(language, _("Choose the new one here. The address works once, for an hour:")),
    ]
    subject = say(language, _("A new password at {company}"), **values)
    return _letter(account, _message(subject, lines, address, language), settings)


def new_address(account: Account, to: str, address: str, settings: Settings) -> Letter:
    """Return the letter that asks whoever reads it at the new address whether it is theirs."""
    language = account.language or settings.language
    values = {"name": account.name, "company": settings.company}
    lines = [
        say(language, _("Hello {name},"), **values),
        say(language, _("You want to sign in with this e-mail address from now on.")),
        say(language, _("If it was not you, leave this letter alone: nothing has changed.")),
        say(language, _("Say so here. The link works once, for a day:")),
    ]
    subject = say(language, _("Your new address at {company}"), **values)
    letter = _letter(account, _message(subject, lines, address, language), settings)
    return msgspec.structs.replace(letter, to=to)


def address_changed(account: Account, to: str, address: str, settings: Settings) -> Letter:
    """Return the letter that tells the old address of the new one; `account` is as it was before."""
    language = account.language or settings.language
    values = {"name": account.name, "company": settings.company, "email": to}
    lines = [
        say(language, _("Hello {name},"), **values),
        say(
            language,
            _("Your account is now signed in to with {email}, no longer with this address."),
            **values,
        ),
        say(language, _("If it was not you, ask an administrator at once to let the account go.")),
        say(language, _("The sign-in is here:")),
    ]
    subject = say(language, _("Your new address at {company}"), **values)
    return _letter(account, _message(subject, lines, address, language), settings)


def send(letter: Letter, settings: Settings, now: datetime) -> bool:
    """Give the letter to the mail server; say whether it took it."""
    mailer = Mailer(mail_server(settings))
    try:
        return mailer.send(letter, now).how is How.LEFT
    finally:
        mailer.close()


def _message(subject: str, lines: list[str], address: str, language: str) -> Message:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    link = f'<p><a href="{escape(address)}">{escape(address)}</a></p>'
    return Message(
        subject=subject,
        text="\n\n".join([*lines, address, ""]),
        html=f"<!doctype html><html lang={language}><body>{paragraphs}{link}</body></html>",
        language=language,
    )


def _letter(account: Account, message: Message, settings: Settings) -> Letter:
    domain = settings.mail_from.rpartition("@")[2]
    return Letter(
        message=message,
        sender=settings.mail_from,
        sender_name=settings.company,
        to=account.email,
        message_id=f"{TO_STAFF}{secrets.token_hex(12)}@{domain}>",
    )
