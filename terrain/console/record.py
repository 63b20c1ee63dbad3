"""Lends a page the record over Django's own connection, so that a page is one transaction.

Promise: what a page writes through `store` and `flow` stands or falls with the page itself.

Django's psycopg connection returns JSON as text and merges values on the client's side. So `store` gets
a twin: a second psycopg connection over the same libpq one, with psycopg's own habits. Both see
the same transaction, because its state lives in libpq.
"""

from typing import cast

from django.db import connection
from psycopg import Connection


def record() -> Connection:
    """Return the record inside the transaction of this page."""
    if not connection.in_atomic_block:
        raise RuntimeError("a page reads and writes inside its own transaction")
    connection.ensure_connection()
    real = connection.connection
    twin = getattr(real, "twin", None)
    if twin is None:
        twin = real.twin = Connection(real.pgconn)
    return cast(Connection, twin)
