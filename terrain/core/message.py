"""A message as words and as a letter, and the names by which mail servers know it.

Promise: the same act always gets the same Message-ID, and what comes back under that name leads to
the act again; nobody else can make such a name.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from terrain.core.identifier import CustomerKey, key_of
from terrain.errors import Refusal

SUBJECT = "Subject:"
LONGEST_FILE = 50_000
# Gmail cuts longer mail in two, and the way to stop it would be in the part it hides.
LONGEST_MESSAGE = 100_000
_SEAL = 8
_OURS = re.compile(r"<t\.([0-9a-f]{1,16})\.([0-9a-f]{1,16})\.([0-9a-f]{16})@[^<>@\s]+>")


class NoSubject(Refusal):
    """The first line of the words of a message is `Subject: ...`."""

    code = "message_without_subject"


class MessageTooLong(Refusal):
    code = "message_too_long"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner wrote: a subject, then a body in Markdown, both with gaps to fill.

    `file` and `name.language` are for whoever is told that something is wrong with it.
    """

    name: str
    language: str
    subject: str
    body: str
    file: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Words with their gaps filled, as one customer reads them."""

    subject: str
    text: str
    html: str
    language: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A picture inside a letter: its HTML shows it as `cid:name`, and says in words what is on it."""

    name: str
    png: bytes


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way. `sender` and `to` are addresses, `returns` is where bounces go.

    `unsubscribe` is the address of the one click that stops (RFC 8058), where one is due.
    """

    message: Message
    sender: str
    sender_name: str
    to: str
    message_id: str
    thread: str = ""
    reply_to: str = ""
    returns: str = ""
    unsubscribe: str = ""
    drawings: tuple[Drawing, ...] = ()


def words_of(text: str, name: str, language: str, file: str = "") -> Words:
    """Return the subject and the body of a file; the body keeps the numbers of its lines."""
    if len(text) > LONGEST_FILE:
        raise MessageTooLong(field=file or name, value=len(text), right=LONGEST_FILE)
    first, _, rest = text.removeprefix("\ufeff").partition("\n")
    if not first.startswith(SUBJECT) or not first.removeprefix(SUBJECT).strip():
        raise NoSubject(field=f"{file or name}:1", value=first, right=f"{SUBJECT} …")
    subject = first.removeprefix(SUBJECT).strip()
    return Words(name=name, language=language, subject=subject, body="\n" + rest, file=file)


def language_for(wanted: str | None, there_is: Sequence[str], otherwise: str) -> str:
    """Return the language to write in: theirs, else the company's, else the first there is."""
    spoken = (wanted or "").replace("_", "-").split("-")[0].lower()
    for language in (spoken, otherwise):
        if language in there_is:
            return language
    return there_is[0]


def message_id_of(secret: str, key: CustomerKey, act_id: int, domain: str) -> str:
    """Return the one Message-ID of this act, whenever and however often it is sent."""
    seal = _seal(secret, key.customer_id, act_id)
    return f"{message_ids_of(key)}{act_id:x}.{seal}@{domain}>"


def message_ids_of(key: CustomerKey) -> str:
    """Return how the Message-IDs of all letters to this node of a customer begin."""
    return f"<t.{key.customer_id:x}."


def thread_of(subject_id: int, domain: str) -> str:
    """Return the name under which mail clients gather what belongs together."""
    return f"<t.thread.{subject_id:x}@{domain}>"


def act_behind(secret: str, headers: str) -> tuple[CustomerKey, int] | None:
    """Return whose act, and which, the first of our own Message-IDs in this text stands for."""
    for found in _OURS.finditer(headers):
        customer_id, act_id = int(found[1], 16), int(found[2], 16)
        if hmac.compare_digest(found[3], _seal(secret, customer_id, act_id)):
            return key_of(customer_id), act_id
    return None


def _seal(secret: str, customer_id: int, act_id: int) -> str:
    text = f"terrain message 1 {customer_id:x} {act_id:x}"
    return hmac.digest(secret.encode(), text.encode(), sha256)[:_SEAL].hex()
