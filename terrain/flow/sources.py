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
from terrain.core.trust import Trust
from terrain.errors import Refusal
from terrain.flow.yaml_file import FileRefusal, Node, Reading, read
from terrain.store import reports, sources, trust
from terrain.store.sources import Source

ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
SHORTEST, LONGEST = 3, 2_000
TRUST = "trust"
DESK = "desk"  # through which those who work here speak, on our pages and by our commands


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


def declare_desk(db: Connection) -> None:
    """Believe what staff heard nearly as far as a customer's own word, until somebody says otherwise."""
    found = sources.find(db, DESK)
    if found is None or not found.declared:
        sources.declare(db, Source(name=DESK, kind=SourceKind.STAFF_HEARD))


class UnknownSource(Refusal):
    """Nobody of this name has spoken, and nobody declared it."""

    code = "unknown_source"
    status = 404


class UnknownKind(Refusal):
    """A source is believed as far as one of these kinds is."""

    code = "unknown_source_kind"


class NotARhythm(Refusal):
    """A rhythm is a length of time."""

    code = "not_a_rhythm"


class ReasonMissing(Refusal):
    """How far a source is believed moves every decision: those who read it later ask why."""

    code = "reason_missing"


class Belief(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody wants a source to be believed, how often it is to speak at least, and why."""

    kind: str
    every: str
    by: str
    because: str


def believe(db: Connection, name: str, wanted: Belief, now: datetime) -> None:
    """Believe the source so far from now on, and keep who said so and why. What it said before stays."""
    if sources.find(db, name) is None:
        raise UnknownSource(field="source", value=name)
    if wanted.kind not in set(SourceKind):
        raise UnknownKind(
            field="kind", value=wanted.kind, right=[kind.value for kind in SourceKind]
        )
    rhythm = promised(wanted.every)
    if wanted.every and rhythm is None:
        raise NotARhythm(field="every", value=wanted.every, right="1 hour")
    if not SHORTEST <= len(wanted.because) <= LONGEST:
        raise ReasonMissing(field="because", right=f"{SHORTEST}–{LONGEST}")
    kind = SourceKind(wanted.kind)
    sources.declare(db, Source(name=name, kind=kind, promised=rhythm))
    sources.keep_word(db, sources.Word(name, now, kind, rhythm, wanted.by, wanted.because))


def reckon(db: Connection, now: datetime) -> None:
    """Count how often each source was right and wrong, for pages to show: it looks over every claim."""
    found = [msgspec.to_builtins(each) for each in trust.report(db)]
    reports.save(db, reports.Report(TRUST, now, {"trust": found}))


class Reckoned(msgspec.Struct, frozen=True):
    """How often sources were right and wrong, as it was counted last."""

    at: datetime
    trust: list[Trust]


def reckoned(db: Connection) -> Reckoned | None:
    """Return what was counted last."""
    report = reports.find(db, TRUST)
    if report is None:
        return None
    return Reckoned(report.made_at, msgspec.convert(report.body["trust"], list[Trust]))


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
