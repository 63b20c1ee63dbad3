"""Live the past again with today's files, to see what would have been done. Nothing is sent.

Without FILE, the past is the record's own. With FILE and --as, it is an archive that never touches
the record; where its mapping assumes consent, it is told with and without it, and needs are foreseen
from each customer's own rhythm of buying.

--parts 8 tells the past in eight processes. To share it out over machines, give it a --name: --part 3
does one part of it, --join takes parts until none is left, --merge puts the result together and
refuses while a part is missing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from terrain.commands.demo import show
from terrain.config import Settings, read
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.replay import Past
from terrain.core.rhythm import SOURCE as RHYTHM
from terrain.errors import Refusal
from terrain.flow import pasts, reference, replay, retold, trial
from terrain.flow.mapping import find, mapping_of
from terrain.flow.pasts import Archive
from terrain.flow.replay import Result
from terrain.opening import opened
from terrain.store import replays, reports
from terrain.store.connection import Record, one_connection
from terrain.store.replays import Replay
from terrain.store.reports import Report
from terrain.terminal import Terminal, speaks

REPORT = "replay"


class NameNeeded(Refusal):
    """Parts of a replay find one another by its name."""

    code = "replay_needs_a_name"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    file: Path | None
    mapping: str | None
    automations: Path | None
    until: datetime | None
    parts: int
    part: int | None
    name: str
    join: bool
    merge: bool


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--as", "mapping", help="A mapping file, or a shipped one.")
@click.option(
    "--automations", type=click.Path(path_type=Path), help="Try the files of this folder."
)
@click.option("--until", type=click.DateTime(), help="The past ends here.")
@click.option(
    "--parts", default=os.cpu_count() or 1, type=click.IntRange(1, 256), show_default=True
)
@click.option("--part", type=click.IntRange(1, 256), help="Do this part alone.")
@click.option("--name", default="", help="What the parts are found by.")
@click.option("--join", is_flag=True, help="Take parts until none is left.")
@click.option("--merge", is_flag=True, help="Put the parts together.")
@speaks
def command(terminal: Terminal, /, **asked: Any) -> None:
    wanted = Wanted(**asked | {"parts": asked["parts"] or os.cpu_count() or 1})
    body = of_an_archive(wanted, wanted.file) if wanted.file else None
    if wanted.file is None:
        with opened() as (settings, record):
            body = of_the_record(wanted, settings, record)
    if body is not None:
        show(terminal, body)
        terminal.answer(body)


# -- an archive ---------------------------------------------------------------------------------


def of_an_archive(wanted: Wanted, file: Path) -> dict[str, Any]:
    """Tell an archive, with and without what its mapping assumes."""
    settings = read()
    mapping, problems = mapping_of(find(wanted.mapping or file.stem))
    if mapping is None:
        raise problems[0]
    kinds = {mapping.source: mapping.kind, RHYTHM: SourceKind.INFERRED}
    house = trial.house_of(wanted.automations or settings.automations, settings, kinds)
    everyone = pasts.of_archive(Archive(file=file, mapping=mapping), house)
    whole = _tell(wanted, house, everyone)
    told = {"as it is": (retold.AS_IT_IS, whole.tally)}
    if any(pasts.CONSENT in rule.assumed for rule in mapping.once):
        bare = _tell(wanted, house, [pasts.without_assumed_consent(past) for past in everyone])
        told = {
            "with": (retold.WITH_CONSENT, whole.tally),
            "without": (retold.WITHOUT_CONSENT, bare.tally),
        }
    return retold.body(told, whole.digest.hex())


def _tell(wanted: Wanted, house: House, everyone: Sequence[Past]) -> Result:
    until = wanted.until or pasts.last_moment(everyone) or datetime.now(UTC)
    until = until.astimezone(UTC) if until.tzinfo else until.replace(tzinfo=UTC)
    listened = [pasts.with_rhythm(past, until) for past in everyone]

    def of_buckets(buckets: Sequence[int]) -> Iterable[Past]:
        return pasts.in_buckets(listened, buckets)

    return replay.together(replay.in_processes(of_buckets, house, until, wanted.parts))


# -- the record ---------------------------------------------------------------------------------


def of_the_record(wanted: Wanted, settings: Settings, record: Record) -> dict[str, Any] | None:
    """Tell the record's own past; None where only parts of it were done."""
    with record.local() as db:
        house = reference.house(db, settings)
    if wanted.automations is not None:
        tried = trial.house_of(wanted.automations, settings, house.sources)
        house = msgspec.structs.replace(
            house, catalogue=tried.catalogue, versions=tried.versions, live=tried.live
        )
    if wanted.part is None and not wanted.join and not wanted.merge:
        until = wanted.until.replace(tzinfo=UTC) if wanted.until else datetime.now(UTC)
        of_buckets = _pasts_of(settings, house, until)
        whole = replay.together(replay.in_processes(of_buckets, house, until, wanted.parts))
        return _kept(record, whole)
    if not wanted.name:
        raise NameNeeded(field="--name")
    if wanted.merge:
        with record.local() as db:
            whole = replay.merge(db, wanted.name)
        return _kept(record, whole)
    _do_parts(wanted, settings, record, house)
    return None


def _do_parts(wanted: Wanted, settings: Settings, record: Record, house: House) -> None:
    """Do one part, or part after part; each is written down as soon as it is done."""
    begun = _begin(wanted, record, house)
    of_buckets = _pasts_of(settings, house, begun.until)
    part = wanted.part or _claim(record, begun.name)
    while part is not None:
        buckets = replay.buckets_of(part, begun.parts)
        result = replay.tell(of_buckets(buckets), house, begun.until, part)
        with record.local() as db, db.transaction():
            replay.keep(db, begun.name, result, datetime.now(UTC))
        part = None if wanted.part else _claim(record, begun.name)


def _begin(wanted: Wanted, record: Record, house: House) -> Replay:
    now = datetime.now(UTC)
    until = wanted.until.replace(tzinfo=UTC) if wanted.until else now
    new = Replay(wanted.name, wanted.parts, until, now, replay.fingerprint_of(house))
    with record.local() as db, db.transaction():
        return replay.begin(db, new)


def _claim(record: Record, name: str) -> int | None:
    owner = f"{socket.gethostname()}-{os.getpid()}"
    with record.local() as db, db.transaction():
        return replays.claim(db, name, owner, datetime.now(UTC))


def _pasts_of(settings: Settings, house: House, until: datetime) -> replay.Pasts:
    def of_buckets(buckets: Sequence[int]) -> Iterable[Past]:
        # Each process has a connection of its own: one that was inherited would be shared.
        with one_connection(settings.database_url) as db:
            yield from pasts.of_record(db, buckets, house, until)

    return of_buckets


def _kept(record: Record, whole: Result) -> dict[str, Any]:
    body = retold.body({"record": (retold.AS_IT_IS, whole.tally)}, whole.digest.hex())
    with record.local() as db:
        reports.save(db, Report(REPORT, datetime.now(UTC), body))
    return body
