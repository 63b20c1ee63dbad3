"""Who speaks to us, since when, how much, and how they usually do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.silence import Gaps, is_silent
from terrain.store import reference

COLUMNS = "name, kind, declared, first_heard, last_heard, events, rhythm, promised, gaps"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One source. `rhythm` is its usual gap in seconds, as promised or else as heard."""

    name: str
    kind: SourceKind = SourceKind.THIRD_PARTY
    declared: bool = False
    first_heard: datetime | None = None
    last_heard: datetime | None = None
    events: int = 0
    rhythm: float | None = None
    promised: float | None = None
    gaps: Gaps = ()

    def is_silent(self, now: datetime) -> bool:
        """Say whether it normally talks and does not."""
        return is_silent(self.last_heard, self.promised or self.rhythm, now)


def every(db: Connection) -> list[Source]:
    """Return all sources by name."""
    rows = db.execute(f"SELECT {COLUMNS} FROM source ORDER BY name")
    return [_of_row(row) for row in rows]


def find(db: Connection, name: str) -> Source | None:
    """Return one source."""
    row = db.execute(f"SELECT {COLUMNS} FROM source WHERE name = %s", [name]).fetchone()
    return _of_row(row) if row else None


class Word(NamedTuple):
    """What somebody said a source is, and why."""

    name: str
    at: datetime
    kind: SourceKind
    promised: float | None
    by: str
    because: str


def keep_word(db: Connection, word: Word) -> None:
    """Keep who said what about a source, and why."""
    db.execute(
        """
        INSERT INTO source_word (name, at, kind, promised, by, because)
        VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        word,
    )


def words_about(db: Connection, name: str, most: int = 20) -> list[Word]:
    """Return what was said about a source, the last word first."""
    rows = db.execute(
        """
        SELECT name, at, kind, promised, by, because FROM source_word
         WHERE name = %s ORDER BY at DESC LIMIT %s
        """,
        [name, most],
    )
    return [Word._make((*row[:2], SourceKind(row[2]), *row[3:])) for row in rows]


def kinds(db: Connection) -> dict[str, SourceKind]:
    """Return how far each source is to be believed."""
    rows = db.execute("SELECT name, kind FROM source").fetchall()
    return {name: SourceKind(kind) for name, kind in rows}


def declare(db: Connection, source: Source) -> None:
    """Write down what a source is; what was heard of it stays."""
    db.execute(
        """
        INSERT INTO source (name, kind, declared, promised)
        VALUES (%(name)s, %(kind)s, true, %(promised)s)
        ON CONFLICT (name) DO UPDATE
           SET kind = %(kind)s, declared = true, promised = %(promised)s
        """,
        {"name": source.name, "kind": source.kind, "promised": source.promised},
    )
    reference.changed(db, "sources")


def discover(db: Connection, names: Sequence[str], now: datetime) -> None:
    """Write down sources that nobody declared, where they are new."""
    db.execute(
        """
        INSERT INTO source (name, kind, first_heard)
        SELECT name, %(kind)s, %(now)s FROM unnest(%(names)s::text[]) AS t (name)
        ON CONFLICT DO NOTHING
        """,
        {"names": sorted(names), "kind": SourceKind.THIRD_PARTY, "now": now},
    )


def take(db: Connection, names: Sequence[str]) -> dict[str, Source]:
    """Return these sources, locked until the end of the transaction."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM source WHERE name = ANY(%s) ORDER BY name FOR UPDATE",
        [list(names)],
    )
    found = [_of_row(row) for row in rows]
    return {source.name: source for source in found}


def update(db: Connection, heard: Mapping[str, Source]) -> None:
    """Write down what was heard of these sources."""
    sources = [heard[name] for name in sorted(heard)]
    db.cursor().executemany(
        """
        UPDATE source
           SET first_heard = %(first_heard)s, last_heard = %(last_heard)s,
               events = %(events)s, rhythm = %(rhythm)s, gaps = %(gaps)s
         WHERE name = %(name)s
        """,
        [msgspec.structs.asdict(each) | {"gaps": list(each.gaps)} for each in sources],
    )


def _of_row(row: tuple[Any, ...]) -> Source:
    return msgspec.convert(dict(zip(COLUMNS.split(", "), row, strict=True)), Source)
