"""Addresses whose owner objected, as keyed hashes only (FR-SUPP).

Promise: the list outlives the customer's record and tells nobody an address. Whoever holds an
address can ask whether it is on the list, and only with the installation's secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from psycopg import Connection

from terrain.core.lesson import Suppress


def fingerprint(secret: str, address: str) -> bytes:
    """Return what is kept of an address; its first byte is its bucket."""
    return hmac.digest(_key(secret), address.strip().casefold().encode(), sha256)


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"terrain suppression 1", sha256)


def save(db: Connection, secret: str, rows: Iterable[Suppress]) -> None:
    """Put addresses on the list; of several objections the latest stands."""
    last: dict[tuple[bytes, str], Suppress] = {}
    for row in sorted(rows, key=lambda row: row.at):
        if row.address:
            mark = fingerprint(secret, row.address)
            last[mark, f"{row.channel}:{row.purpose}"] = row
    kept = [(mark[0], mark, scope, last[mark, scope]) for mark, scope in sorted(last)]
    if not kept:
        return
    db.execute(
        """
        INSERT INTO suppression AS s (bucket, fingerprint, scope, because, since)
        SELECT * FROM unnest(%b::smallint[], %b::bytea[], %b::text[], %b::text[], %b::timestamptz[])
        ON CONFLICT (bucket, fingerprint, scope) DO UPDATE
           SET since = EXCLUDED.since, because = EXCLUDED.because
         WHERE EXCLUDED.since > s.since
        """,
        [
            [bucket for bucket, *_ in kept],
            [mark for _, mark, *_ in kept],
            [scope for *_, scope, _ in kept],
            [row.because for *_, row in kept],
            [row.at for *_, row in kept],
        ],
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
