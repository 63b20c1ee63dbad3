"""Takes in what anybody says happened: machines, imports, customers' pages, bouncing mailboxes.

Promise: each message is read alone, so that a bad one costs no other; what is refused waits in a
tray; what is taken is one event for ever, however often it is said, and stands under the strongest
of its identifiers. All of it is true once the caller's transaction has committed.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec
from psycopg import Connection

from terrain.config import Settings, secret_of
from terrain.config import read as read_settings
from terrain.core.event import CallType, Said
from terrain.core.identifier import CustomerKey, Identifier, Kind, place_in_line
from terrain.core.signal import REPORT
from terrain.core.skew import happened_at, read_time
from terrain.errors import Refusal
from terrain.flow.identifiers import identifiers_of, named, names_in
from terrain.flow.wire import RefusedMessage, ReportElsewhere, Wire, read
from terrain.store import erasures, events, identifiers, trays
from terrain.store.events import NewEvent
from terrain.store.trays import Misfit
from terrain.words import refusal_in_words

MOST_KNOWN = 50_000
# What happened longer ago than this is asked whether it is of somebody who was erased since.
LATE = timedelta(minutes=5)
IDS = {Kind.USER_ID: "userId", Kind.ANONYMOUS_ID: "anonymousId"}
_decode = msgspec.json.Decoder(Said).decode


class Nobody(RefusedMessage):
    """An event belongs to a customer; this one names none."""

    code = "nobody"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it came, and what was said around it.

    `call` is what the address made of it (`/v1/identify`), `sent_at` the batch's. The times of an
    `archive` are taken as they are. `source` speaks louder than the one given for all. Only whose key opens that
    `may_report` what came back of an act; an archive and the house itself do.
    """

    raw: bytes
    call: CallType | None = None
    sent_at: str | None = None
    archive: bool = False
    may_report: bool = False
    source: str = ""
    received_at: datetime | None = None


