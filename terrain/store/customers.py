"""Nodes and their survivors, and the one lock under which all work on a customer happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg import Connection

from terrain.core.identifier import CustomerKey


def survivors(db: Connection, nodes: Iterable[CustomerKey]) -> dict[CustomerKey, CustomerKey]:
    """Return to whom each node belongs."""
    raise NotImplementedError


def lock(db: Connection, keys: Iterable[CustomerKey]) -> set[CustomerKey]:
    """Lock those of the survivors that nobody else holds and that still are survivors; never wait."""
    raise NotImplementedError


def bump(db: Connection, counts: Mapping[CustomerKey, int]) -> dict[CustomerKey, int]:
    """Take so many order numbers for each customer; return the last one taken (scale.md R3)."""
    raise NotImplementedError
