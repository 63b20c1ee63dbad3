"""Rows of claims, written so that the order of arrival leaves no trace."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from terrain.core.fact import Claim
from terrain.core.identifier import CustomerKey


def save(db: Connection, rows: Iterable[tuple[CustomerKey, Claim]]) -> None:
    """Keep these rows, each under the node of the event that said it."""
    raise NotImplementedError
