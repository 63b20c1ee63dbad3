"""Tells the record what came back about an act: each thing is one event of the act's customer.

Promise: the same thing told twice (a mailbox read again, a service that repeats itself) is one event.
"""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.identifier import CustomerKey, Kind
from terrain.flow.take_in import Message, Result, take_in
from terrain.store import timeline

SOURCE = "mail"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came back. `once` names it, so that it counts once; `at` is when it happened."""

    event: str
    properties: dict[str, Any]
    once: str
    at: datetime | None = None


def tell(
    db: Connection, node: CustomerKey, told: Told, now: datetime, source: str = SOURCE
) -> Result | None:
    """Take it in as an event of this customer; None when nobody is kept there any more."""
    identifier = timeline.identifier_of(db, node)
    if identifier is None:
        return None
    said = {
        "type": "track",
        "event": told.event,
        "messageId": f"{source}:{told.once}"[:120],
        "timestamp": (told.at or now).isoformat(),
        "properties": told.properties,
        **named(Kind(identifier[0]), identifier[1]),
    }
    return take_in(db, [Message(raw=msgspec.json.encode(said), archive=True)], source, now)[0]


def named(kind: Kind, value: str) -> dict[str, Any]:
    """Say whose event it is, in the words of the tracking specification."""
    if kind is Kind.USER_ID:
        return {"userId": value}
    if kind is Kind.ANONYMOUS_ID:
        return {"anonymousId": value}
    return {"context": {"traits": {kind.value: value}}}
