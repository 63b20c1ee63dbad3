"""What comes back about an act becomes events of its customer: bounces, complaints, replies.

Promise: a complaint or a stop holds from the moment it is taken in, also for what is already queued;
what nobody here understands waits in a tray, and nothing that is read twice counts twice.
"""

import re
from datetime import datetime
from typing import Any

import nh3
from mailparser_reply import EmailReplyParser
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.returned import Returned, ReturnedKind
from terrain.errors import Refusal
from terrain.flow.stop import Stop, stop_at_once
from terrain.flow.told import SOURCE, Told, tell
from terrain.store import acts, trays
from terrain.store.trays import Misfit
from terrain.words import refusal_in_words

TRAY = "mail"
LONGEST_REPLY = 4_000
# A reply of one such word alone is a stop, in the languages we write in.
_STOP = re.compile(
    r"\W*(stop|unsubscribe( me)?|remove me|d[ée]s(abonn|inscri)\w*(\W+moi)?|arr[êe]tez)\W*",
    re.IGNORECASE,
)


class MailNotUnderstood(Refusal):
    """A mail came that answers nothing we sent."""

    code = "mail_not_understood"


def take(db: Connection, mail: Returned, raw: bytes, secret: str, now: datetime) -> None:
    """Take in one mail that came back. The caller opens the transaction."""
    if mail.act is None:
        if mail.kind is not ReturnedKind.AUTOMATIC:
            _set_aside(db, raw, now)
        return
    if mail.kind is ReturnedKind.BOUNCE:
        bounced(db, mail, now)
    elif mail.kind is ReturnedKind.COMPLAINT:
        complained(db, mail, secret, now)
    elif mail.kind is ReturnedKind.REPLY:
        replied(db, mail, secret, now)


def bounced(db: Connection, mail: Returned, now: datetime) -> None:
    """Tell that a letter did not arrive: for good, or not yet."""
    key, act_id = _act_of(mail)
    kind = "hard" if mail.permanent else "soft"
    said = _about(act_id, recipient=mail.recipient, reason=mail.reason, type=kind)
    tell(
        db, key, Told(event="message.bounced", properties=said, once=f"bounce:{act_id}:{kind}"), now
    )


def complained(db: Connection, mail: Returned, secret: str, now: datetime) -> None:
    """Tell that a letter was called spam; the automation that sent it stops for them at once."""
    key, act_id = _act_of(mail)
    said = _about(act_id, recipient=mail.recipient)
    told = Told(event="message.complained", properties=said, once=f"complaint:{act_id}")
    tell(db, key, told, now)
    stop_at_once(db, Stop(key=key, act_id=act_id, source=SOURCE), secret, now)


def replied(db: Connection, mail: Returned, secret: str, now: datetime) -> None:
    """Tell what they wrote; a person answers it. The one word "stop" is understood by us."""
    key, act_id = _act_of(mail)
    text = words_of_reply(mail)
    if _STOP.fullmatch(text):
        stop = Stop(key=key, act_id=act_id, everything=True, source=SOURCE)
        stop_at_once(db, stop, secret, now)
        return
    standing = acts.find(db, key, act_id)
    about = standing.act.automation if standing else ""
    once = f"reply:{mail.name}"
    for event in ("message.replied", "person.wanted"):
        said = _about(act_id, about=about, text=text)
        tell(db, key, Told(event=event, properties=said, once=f"{once}:{event}"), now)


def words_of_reply(mail: Returned) -> str:
    """Return what they wrote themselves, without what they quote and sign with."""
    text = mail.text or nh3.clean(mail.html, tags=set())
    own = EmailReplyParser(languages=["en", "fr"]).parse_reply(text=text) or ""
    return own.strip()[:LONGEST_REPLY]


def _set_aside(db: Connection, raw: bytes, now: datetime) -> None:
    refusal = MailNotUnderstood()
    trays.put(db, [Misfit(TRAY, SOURCE, refusal.code, refusal_in_words(refusal), raw)], now)


def _act_of(mail: Returned) -> tuple[CustomerKey, int]:
    assert mail.act is not None  # asked before
    return mail.act


def _about(act_id: int, **more: Any) -> dict[str, Any]:
    return {"act_id": str(act_id), **{name: value for name, value in more.items() if value}}
