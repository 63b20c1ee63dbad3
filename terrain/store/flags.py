"""Flags: who is held by what somebody said is wrong, and what the owner answered.

Promise: counted by automation, never by person. No statement here adds anything up by who pulled; `puller`
is compared within one automation, so that three people are three, and to lead whoever pulled to the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection

from terrain.core.flag import Flag, Pulled, Reason
from terrain.core.identifier import CustomerKey
from terrain.store.columns import Columns

_ROW = Columns(
    "bucket smallint, version integer, customer_id bigint, flag_id bigint, act_id bigint, "
    "decision_id bigint, at timestamptz, automation text, reason text, words text, "
    "message_id text, puller text"
)
COLUMNS = f"{_ROW.names}, answered_at, answered_by, answer, goes_on"
# What one automation's flags of a day are read up to: three people are found among far fewer.
MOST_OF_A_DAY = 1_000


class Counted(NamedTuple):
    """How often an automation was said to be wrong, for one reason; how many still wait for an answer."""

    automation: str
    reason: str
    n: int
    open: int


class Answered(NamedTuple):
    """An answer: when, by whom, in which words, and whether it goes on for this customer."""

    at: datetime
    by: str
    words: str
    goes_on: bool


class Place(NamedTuple):
    """The last line of a page: the next one goes on behind it. `at` is by what the list is ordered."""

    at: datetime
    flag_id: int


def keep(db: Connection, flags: Iterable[Flag]) -> set[int]:
    """Keep these flags; return the numbers of those that were not there yet."""
    rows = [_to_row(flag) for flag in flags]
    if not rows:
        return set()
    kept = db.execute(
        f"""
        INSERT INTO flag ({_ROW.names})
        SELECT * FROM {_ROW.unnest}
        ON CONFLICT DO NOTHING
        RETURNING flag_id
        """,
        _ROW.arrays(rows),
    )
    return {flag_id for (flag_id,) in kept}


def pulled_since(db: Connection, automation: str, since: datetime) -> list[Pulled]:
    """Return what was said of one automation since then, over all customers (a report)."""
    rows = db.execute(
        "SELECT at, reason, puller FROM flag WHERE automation = %s AND at > %s ORDER BY at DESC LIMIT %s",
        [automation, since, MOST_OF_A_DAY],
    )
    return [Pulled(at, Reason(reason), puller) for at, reason, puller in rows]


def find(db: Connection, flag_id: int) -> Flag | None:
    """Return one flag by the number that people see (a report: it looks in every bucket)."""
    row = db.execute(f"SELECT {COLUMNS} FROM flag WHERE flag_id = %s", [flag_id]).fetchone()
    return of_row(row) if row else None


def of_message(db: Connection, node: CustomerKey, message_id: str) -> Flag | None:
    """Return the flag that this event raised, if it is kept already."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM flag WHERE bucket = %s AND customer_id = %s AND message_id = %s",
        [node.bucket, node.customer_id, message_id],
    ).fetchone()
    return of_row(row) if row else None


def open_ones(
    db: Connection, most: int = 100, after: Place | None = None, automation: str = ""
) -> list[Flag]:
    """Return the flags without an answer, of one automation or of all, the oldest first (a report)."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM flag
         WHERE answered_at IS NULL AND (at, flag_id) > (coalesce(%s::timestamptz, '-infinity'), %s)
           AND (%s = '' OR automation = %s)
         ORDER BY at, flag_id LIMIT %s
        """,
        [*(after or (None, 0)), automation, automation, most],
    )
    return [of_row(row) for row in rows]


def answered_ones(
    db: Connection, most: int = 100, before: Place | None = None, automation: str = ""
) -> list[Flag]:
    """Return the flags with an answer, of one automation or of all, the latest answer first (a report)."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM flag
         WHERE answered_at IS NOT NULL
           AND (answered_at, flag_id) < (coalesce(%s::timestamptz, 'infinity'), %s)
           AND (%s = '' OR automation = %s)
         ORDER BY answered_at DESC, flag_id DESC LIMIT %s
        """,
        [*(before or (None, 0)), automation, automation, most],
    )
    return [of_row(row) for row in rows]


def flagged(db: Connection) -> list[str]:
    """Return the automations that were ever said to be wrong, hopping along the index (a report)."""
    rows = db.execute(
        """
        WITH RECURSIVE each AS (
            SELECT min(automation) AS name FROM flag
            UNION ALL
            SELECT (SELECT min(automation) FROM flag WHERE automation > each.name) FROM each
             WHERE each.name IS NOT NULL)
        SELECT name FROM each WHERE name IS NOT NULL
        """
    )
    return [name for (name,) in rows]


