"""Opens the record for a command: your PostgreSQL, or the one that Terrain runs itself.

Promise: a command that needs the record gets one whose schema is the one it was written for, and
leaves behind no server that it started.

    with opened() as (settings, record), record.local() as db:
        ...
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from terrain.config import Settings, read
from terrain.embedded import server
from terrain.errors import Refusal
from terrain.store import schema
from terrain.store.connection import Record, connect, one_connection


class SchemaBehind(Refusal):
    """The database is older than the program; an upgrade is a decision of whoever runs it."""

    code = "schema_behind"
    status = 503


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[tuple[Settings, Record]]:
    """Yield the settings and the open record."""
    with ready(settings or read()) as found, connect(found) as record:
        yield found, record


@contextmanager
def ready(given: Settings) -> Iterator[Settings]:
    """Yield the settings with the address of a database whose schema is up to date."""
    with with_database(given) as settings:
        if behind := lacking(settings.database_url):
            if given.database_url:
                raise SchemaBehind(value=", ".join(behind), right="terrain migrate")
            schema.migrate(settings.database_url)  # it is ours alone
        yield settings


@contextmanager
def with_database(given: Settings) -> Iterator[Settings]:
    """Yield the settings with the address of a PostgreSQL that runs, starting ours if need be."""
    if given.database_url:
        yield given
        return
    running = server.start(given.data)
    try:
        yield msgspec.structs.replace(given, database_url=running.conninfo)
    finally:
        running.stop(kindly=True)


def bring_up_to_date(conninfo: str) -> list[str]:
    """Run the migrations that are missing, without loading Django when none is."""
    return schema.migrate(conninfo) if lacking(conninfo) else []


def lacking(conninfo: str) -> list[str]:
    with one_connection(conninfo) as db:
        return schema.lacking(db)
