"""Sources: declared in a file, or discovered when they first speak; followed by their rhythm.

Promise: hearing a million events of a source is one line written every few seconds.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain.core.duration import span_of
from terrain.core.fact import SourceKind
from terrain.core.silence import usual_gap, with_gap
from terrain.flow.yaml_file import FileRefusal, Node, Reading, read
from terrain.store import sources
from terrain.store.sources import Source

ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def read_file(path: Path) -> tuple[list[Source], list[FileRefusal]]:
    """Return the sources that a file declares, or what is wrong with it.

    shop: {kind: transaction, every: 1 hour}
    """
    root, reading = read(path)
    if root is None:
        return [], reading.problems
    given = reading.mapping(root, "sources")
    found = [_declared(name, node, reading) for name, node in given.items()]
    return ([] if reading.problems else found), reading.problems


def declare(db: Connection, declared: Iterable[Source]) -> None:
    """Write down what these sources are, where that is news."""
    known = {source.name: source for source in sources.every(db)}
    for source in declared:
        before = known.get(source.name)
        same = before and (before.declared, before.kind, before.promised) == (
            True,
            source.kind,
            source.promised,
        )
        if not same:
            sources.declare(db, source)


def hear(db: Connection, counts: Mapping[str, int], now: datetime) -> None:
    """Write down who spoke since the last time, and how long they had been silent before."""
    known = sources.take(db, sorted(counts))
    if new := counts.keys() - known.keys():
        sources.discover(db, sorted(new), now)
        known |= sources.take(db, sorted(new))
    heard = {name: heard_again(source, counts[name], now) for name, source in known.items()}
    sources.update(db, heard)


def heard_again(source: Source, events: int, now: datetime) -> Source:
    """Return the source as it is known after it spoke."""
    gap = (now - source.last_heard).total_seconds() if source.last_heard else 0.0
    gaps = with_gap(source.gaps, gap)
    return msgspec.structs.replace(
        source,
        first_heard=source.first_heard or now,
        last_heard=max(now, source.last_heard or now),
        events=source.events + events,
        gaps=gaps,
        rhythm=usual_gap(gaps),
    )


def promised(text: object) -> float | None:
    """Return a rhythm as seconds: "1 hour", "2 jours"."""
    span = span_of(text)
    if span is None:
        return None
    return (span.after(ANY_DAY, UTC_ZONE) - ANY_DAY).total_seconds()


def _declared(name: str, node: Node, reading: Reading) -> Source:
    given = reading.keys(node, ("kind", "every"), name)
    kind, every = given.get("kind"), given.get("every")
    kinds = [each.value for each in SourceKind]
    if not kind:
        reading.missing(node, "kind", kinds)
    elif kind.value not in kinds:
        reading.unknown(kind.line, str(kind.value), kinds)
    if every and promised(every.value) is None:
        reading.wrong(every, "every", "1 hour")
    known = kind is not None and kind.value in kinds
    return Source(
        name=name,
        kind=SourceKind(kind.value) if kind and known else SourceKind.THIRD_PARTY,
        promised=promised(every.value) if every else None,
    )
