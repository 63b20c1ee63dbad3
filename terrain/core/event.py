"""What happened, as a source says it. An event is never changed afterwards.

Every event reaches the house in the words of the HTTP tracking specification that everybody's libraries
speak (type, event, userId, anonymousId, traits, properties, context, timestamp), whether a library, an
import, a customer's page or a bouncing mailbox says it. `Said` is that wire form, `Event` what the house
works with once the name is the catalogue's own and the identifiers are in their normal form.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from terrain.core.identifier import CustomerKey, Identifier

# What an archive tells that is older than this teaches, and starts nothing that would act at once.
NEWS_FOR = timedelta(days=1)

CallType = Literal["track", "identify", "page", "screen", "group", "alias"]

# The calls that carry no event name of their own get one, so that everything is heard in the same way.
NAME_OF_CALL = {
    "identify": "customer.identified",
    "page": "page.viewed",
    "screen": "screen.viewed",
    "group": "account.joined",
    "alias": "identity.linked",
}


class Said(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One message on the wire, decoded when it is handled; the record keeps the bytes as they came."""

    type: CallType = "track"
    event: str | None = None
    name: str | None = None
    user_id: str | int | None = None
    anonymous_id: str | int | None = None
    previous_id: str | int | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to one customer.

    `at` is when it happened (UTC, corrected for the sender's clock), `received_at` when we heard of it.
    `properties` holds the properties of a track, page or screen call and the traits of an identify or
    group call; `assumed` names the properties that an archive's mapping assumed rather than knew. `node` is the
    node of the identity graph under which the event, and what it teaches, is kept.
    """

    message_id: str
    event_id: int
    name: str
    at: datetime
    received_at: datetime
    source: str
    identifiers: tuple[Identifier, ...] = ()
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    assumed: tuple[str, ...] = ()
    node: CustomerKey | None = None

    def is_history(self, now: datetime) -> bool:
        """Tell whether an archive speaks of what is long past: worth knowing, too late to act upon."""
        return self.context.get("archive") is True and now - self.at > NEWS_FOR

    @property
    def order(self) -> tuple[datetime, str]:
        """Evidence is folded in this order, whatever the order of arrival."""
        return (self.at, self.message_id)


def in_order(events: Sequence[Event]) -> list[Event]:
    """Return the events as they happened: by their own time, then by message id."""
    return sorted(events, key=lambda event: event.order)
