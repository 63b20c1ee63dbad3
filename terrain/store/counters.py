"""What was done, in numbers: a row for each bucket, automation, version, what and hour (scale.md R10).

Promise: whoever does a thing counts it in the same transaction, so what is counted is what is there, also
after a kill; and reading costs the same after ten years, because old hours are folded into days and old
days into months. Folding never changes a sum over whole days, nor over whole months when they are old.

The bucket spreads the rows, so that those who count at the same moment do not wait for each other: a turn
counts in the first of the buckets it tends. Sums are read over all buckets. Nothing else may be read from it:
folded rows of one database stand together in its first bucket.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from psycopg import Connection

from terrain.core.decision import Verdict
from terrain.store.columns import Columns

EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
# Hours are read for a week, days for a year (meters look back so far), months for ever.
FOLDS = (
    (timedelta(hours=3), "hour"),  # the same hour of all buckets becomes one row
    (timedelta(days=8), "day"),
    (timedelta(days=400), "month"),
)
MOST_AT_ONCE = 10_000
DECIDED = tuple(f"decided.{verdict}" for verdict in Verdict)
RUNS = ("run.started", "run.ended")

_ROW = Columns(
    "bucket smallint, version integer, hour timestamptz, n bigint, automation text, what text"
)


class What(NamedTuple):
    """Something to count; `what` is "decided.act", "run.started", "act.left" and the like."""

    automation: str
    version: int
    what: str


class Count(NamedTuple):
    """So many in one hour. The fields stand in the order of their columns."""

    bucket: int
    version: int
    hour: datetime
    n: int
    automation: str
    what: str


class Counted(NamedTuple):
    """A sum."""

    automation: str
    version: int
    what: str
    n: int


class Hour(NamedTuple):
    """A sum within one hour, or within one day or month where those are folded."""

    hour: datetime
    what: str
    n: int


class Daily(NamedTuple):
    """A sum within one day."""

    automation: str
    version: int
    what: str
    day: date
    n: int


def hour_of(now: datetime) -> datetime:
    """Return the hour in which this moment is counted."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def counts(bucket: int, now: datetime, seen: Iterable[What]) -> list[Count]:
    """Return how often each was seen, ready to be added."""
    hour = hour_of(now)
    return [
        Count(bucket, version, hour, n, automation, what)
        for (automation, version, what), n in Counter(seen).items()
    ]


def add(db: Connection, rows: Iterable[Count]) -> None:
    """Add these numbers: the last statement of its transaction, so that nobody waits long for a row.

    All who add go through the rows in one order, so that nobody waits in a circle.
    """
    ordered = _merged(rows)
    if not ordered:
        return
    alone = len(ordered) == 1
    db.execute(
        f"""
        INSERT INTO counter ({_ROW.names})
        {_ROW.values if alone else "SELECT * FROM " + _ROW.unnest}
        ON CONFLICT (bucket, automation, version, what, hour) DO UPDATE SET n = counter.n + EXCLUDED.n
        """,
        ordered[0] if alone else _ROW.arrays(ordered),
    )


def sums(
    db: Connection,
    since: datetime,
    automation: str | None = None,
    *,
    of: Sequence[str] = (),
    until: datetime = NEVER,
) -> list[Counted]:
    """Return what was counted from then on, over all buckets.

    With a name, of this automation alone; `of`: only these (`DECIDED`, `RUNS`).
    """
    # What is not asked for is left out: a plan for either way reads with an index of neither.
    by_what = "AND what = ANY(%(of)s)" if of else ""
    by_name = "" if automation is None else "AND automation = %(automation)s"
    rows = db.execute(
        f"""
        SELECT automation, version, what, sum(n)::bigint
          FROM counter
         WHERE hour >= %(since)s AND hour < %(until)s {by_what} {by_name}
         GROUP BY automation, version, what
         ORDER BY automation, version, what
        """.encode(),
        {"since": since, "until": until, "automation": automation, "of": list(of)},
    )
    return [Counted(*row) for row in rows]