class Outcome(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    # The same message had been taken before; or it is of somebody erased since, and nothing was kept.
    SEEN = "seen"
    REFUSED = "refused"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message; `message_id` is the sender's own or, lacking that, ours."""

    outcome: Outcome
    message_id: str = ""
    node: CustomerKey | None = None
    refusal: Refusal | None = None


class Known:
    """Identifiers whose node is known, so that the record need not be asked again.

    Identifier rows never re-point, so what is known stays true; it is believed only once the
    transaction that found it has committed.
    """

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._sure: dict[Identifier, CustomerKey] = {}
        self._found: dict[Identifier, CustomerKey] = {}
        self._doubted = False

    def find(self, identifiers: Iterable[Identifier]) -> dict[Identifier, CustomerKey]:
        """Return the nodes of those that are known."""
        if self._doubted:
            self._doubted, self._sure = False, {}
        return {each: self._sure[each] for each in identifiers if each in self._sure}

    def note(self, found: dict[Identifier, CustomerKey]) -> None:
        """Note what a transaction found that has not committed yet."""
        self._found |= found

    def committed(self) -> None:
        """Believe what was noted; the oldest make room."""
        self._sure |= self._found
        self._found = {}
        for oldest in list(self._sure)[: max(0, len(self._sure) - self._most)]:
            del self._sure[oldest]

    def rolled_back(self) -> None:
        """Forget what was noted."""
        self._found = {}

    def doubt(self) -> None:
        """Believe nothing any more: somebody was erased. Another thread may say so at any time."""
        self._doubted = True


class Door(msgspec.Struct, frozen=True):
    """What a door knows beforehand: where phone numbers are from, whom it has met, how it knows the erased."""

    country: str
    secret: str
    known: Known


def door_of(settings: Settings, known: Known | None = None) -> Door:
    """Return the door of this house."""
    return Door(settings.country, secret_of(settings), known or Known())


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One message that was understood."""

    identifier: Identifier
    message_id: str
    name: str
    source: str
    at: datetime
    received_at: datetime
    payload: bytes

    @property
    def is_late(self) -> bool:
        return self.received_at - self.at > LATE


def take_in(
    db: Connection,
    messages: Sequence[Message],
    source: str,
    now: datetime,
    door: Door | None = None,
) -> list[Result]:
    """Keep these messages as events or in a tray; say of each what became of it."""
    door = door or msgspec.structs.replace(_usual_door(), known=Known())
    read_ones = [_understood(message, source, now, door.country) for message in messages]
    heard = [each for each in read_ones if isinstance(each, Heard)]
    nodes, gone = _nodes(db, heard, now, door)
    kept = [each for each in heard if each.identifier in nodes and each not in gone]
    new = events.write(db, [_row(each, nodes[each.identifier]) for each in kept])
    if len(heard) < len(messages):
        trays.put(db, _misfits(messages, read_ones, source), now)
    return [_result(each, nodes, new) for each in read_ones]


def said(
    name: str, who: Sequence[Identifier], at: datetime, message_id: str, **more: dict[str, Any]
) -> Message:
    """Return the message by which the house itself says what it heard of a customer.

    `more` is what the wire knows: properties, traits, context. The time is taken as it is.
    """
    ids = {IDS[each.kind]: each.value for each in who if each.kind in IDS}
    traits = {each.kind.value: each.value for each in who if each.kind not in IDS}
    context = more.get("context", {})
    if traits:
        context = context | {"traits": traits | context.get("traits", {})}
    wire = {
        "type": "track",
        "event": name,
        "messageId": message_id,
        "timestamp": at.isoformat(),
        **ids,
        **more,
        "context": context,
    }
    return Message(raw=msgspec.json.encode(wire), archive=True)


def hear(message: Message, source: str, now: datetime, country: str) -> Heard:
    """Understand one message, or refuse it."""
    wire, raw = read(message.raw, message.call)
    if wire.event_name == REPORT and not (message.may_report or message.archive):
        raise ReportElsewhere(field="event", value=REPORT, right="POST /v1/signals")
    received_at = message.received_at or now
    return Heard(
        identifier=_strongest(wire, country),
        message_id=str(wire.message_id or "") or f"made-{secrets.token_hex(12)}",
        name=wire.event_name,
        source=message.source or source,
        at=_moment(wire, message, received_at),
        received_at=received_at,
        payload=raw,
    )


@cache
def _usual_door() -> Door:
    return door_of(read_settings())


def _understood(message: Message, source: str, now: datetime, country: str) -> Heard | Refusal:
    try:
        return hear(message, source, now, country)
    except Refusal as refusal:
        return refusal


def _moment(wire: Wire, message: Message, received_at: datetime) -> datetime:
    sent_at = None if message.archive else wire.sent_at or message.sent_at
    return happened_at(
        read_time("timestamp", wire.timestamp),
        read_time("originalTimestamp", wire.original_timestamp),
        read_time("sentAt", sent_at),
        received_at,
    )


def _strongest(wire: Wire, country: str) -> Identifier:
    if wire.user_id is not None:
        # None is stronger, so the others need not be looked for: half of what reading names costs.
        strongest = named(Kind.USER_ID, wire.user_id, country)
        if isinstance(strongest, Identifier):
            return strongest
    names = names_in(wire, country)
    if not names.identifiers:
        wrong = names.refused[0] if names.refused else None
        raise Nobody(
            field=wrong.field if wrong else "userId",
            value=wrong.value if wrong else None,
            right=["userId", "anonymousId", "traits.email"],
        )
    return names.identifiers[0]


def _nodes(
    db: Connection, heard: Sequence[Heard], now: datetime, door: Door
) -> tuple[dict[Identifier, CustomerKey], set[Heard]]:
    """Return the node of each identifier, and what is not kept: it is of somebody erased since."""
    wanted = {each.identifier for each in heard}
    nodes = door.known.find(wanted)
    found = identifiers.find(db, wanted - nodes.keys())
    new = wanted - nodes.keys() - found.keys()
    gone = _of_the_erased(db, heard, new, door)
    found |= identifiers.make(
        db, {each.identifier for each in heard if each not in gone} & new, now
    )
    door.known.note(found)
    return nodes | found, gone


def _of_the_erased(
    db: Connection, heard: Sequence[Heard], new: set[Identifier], door: Door
) -> set[Heard]:
    """Return what is older than the erasure of whom it names. Only who is new, or late, is asked for."""
    doubted = [each for each in heard if each.identifier in new or each.is_late]
    if not doubted or erasures.latest(db) is None:
        return set()
    names = [
        identifiers_of(_decode(each.payload), door.country)
        if each.identifier in new
        else (each.identifier,)
        for each in doubted
    ]
    when = erasures.when(db, door.secret, {name for some in names for name in some})
    return {
        each
        for each, some in zip(doubted, names, strict=True)
        if any(name in when and each.at < when[name] for name in some)
    }


def _row(heard: Heard, node: CustomerKey) -> NewEvent:
    return NewEvent(
        node.bucket,
        node.customer_id,
        # Made from the message, so that a played-back year gives the same ids.
        place_in_line(heard.received_at, heard.message_id),
        heard.at,
        heard.received_at,
        heard.message_id,
        heard.name,
        heard.source,
        heard.payload,
    )


def _misfits(
    messages: Sequence[Message], read_ones: Sequence[Heard | Refusal], source: str
) -> list[Misfit]:
    return [
        misfit(message.source or source, refusal, message.raw)
        for message, refusal in zip(messages, read_ones, strict=True)
        if isinstance(refusal, Refusal)
    ]


def misfit(source: str, refusal: Refusal, payload: bytes) -> Misfit:
    """Return the line of the tray for a message that was refused."""
    return Misfit("event", source, refusal.code, refusal_in_words(refusal), payload)


def _result(
    one: Heard | Refusal, nodes: dict[Identifier, CustomerKey], new: set[tuple[int, str]]
) -> Result:
    if isinstance(one, Refusal):
        return Result(outcome=Outcome.REFUSED, refusal=one)
    node = nodes.get(one.identifier)
    if node is None:
        return Result(outcome=Outcome.SEEN, message_id=one.message_id)
    name = (node.customer_id, one.message_id)
    # Said twice in one breath, the first is the event.
    outcome = Outcome.TAKEN if name in new else Outcome.SEEN
    new.discard(name)
    return Result(outcome=outcome, message_id=one.message_id, node=node)
