"""What a mail that comes back to us is: a bounce, a complaint, a reply, a machine's own answer.

Promise: it is tied to an act only by a Message-ID that we made and nobody else can; whatever is wrong
with the mail, reading it never fails. Standards: DSN (RFC 3464), ARF (RFC 5965), RFC 3834.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr
from enum import StrEnum
from hashlib import blake2b

import msgspec

from terrain.core.identifier import CustomerKey
from terrain.core.message import act_behind

LARGEST = 1_000_000
LONGEST_REASON = 300
LONGEST_TEXT = 20_000
_MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|bounces?)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@;]+@[^\s<>@;]+")


class ReturnedKind(StrEnum):
    """What it is that came back."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    REPLY = "reply"
    AUTOMATIC = "automatic"  # on holiday, received your message: nobody wrote it
    OTHER = "other"


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """One mail as far as it concerns us. `name` is its own for ever, however often it is read.

    `text` and `html` are a reply's, as they came; `permanent` and `recipient` a bounce's.
    """

    kind: ReturnedKind
    name: str
    act: tuple[CustomerKey, int] | None = None
    permanent: bool = False
    recipient: str = ""
    reason: str = ""
    text: str = ""
    html: str = ""


def read(raw: bytes, secret: str) -> Returned:
    """Say what this mail is."""
    raw = raw[:LARGEST]
    name = blake2b(raw, digest_size=12).hexdigest()
    mail = message_from_bytes(raw, policy=policy.default)
    report = _report(mail)
    if report == "feedback-report":
        return Returned(
            kind=ReturnedKind.COMPLAINT,
            name=name,
            act=_act_anywhere(raw, secret),
            recipient=_field(mail, "Original-Rcpt-To"),
        )
    if report == "delivery-status" or _is_from_a_mail_server(mail):
        return _bounce(mail, name, _act_anywhere(raw, secret))
    return _letter(mail, name, secret)


def _bounce(mail: EmailMessage, name: str, act: tuple[CustomerKey, int] | None) -> Returned:
    status, action = _field(mail, "Status"), _field(mail, "Action").lower()
    if action in ("delivered", "relayed", "expanded"):
        return Returned(kind=ReturnedKind.AUTOMATIC, name=name, act=act)
    recipient = _field(mail, "Final-Recipient") or _field(mail, "Original-Recipient")
    reason = _field(mail, "Diagnostic-Code") or status
    return Returned(
        kind=ReturnedKind.BOUNCE,
        name=name,
        act=act,
        # Only what says so is for good: "delayed" and what says nothing may still arrive.
        permanent=action == "failed" and status.startswith("5"),
        recipient=recipient.rpartition(";")[2].strip(),
        reason=_ADDRESS.sub("…@…", reason)[:LONGEST_REASON],
    )


def _letter(mail: EmailMessage, name: str, secret: str) -> Returned:
    answered = f"{_header(mail, 'In-Reply-To')} {_header(mail, 'References')}"
    act = act_behind(secret, answered)
    if _is_automatic(mail):
        return Returned(kind=ReturnedKind.AUTOMATIC, name=name, act=act)
    kind = ReturnedKind.REPLY if act else ReturnedKind.OTHER
    text, html = _body(mail, "plain"), _body(mail, "html")
    return Returned(kind=kind, name=name, act=act, text=text, html=html)


def _report(mail: EmailMessage) -> str:
    if mail.get_content_type() != "multipart/report":
        return ""
    return str(mail.get_param("report-type", "")).lower()


def _is_automatic(mail: EmailMessage) -> bool:
    submitted = _header(mail, "Auto-Submitted").lower()
    precedence = _header(mail, "Precedence").lower()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "junk", "auto_reply", "list")
        or any(_header(mail, name) for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
    )


def _is_from_a_mail_server(mail: EmailMessage) -> bool:
    sender = parseaddr(_header(mail, "From"))[1]
    return _header(mail, "Return-Path") == "<>" and bool(_MACHINES.match(sender))


def _act_anywhere(raw: bytes, secret: str) -> tuple[CustomerKey, int] | None:
    """Return the act whose name stands in the letter that came back, wherever it was put."""
    return act_behind(secret, raw.decode("latin-1"))


def _field(mail: EmailMessage, name: str) -> str:
    """Return the first field of this name in the report's own part."""
    for block in _blocks(mail):
        with suppress(Exception):  # what cannot be read says nothing
            if block[name]:
                return " ".join(str(block[name]).split())
    return ""


def _blocks(mail: EmailMessage) -> Iterator[Message]:
    for part in mail.walk():
        if part.get_content_type() in ("message/delivery-status", "message/feedback-report"):
            payload = part.get_payload()
            for block in payload if isinstance(payload, list) else ():
                if isinstance(block, Message):
                    yield block


def _header(mail: EmailMessage, name: str) -> str:
    with suppress(Exception):  # a header that cannot be read says nothing
        return " ".join(str(mail[name] or "").split())
    return ""


def _body(mail: EmailMessage, kind: str) -> str:
    with suppress(Exception):  # the same for a body
        part = mail.get_body(preferencelist=(kind,))
        return str(part.get_content())[:LONGEST_TEXT] if part else ""
    return ""