def by_hour(db: Connection, since: datetime, of: Sequence[str]) -> list[Hour]:
    """Return the sums of these (`DECIDED`, `RUNS`) hour by hour, over all automations."""
    rows = db.execute(
        """
        SELECT hour, what, sum(n)::bigint
          FROM counter
         WHERE hour >= %(since)s AND what = ANY(%(of)s)
         GROUP BY hour, what
         ORDER BY hour, what
        """,
        {"since": since, "of": list(of)},
    )
    return [Hour(*row) for row in rows]


def by_day(
    db: Connection, since: datetime, of: Sequence[str], automations: Sequence[str] | None = None
) -> list[Daily]:
    """Return the sums of these day by day (UTC) since then, of these automations or of all."""
    rows = db.execute(
        f"""
        SELECT automation, version, what, (hour AT TIME ZONE 'UTC')::date, sum(n)::bigint
          FROM counter
         WHERE hour >= %(since)s AND what = ANY(%(of)s)
           {"" if automations is None else "AND automation = ANY(%(automations)s)"}
         GROUP BY 1, 2, 3, 4
         ORDER BY 1, 2, 3, 4
        """.encode(),
        {"since": since, "of": list(of), "automations": list(automations or ())},
        binary=True,
    )
    return [Daily._make(row) for row in rows]


def fold(db: Connection, buckets: Sequence[int], now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Fold at most so many old rows of one database's buckets; return how many there were.

    Each kind of folding is one statement, so two who fold at once do no harm. A row that comes late (a signal
    credited to an act of last month) is simply folded next time.
    """
    return sum(_fold(db, buckets, unit, _begin(now - age, unit), most) for age, unit in FOLDS)


def _fold(db: Connection, buckets: Sequence[int], unit: str, before: datetime, most: int) -> int:
    row = db.execute(
        """
        WITH old AS (
            SELECT bucket, automation, version, what, hour
              FROM counter
             WHERE bucket = ANY(%(buckets)s::smallint[]) AND hour < %(before)s
               AND (bucket <> %(home)s OR hour <> date_trunc(%(unit)s, hour, 'UTC'))
             ORDER BY bucket, automation COLLATE "C", version, what COLLATE "C", hour
             LIMIT %(most)s
               FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM counter c USING old o
             WHERE c.bucket = o.bucket AND c.automation = o.automation AND c.version = o.version
               AND c.what = o.what AND c.hour = o.hour
            RETURNING c.automation, c.version, c.what, date_trunc(%(unit)s, c.hour, 'UTC') AS hour, c.n
        ), folded AS (
            INSERT INTO counter (bucket, automation, version, what, hour, n)
            SELECT %(home)s, automation, version, what, hour, sum(n)::bigint
              FROM gone
             GROUP BY automation, version, what, hour
             ORDER BY automation COLLATE "C", version, what COLLATE "C", hour
            ON CONFLICT (bucket, automation, version, what, hour) DO UPDATE
               SET n = counter.n + EXCLUDED.n
        )
        SELECT count(*) FROM gone
        """,
        {
            "buckets": list(buckets),
            "home": min(buckets),
            "before": before,
            "unit": unit,
            "most": most,
        },
    ).fetchone()
    return row[0] if row else 0


def _begin(moment: datetime, unit: str) -> datetime:
    """Return when the hour, day or month of this moment began: only whole ones are folded."""
    begin = hour_of(moment)
    if unit != "hour":
        begin = begin.replace(hour=0)
    return begin.replace(day=1) if unit == "month" else begin


def _merged(rows: Iterable[Count]) -> list[Count]:
    """Return one row a key, in the order of the keys."""
    merged: dict[tuple[object, ...], Count] = {}
    for row in rows:
        key = (row.bucket, row.automation.encode(), row.version, row.what.encode(), row.hour)
        there = merged.get(key)
        merged[key] = row._replace(n=row.n + there.n) if there else row
    return [merged[key] for key in sorted(merged)]