def of_automation(
    db: Connection, automation: str, most: int = 100, before: Place | None = None
) -> list[Flag]:
    """Return what was said of one automation, the latest first (a report)."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM flag
         WHERE automation = %s AND (at, flag_id) < (coalesce(%s::timestamptz, 'infinity'), %s)
         ORDER BY at DESC, flag_id DESC LIMIT %s
        """,
        [automation, *(before or (None, 0)), most],
    )
    return [of_row(row) for row in rows]


def of_customer(db: Connection, nodes: Collection[CustomerKey], most: int = 50) -> list[Flag]:
    """Return what was said to be wrong for one customer, with the answers, the latest first."""
    rows = db.execute(
        f"""
        SELECT {", ".join(f"f.{name}" for name in COLUMNS.split(", "))}
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN flag f ON f.bucket = n.b AND f.customer_id = n.c_id
         ORDER BY f.at DESC, f.flag_id DESC LIMIT %s
        """,
        [[node.bucket for node in nodes], [node.customer_id for node in nodes], most],
    )
    return [of_row(row) for row in rows]


def of_puller(db: Connection, pullers: Collection[str], most: int = 50) -> list[Flag]:
    """Return what somebody said themselves, with the answers (a report); only they can name their fingerprints."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM flag WHERE puller = ANY(%s) ORDER BY at DESC, flag_id DESC LIMIT %s",
        [list(pullers), most],
    )
    return [of_row(row) for row in rows]


def counts(db: Connection, since: datetime, automation: str = "") -> list[Counted]:
    """Return how often each automation was said to be wrong since then, by reason (a report)."""
    rows = db.execute(
        """
        SELECT automation, reason, count(*), count(*) FILTER (WHERE answered_at IS NULL)
          FROM flag WHERE at > %s AND (%s = '' OR automation = %s)
         GROUP BY automation, reason ORDER BY automation, reason
        """,
        [since, automation, automation],
    )
    return [Counted(*row) for row in rows]


def waiting(db: Connection) -> int:
    """Return how many flags wait for an answer (a report)."""
    (n,) = db.execute("SELECT count(*) FROM flag WHERE answered_at IS NULL").fetchone() or (0,)
    return int(n)


def answer(db: Connection, flag: Flag, said: Answered) -> bool:
    """Keep the answer; say whether it is the first one. The first stands."""
    done = db.execute(
        """
        UPDATE flag SET answered_at = %s, answered_by = %s, answer = %s, goes_on = %s
         WHERE bucket = %s AND customer_id = %s AND flag_id = %s AND answered_at IS NULL
        """,
        [*said, flag.node.bucket, flag.node.customer_id, flag.flag_id],
    )
    return done.rowcount == 1


def let_go_on(db: Connection, flag: Flag) -> bool:
    """Write down that it goes on for this customer after all; say whether it did not yet."""
    done = db.execute(
        """
        UPDATE flag SET goes_on = true
         WHERE bucket = %s AND customer_id = %s AND flag_id = %s
           AND answered_at IS NOT NULL AND NOT goes_on
        """,
        [flag.node.bucket, flag.node.customer_id, flag.flag_id],
    )
    return done.rowcount == 1


def of_row(row: tuple[Any, ...]) -> Flag:
    """Return the flag that stands in a row of COLUMNS."""
    bucket, version, customer_id, flag_id, act_id, decision_id, at, automation, reason = row[:9]
    words, message_id, puller, answered_at, answered_by, said, goes_on = row[9:]
    return Flag(
        node=CustomerKey(bucket, customer_id),
        flag_id=flag_id,
        at=at,
        automation=automation,
        reason=Reason(reason),
        words=words,
        version=version,
        act_id=act_id,
        decision_id=decision_id,
        message_id=message_id,
        puller=puller,
        answered_at=answered_at,
        answered_by=answered_by,
        answer=said,
        goes_on=goes_on,
    )


def _to_row(flag: Flag) -> tuple[Any, ...]:
    return (
        *(flag.node.bucket, flag.version, flag.node.customer_id, flag.flag_id, flag.act_id),
        *(flag.decision_id, flag.at, flag.automation, flag.reason.value, flag.words),
        *(flag.message_id, flag.puller),
    )
