"""What people do about what could not be handled: try it again, or close it.

Promise: trying again either does the whole thing and closes the line, or leaves everything as it was.
"""

from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.errors import Refusal
from terrain.flow.setbacks import BUG, Pointer
from terrain.flow.take_in import Message, take_in
from terrain.store import events, trays
from terrain.store.trays import OVERFLOW, REFUSED, Kept
from terrain.words import refusal_sentence, say

CAN_BE_RETRIED = (REFUSED, BUG)

_pointer = msgspec.json.Decoder(Pointer).decode


class NoSuchLine(Refusal):
    code = "no_such_tray_line"
    status = 404


class LookedAfter(Refusal):
    """Somebody has looked after it already: done again, it might be done twice."""

    code = "tray_line_looked_after"
    status = 409


class CannotBeRetried(Refusal):
    """Nothing that could be done again: a person has to look at it."""

    code = "cannot_be_retried"
    status = 409


class TrayFull(Refusal):
    """More was refused than is kept."""

    code = OVERFLOW


def find(db: Connection, tray_id: int) -> Kept:
    """Return the line, or refuse."""
    kept = trays.find(db, tray_id)
    if kept is None:
        raise NoSuchLine(field="tray_id", value=tray_id)
    return kept


def retry(db: Connection, kept: Kept, by: str, now: datetime) -> None:
    """Do again what failed, and close the line; refuse with the reason if it fails again."""
    if kept.closed_at is not None:
        raise LookedAfter(field="tray_id", value=kept.tray_id)
    with db.transaction():
        if kept.kind == REFUSED:
            _say_again(db, kept, now)
        elif kept.kind == BUG:
            pointer = _pointer(kept.payload)
            events.wait_again(db, pointer.node, pointer.message_id)
        else:
            raise CannotBeRetried(value=kept.kind, right=list(CAN_BE_RETRIED))
        trays.close(db, [kept.tray_id], by, now)


def sentence(kept: Kept, language: str) -> str:
    """Return why it could not be handled, in the reader's language."""
    said = kept.reason.get("message")
    if isinstance(said, dict) and language in said:
        return str(said[language])
    if kept.code == OVERFLOW:
        full = TrayFull(field=kept.source, value=kept.reason.get("not_kept"))
        return refusal_sentence(language, full)
    return say(language, "Handling it met a bug of ours; the log says where.")


def _say_again(db: Connection, kept: Kept, now: datetime) -> None:
    (result,) = take_in(db, [Message(raw=kept.payload)], kept.source, now)
    if result.refusal:
        raise result.refusal
