"""Sources: declared in a file, or discovered when they first speak; followed by their rhythm.

Promise: hearing a million events of a source is one line written every few seconds.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.silence import usual_gap, with_gap
from terrain.store import sources
from terrain.store.sources import Source


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
