"""The one place that knows how many databases there are. Today there is one.

Promise: nobody else opens a connection, so that the record can be spread over several servers
without changing a line elsewhere (scale.md).
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from terrain.config import Settings
from terrain.errors import Refusal

SECONDS_TO_CONNECT = 10.0
# Left alone, the pool looks for a lost server at ever longer intervals, and an outage of a minute costs two.
SECONDS_BETWEEN_LOOKS = 2.0
# Every statement of a turn looks things up by key, a few or a thousand. What the planner knows of a table is
# minutes old, and nothing on the first day: left to itself it reads whole tables that were small when last seen.
# Planned once, by index: 245 -> 140 µs of PostgreSQL an event in transactions of twenty.
BY_KEY = (
    *("enable_seqscan = off", "enable_bitmapscan = off", "enable_hashjoin = off"),
    *("enable_mergejoin = off", "plan_cache_mode = force_generic_plan"),
)


class DatabaseUnreachable(Refusal):
    """Nobody answers at the address of the database, or not to us."""

    code = "database_unreachable"
    status = 503


class Record:
    """The databases of the record, and which one holds which bucket.

    `by_key`: for those who only look things up by key; a report wants its plans made for it.
    """

    def __init__(self, conninfo: str, *, connections: int = 8, by_key: bool = False) -> None:
        self.conninfo = conninfo
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo,
            # Transactions are opened by name, with `db.transaction()`; a SELECT leaves none open.
            kwargs={"autocommit": True},
            configure=_look_up_by_key if by_key else _speak_utc,
            min_size=1,
            max_size=connections,
            timeout=SECONDS_TO_CONNECT,
            reconnect_timeout=SECONDS_BETWEEN_LOOKS,
            reconnect_failed=_look_again,
            open=False,
        )

    def open(self) -> "Record":
        """Connect, or refuse at once: a wrong address is not worth waiting for."""
        with one_connection(self.conninfo):
            pass
        try:
            self._pool.open(wait=True, timeout=SECONDS_TO_CONNECT)
        except PoolTimeout:
            self._pool.close()
            raise DatabaseUnreachable(value=self.conninfo) from None
        return self

    def close(self) -> None:
        self._pool.close()

    @property
    def closed(self) -> bool:
        """Whether nothing can be asked of it (any more)."""
        return self._pool.closed

    @contextmanager
    def opened(self) -> Iterator["Record"]:
        """Stay open for as long as it is needed."""
        self.open()
        try:
            yield self
        finally:
            self.close()

    def conn_for(self, bucket: int) -> AbstractContextManager[Connection]:  # noqa: ARG002 - one
        """Lend a connection to the database that holds this bucket."""
        return self._pool.connection()

    def local(self) -> AbstractContextManager[Connection]:
        """Lend a connection for reference and local tables (scale.md R8, R9)."""
        return self._pool.connection()

    def soon(self, seconds: float) -> AbstractContextManager[Connection]:
        """Lend a connection as `local` does, or refuse after so many seconds."""
        return self._pool.connection(timeout=seconds)

    def groups(self, buckets: Iterable[int]) -> list[list[int]]:
        """Return the buckets grouped by the database that holds them, for one statement each."""
        together = sorted(set(buckets))
        return [together] if together else []


@contextmanager
def connect(settings: Settings, *, by_key: bool = False) -> Iterator[Record]:
    """Open the record of these settings for as long as it is needed."""
    with Record(settings.database_url, by_key=by_key).opened() as record:
        yield record


@contextmanager
def one_connection(conninfo: str) -> Iterator[Connection]:
    """Connect once, or refuse with the reason that the server gives."""
    try:
        db = psycopg.connect(conninfo, autocommit=True, connect_timeout=int(SECONDS_TO_CONNECT))
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            field="TERRAIN_DATABASE_URL", value=str(error).strip().split("\n")[-1]
        ) from None
    with db:
        _speak_utc(db)
        yield db


def by_key(db: Connection) -> None:
    """Look things up by key only, until the transaction ends."""
    for setting in BY_KEY:
        db.execute(f"SET LOCAL {setting}")


def _look_again(pool: ConnectionPool[Connection]) -> None:
    """Begin anew with short intervals: the pool makes a connection whenever its least number grows."""
    pool.resize(0, pool.max_size)
    pool.resize(1, pool.max_size)


def _speak_utc(db: Connection) -> None:
    db.execute("SET TIME ZONE 'UTC'")


def planned_freely(db: Connection) -> None:
    """Let this transaction read whole tables as PostgreSQL likes: a report of somebody who else looks up by key."""
    for setting in BY_KEY:
        db.execute(f"SET LOCAL {setting.partition(' ')[0]} TO DEFAULT")


def given_up_after(db: Connection, longest: timedelta) -> None:
    """Let no question of this transaction take longer: a report must not hold old rows back for ever."""
    db.execute("SELECT set_config('statement_timeout', %s, true)", [f"{longest.total_seconds()}s"])


def _look_up_by_key(db: Connection) -> None:
    _speak_utc(db)
    for setting in BY_KEY:
        db.execute(f"SET {setting}")
