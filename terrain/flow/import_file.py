"""Brings an archive into the record: rows through a mapping to events, through the same door as all.

Promise: what was written and how far it came commit together, so an import that is interrupted goes
on where it stopped, and one that is done twice changes nothing. Every line that is no event is
counted with its reason and its number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from itertools import islice

import msgspec
from psycopg import Connection

from terrain.core import mapping as mappings
from terrain.core.gathering import Group, gathered
from terrain.core.mapping import Condition, Row
from terrain.errors import Refusal
from terrain.flow import sources
from terrain.flow.table import Line
from terrain.flow.take_in import Door, Message, Outcome, Result, misfit, take_in
from terrain.store import imports, trays
from terrain.store import sources as kept_sources
from terrain.store.imports import Import
from terrain.store.sources import Source

TOGETHER = 1_000
LINES_SHOWN = 5


class LateForItsGroup(Refusal):
    """A row came when its group had been taken as complete."""

    code = "late_for_its_group"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What became of some lines of the file: messages, or the reason why there are none."""

    lines: list[int]
    messages: tuple[bytes, ...] = ()
    left_out: str = ""
    refusal: Refusal | None = None
    payload: bytes = b""


class Report(msgspec.Struct, kw_only=True):
    """What an import came to. `left_out` and `refused` count lines by reason; the first are named."""

    lines: int = 0
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    first_lines: dict[str, list[int]] = msgspec.field(default_factory=lambda: defaultdict(list))
    sentences: dict[str, Refusal] = msgspec.field(default_factory=dict)

    def count(self, step: Step) -> None:
        """Add what became of these lines."""
        self.lines += len(step.lines)
        reason = step.refusal.code if step.refusal else step.left_out
        if not reason:
            return
        (self.refused if step.refusal else self.left_out)[reason] += len(step.lines)
        if step.refusal:
            self.sentences.setdefault(reason, step.refusal)
        first = self.first_lines[reason]
        first += step.lines[: LINES_SHOWN - len(first)]


def id_of(file_digest: str, mapping: mappings.Mapping) -> str:
    """Return the name of this file through this mapping."""
    said = msgspec.json.encode((file_digest, mapping), order="sorted")
    return blake2b(said, digest_size=16).hexdigest()


def steps_of(mapping: mappings.Mapping, lines: Iterable[Line]) -> Iterator[Step]:
    """Yield what becomes of each line; the same file gives the same steps, always."""
    aside: list[Step] = []
    met: set[tuple[object, ...]] = set()
    for group in gathered(_kept(mapping, lines, aside), mapping.group, mapping.within):
        yield from aside
        aside.clear()
        yield _step(mapping, group, met)
    yield from aside


def busy_in(mapping: mappings.Mapping, lines: Iterable[Line]) -> Mapping[Condition, frozenset[str]]:
    """Return the values that the mapping calls busier than the rest."""
    asked = [each for rule in mapping.leave_out for each in rule.when if each.busier_than]
    counted: dict[Condition, dict[str, set[str]]] = {each: defaultdict(set) for each in asked}
    for line in lines if asked else ():
        for each in asked:
            value = line.row.get(each.column)
            if value is not None:
                counted[each][str(value)].add(str(line.row.get(each.counting)))
    return {
        each: frozenset(
            value for value, counts in found.items() if len(counts) > (each.busier_than or 0)
        )
        for each, found in counted.items()
    }


def declare(db: Connection, mapping: mappings.Mapping) -> None:
    """Write down what kind of source this archive is, unless somebody has said so before."""
    if mapping.source not in {source.name for source in kept_sources.every(db) if source.declared}:
        kept_sources.declare(db, Source(name=mapping.source, kind=mapping.kind))


def write(
    db: Connection, job: Import, source: str, steps: Iterator[Step], door: Door
) -> Iterator[tuple[Import, list[Step]]]:
    """Write what this import has not written yet, some at a time; yield how far it came.

    Each part is a transaction of its own. What was written before is yielded all the same, unwritten.
    """
    before = 0
    while part := list(islice(steps, TOGETHER)):
        begin = max(0, job.steps - before)
        before += len(part)
        if fresh := part[begin:]:
            job, told = _write_part(db, job, source, fresh, door)
            part = part[:begin] + told
        yield job, part


def end(db: Connection, job: Import, source: str, now: datetime) -> Import:
    """Mark an import as done; the source was heard once, however much it said."""
    done = msgspec.structs.replace(job, ended_at=now)
    with db.transaction():
        imports.save(db, done)
        sources.hear(db, {source: job.events}, now)
    return done


def _write_part(
    db: Connection, job: Import, source: str, part: list[Step], door: Door
) -> tuple[Import, list[Step]]:
    now = job.started_at
    messages = [Message(raw=raw, archive=True) for step in part for raw in step.messages]
    refused = [misfit(source, step.refusal, _with_lines(step)) for step in part if step.refusal]
    with db.transaction():
        results = take_in(db, messages, source, now, door)
        outcomes = Counter(result.outcome for result in results)
        trays.put(db, refused, now)
        done = msgspec.structs.replace(
            job,
            steps=job.steps + len(part),
            events=job.events + outcomes[Outcome.TAKEN],
            seen=job.seen + outcomes[Outcome.SEEN],
            refused=job.refused + outcomes[Outcome.REFUSED] + len(refused),
        )
        imports.save(db, done)
    door.known.committed()
    answers = iter(results)
    return done, [_as_answered(step, list(islice(answers, len(step.messages)))) for step in part]


def _as_answered(step: Step, results: list[Result]) -> Step:
    """Return the step with what the door had against it: a line refused there is refused, too."""
    refusal = next((result.refusal for result in results if result.refusal), None)
    return msgspec.structs.replace(step, refusal=refusal) if refusal else step


def _with_lines(step: Step) -> bytes:
    return msgspec.json.encode({"lines": step.lines}) + b"\n" + step.payload


def _kept(
    mapping: mappings.Mapping, lines: Iterable[Line], aside: list[Step]
) -> Iterator[tuple[int, Row]]:
    """Yield the rows that may be events; put the others aside."""
    for line in lines:
        refusal = line.refusal
        because = None
        if not refusal:
            try:
                because = mappings.left_out(mapping, line.row)
            except Refusal as wrong:
                refusal = wrong
        if refusal:
            aside.append(_refused([line.number], refusal, [line.row]))
        elif because:
            aside.append(Step(lines=[line.number], left_out=because))
        else:
            yield line.number, line.row


def _step(mapping: mappings.Mapping, group: Group, met: set[tuple[object, ...]]) -> Step:
    try:
        if group.late:
            raise LateForItsGroup(value=group.rows[0].get(mapping.group), right=mapping.within)
        who = mappings.customer_of(mapping, group.rows[0])
        said = mappings.messages_of(mapping, group.rows, met=who in met)
    except Refusal as refusal:
        return _refused(group.lines, refusal, group.rows)
    met.add(who)
    return Step(lines=group.lines, messages=tuple(msgspec.json.encode(each) for each in said))


def _refused(lines: list[int], refusal: Refusal, rows: Iterable[Row]) -> Step:
    payload = b"\n".join(msgspec.json.encode(row) for row in rows)
    return Step(lines=lines, refusal=refusal, payload=payload)
