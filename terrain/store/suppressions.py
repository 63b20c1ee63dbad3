"""Addresses whose owner objected, as keyed hashes only (FR-SUPP).

Promise: the list outlives the customer's record and tells nobody an address. Whoever holds an
address can ask whether it is on the list, and only with the installation's secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from psycopg import Connection

from terrain.core.lesson import Suppress


def fingerprint(secret: str, address: str) -> bytes:
    """Return what is kept of an address; its first byte is its bucket."""
    key = hmac.digest(secret.encode(), b"terrain suppression 1", sha256)
    return hmac.digest(key, address.strip().casefold().encode(), sha256)


def save(db: Connection, secret: str, rows: Iterable[Suppress], now: datetime) -> None:
    """Put addresses on the list; the first time that one was put there stands."""
    kept = sorted(
        {
            (mark := fingerprint(secret, row.address), f"{row.channel}:{row.purpose}"): (
                mark[0],
                mark,
                f"{row.channel}:{row.purpose}",
                row.because,
            )
            for row in rows
            if row.address
        }.values()
    )
    if not kept:
        return
    db.execute(
        """
        INSERT INTO suppression (bucket, fingerprint, scope, because, since)
        SELECT bucket, fingerprint, scope, because, %b
          FROM unnest(%b::smallint[], %b::bytea[], %b::text[], %b::text[])
            AS n (bucket, fingerprint, scope, because)
        ON CONFLICT DO NOTHING
        """,
        [now, *(list(column) for column in zip(*kept, strict=True))],
    )


def scopes(db: Connection, secret: str, addresses: Iterable[str]) -> dict[str, dict[str, datetime]]:
    """Return for each address on the list what it must not be used for, and since when."""
    marks = {fingerprint(secret, address): address for address in set(addresses) if address}
    if not marks:
        return {}
    rows = db.execute(
        """
        SELECT s.fingerprint, s.scope, s.since
          FROM unnest(%b::smallint[], %b::bytea[]) AS n (bucket, fingerprint)
          JOIN suppression s ON s.bucket = n.bucket AND s.fingerprint = n.fingerprint
        """,
        [[mark[0] for mark in marks], list(marks)],
        binary=True,
    )
    found: dict[str, dict[str, datetime]] = {}
    for mark, scope, since in rows:
        found.setdefault(marks[mark], {})[scope] = since
    return found
