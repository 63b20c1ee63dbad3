"""Addresses that must not be used, as keyed hashes only (FR-SUPP)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from terrain.core.memory import Suppress


def save(db: Connection, secret: str, rows: Iterable[Suppress], now: datetime) -> None:
    """Put addresses on the list; the first time that one is put there stands."""
    raise NotImplementedError


def scopes(db: Connection, secret: str, addresses: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return for each address that is on the list what it must not be used for (`email:prospecting`)."""
    raise NotImplementedError
