"""Tells the record what came back about an act: each thing is one event of the act's customer.

Promise: the same thing told twice (a mailbox read again, a service that repeats itself) is one event.
"""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.flow.take_in import Result, said, take_in
from terrain.store import customers

SOURCE = "mail"
LONGEST_NAME = 120


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
    name = customers.names(db, [node]).get(node)
    if name is None:
        return None
    once = f"{source}:{told.once}"[:LONGEST_NAME]
    message = said(told.event, [name], told.at or now, once, properties=told.properties)
    return take_in(db, [message], source, now)[0]
