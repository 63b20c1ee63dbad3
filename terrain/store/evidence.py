"""Rows of evidence, written so that the order of arrival leaves no trace."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from terrain.core.fact import Evidence
from terrain.core.identifier import CustomerKey


def save(db: Connection, rows: Iterable[tuple[CustomerKey, Evidence]]) -> None:
    """Keep these rows, each under the node of the event that said it."""
    raise NotImplementedError
