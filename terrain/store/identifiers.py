"""The one uniqueness across customers: which node an identifier leads to (scale.md R4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from terrain.core.identifier import CustomerKey, Identifier


def resolve(
    db: Connection, identifiers: Iterable[Identifier], now: datetime
) -> dict[Identifier, CustomerKey]:
    """Return the node of each identifier, making those that are new."""
    raise NotImplementedError


def find(db: Connection, identifiers: Iterable[Identifier]) -> dict[Identifier, CustomerKey]:
    """Return the nodes of those identifiers that are known."""
    raise NotImplementedError
