"""Every watch as the worker last read it, with what its meter goes on from.

Promise: a page reads rows and nothing else; what the meter goes on from stays the same size after ten years.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.act import Reach
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Cohorts, Day, Gap
from terrain.core.holdout import Comparison
from terrain.core.interval import Share
from terrain.core.look import Kept, Key
from terrain.core.signal import Signal
from terrain.core.watch import Because, Reading, State, Strongest, Watch
from terrain.store.columns import Columns

_SHOWN = (
    "first_version integer, version integer, acts bigint, bad bigint, share float8, "
    "acts_per_year float8, holdout float8, strength float8, held_acts bigint, held_bad bigint, "
    "since timestamptz, deaf_since timestamptz, "
    "at timestamptz, strongest_day date, strongest_acts bigint, strongest_bad bigint, automation text, "
    "signal text, reach text, origin text, reason text, state text, because text"
)
_ROW = Columns(f"{_SHOWN}, after_trip bigint, meter bytea")
_NAMES = Columns(_SHOWN).names
_REACHES = {str(each): each for each in Reach}
_SIGNALS = {str(each): each for each in Signal}
_ORIGINS = {str(each): each for each in Origin}
_STATES = {str(each): each for each in State}
_REASONS = {str(each): each for each in Because}


class Shown(NamedTuple):
    """One watch and what it said at `at`."""

    watch: Watch
    reading: Reading
    at: datetime


class _Meter(msgspec.Struct, frozen=True, array_like=True):
    cohorts: Cohorts
    gaps: tuple[Gap, ...]
    began: date
    held_out: tuple[Day, ...] = ()
    compared: Comparison | None = None


_decode = msgspec.msgpack.Decoder(_Meter).decode
_encode = msgspec.msgpack.Encoder().encode


def shown(db: Connection, automation: str = "") -> list[Shown]:
    """Return all watches, or those of one automation."""
    only = "WHERE automation = %s" if automation else ""
    rows = db.execute(
        f"SELECT {_NAMES} FROM watch {only}".encode(),
        [automation] if automation else [],
        binary=True,
    )
    return [Shown(*_shown(row)) for row in rows]


def uneasy(db: Connection, most: int = 100) -> list[Shown]:
    """Return the watches that are amber or can hear nothing, at most so many, the strongest first."""
    rows = db.execute(
        f"""
        SELECT {_NAMES} FROM watch
         WHERE state = 'amber' OR (state = 'grey' AND because = 'gap')
         ORDER BY strength DESC, automation, signal LIMIT %s
        """.encode(),
        [most],
        binary=True,
    )
    return [Shown(*_shown(row)) for row in rows]


def states(db: Connection, automations: Collection[str]) -> list[tuple[str, State, Because]]:
    """Return which states the watches of each of these automations are in, each once."""
    rows = db.execute(
        "SELECT DISTINCT automation, state, because FROM watch WHERE automation = ANY(%s)",
        [list(automations)],
    )
    return [(name, _STATES[state], _REASONS[because]) for name, state, because in rows]


def kinds(db: Connection) -> list[tuple[Watch, int]]:
    """Return one watch of each kind, by how far it reaches and what it goes by, with how many are like it."""
    rows = db.execute(
        f"""
        SELECT {_NAMES}, n
          FROM (SELECT *, count(*) OVER kind AS n, row_number() OVER kind AS place FROM watch
                WINDOW kind AS (PARTITION BY reach, origin, share > 0, holdout > 0)) AS w
         WHERE place = 1
        """.encode(),
        binary=True,
    )
    return [(_shown(row[:-1])[0], row[-1]) for row in rows]


def kept(db: Connection) -> list[Kept]:
    """Return all watches with what their meters go on from."""
    rows = db.execute(f"SELECT {_ROW.names} FROM watch".encode(), binary=True)
    return [_kept(row) for row in rows]


def gaps(db: Connection, automation: str) -> dict[Key, tuple[Gap, ...]]:
    """Return the days of which nothing was heard, of each watch of one automation, as far as they are open."""
    rows = db.execute(
        "SELECT first_version, signal, meter FROM watch WHERE automation = %s", [automation]
    )
    return {
        (automation, first, _SIGNALS[signal]): _decode(meter).gaps for first, signal, meter in rows
    }


def save(db: Connection, some: Iterable[Kept]) -> None:
    """Write down how these stand now."""
    rows = [_row(one) for one in some]
    if not rows:
        return
    names = _ROW.names.split(", ")
    db.execute(
        f"""
        INSERT INTO watch ({_ROW.names})
        SELECT * FROM {_ROW.unnest}
        ON CONFLICT (automation, first_version, signal) DO UPDATE
           SET {", ".join(f"{name} = EXCLUDED.{name}" for name in names)}
        """.encode(),
        _ROW.arrays(rows),
    )


def forget(db: Connection, keys: Collection[Key]) -> None:
    """Let go of watches of versions that do nothing any more."""
    rows = list(keys)
    if not rows:
        return
    db.execute(
        """
        DELETE FROM watch w
         USING unnest(%s::text[], %s::integer[], %s::text[]) AS gone (automation, first_version, signal)
         WHERE w.automation = gone.automation AND w.first_version = gone.first_version
           AND w.signal = gone.signal
        """,
        [list(column) for column in zip(*rows, strict=True)],
    )


def looked_at(db: Connection) -> datetime | None:
    """Return when all of them were last looked at."""
    row = db.execute("SELECT at FROM watch_look").fetchone()
    return row[0] if row else None


def next_look(db: Connection, now: datetime) -> int:
    """Let nobody else look meanwhile; return how many looks there were with this one."""
    row = db.execute(
        """
        INSERT INTO watch_look (one, number, at) VALUES (1, 1, %s)
        ON CONFLICT (one) DO UPDATE SET number = watch_look.number + 1, at = EXCLUDED.at
        RETURNING number
        """,
        [now],
    ).fetchone()
    assert row is not None
    return int(row[0])


# -- rows ------------------------------------------------------------------------------------------


def _row(one: Kept) -> tuple[Any, ...]:
    watch, reading = one.watch, one.reading
    compared = one.compared if watch.compares else None
    return (
        *(watch.first_version, watch.version, reading.acts, reading.bad, watch.agreed.share),
        *(watch.acts_per_year, watch.holdout, reading.strength),
        *((reading.held_out.of, reading.held_out.of_them) if reading.held_out else (None, None)),
        *(watch.since, reading.deaf_since, one.at),
        *(reading.strongest or (None, None, None)),
        *(watch.automation, str(watch.signal), str(watch.reach), str(watch.agreed.origin)),
        *(watch.agreed.reason, str(reading.state), str(reading.because), one.after_trip),
        _encode(_Meter(one.cohorts, one.gaps, one.began, one.held_out, compared)),
    )


def _shown(row: tuple[Any, ...]) -> tuple[Watch, Reading, datetime]:
    first, version, acts, bad, share, a_year, holdout, strength, held_acts, held_bad = row[:10]
    since, deaf_since, at, day, day_acts, day_bad, automation, signal, reach, origin = row[10:20]
    reason, state, because = row[20:23]
    watch = Watch(
        automation=automation,
        first_version=first,
        version=version,
        signal=_SIGNALS[signal],
        reach=_REACHES[reach],
        agreed=Agreed(share=share, origin=_ORIGINS[origin], reason=reason),
        acts_per_year=a_year,
        holdout=holdout,
        since=since,
    )
    reading = Reading(
        state=_STATES[state],
        because=_REASONS[because],
        strength=strength,
        acts=acts,
        bad=bad,
        deaf_since=deaf_since,
        strongest=None if day is None else Strongest(day, day_acts, day_bad),
        held_out=None if held_acts is None else Share(held_bad, held_acts),
    )
    return watch, reading, at


def _kept(row: tuple[Any, ...]) -> Kept:
    watch, reading, at = _shown(row)
    goes_on = _decode(row[24])
    return Kept(
        watch=watch,
        reading=reading,
        at=at,
        cohorts=goes_on.cohorts,
        held_out=goes_on.held_out,
        compared=goes_on.compared or Comparison(),
        gaps=goes_on.gaps,
        began=goes_on.began,
        after_trip=row[23],
    )
