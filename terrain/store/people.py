"""Whole customers, read over all their nodes in a few statements for a whole batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from terrain.core.customer import Customer
from terrain.core.identifier import CustomerKey


def load(
    db: Connection, keys: Iterable[CustomerKey], now: datetime, *, secret: str
) -> dict[CustomerKey, Customer]:
    """Return the customers of these survivors as they are known now.

    `secret` is `config.secret_of(settings)`: the suppression list holds only keyed hashes.
    """
    raise NotImplementedError
