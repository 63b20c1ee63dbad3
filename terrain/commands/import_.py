"""Bring an archive into the record, through a mapping file.

FILE is CSV or JSON Lines, also gzipped or zipped. The mapping is a YAML file, or the name of one that
is shipped (online_retail, incident_log). Importing twice changes nothing; an import that was
interrupted goes on where it stopped.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from terrain.core.mapping import Mapping, columns_of, with_busy
from terrain.errors import Refusal
from terrain.flow import import_file, table
from terrain.flow.import_file import Report, Step
from terrain.flow.mapping import find, mapping_of
from terrain.flow.spreadsheet import without_formula
from terrain.flow.take_in import door_of
from terrain.opening import opened
from terrain.store import imports
from terrain.store.imports import Import
from terrain.terminal import Terminal, speaks
from terrain.words import _, refusal_sentence


class MappingRefused(Refusal):
    """The mapping has mistakes; they have been told one by one."""

    code = "mapping_refused"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "mapping_name", required=True, help="A mapping file, or a shipped one.")
@click.option("--report", type=click.Path(path_type=Path), help="Write each refused line here.")
@speaks
def command(terminal: Terminal, file: Path, mapping_name: str, report: Path | None) -> None:
    mapping = _read(terminal, mapping_name)
    columns = columns_of(mapping)
    lines = table.lines_of(file, columns, mapping.missing)
    mapping = with_busy(mapping, import_file.busy_in(mapping, lines))
    shown = terminal.progress(
        table.lines_of(file, columns, mapping.missing),
        _("Importing"),
        total=table.count_lines(file),
    )
    now = datetime.now(UTC)
    new = Import(
        import_id=import_file.id_of(table.digest_of(file), mapping),
        file=file.name,
        mapping=mapping_name,
        started_at=now,
    )
    with opened() as (settings, record), record.conn_for(0) as db:
        import_file.declare(db, mapping)
        job = imports.begin(db, new)
        steps = import_file.steps_of(mapping, shown)
        door = door_of(settings)
        found = Report()
        for so_far, part in import_file.write(db, job, mapping.source, steps, door):
            job = so_far
            _note(found, part, report)
        job = import_file.end(db, job, mapping.source, now)
    _tell(terminal, job, found)


def _read(terminal: Terminal, name: str) -> Mapping:
    mapping, problems = mapping_of(find(name))
    for problem in problems:
        terminal.print(refusal_sentence(terminal.language, problem))
    if mapping is None:
        raise MappingRefused(field="--as", value=name, right=len(problems))
    return mapping


def _note(found: Report, part: list[Step], report: Path | None) -> None:
    begun = found.lines > 0
    for step in part:
        found.count(step)
    if report:
        with report.open("a" if begun else "w", newline="") as file:
            csv.writer(file).writerows(_rows_of(part))


def _rows_of(part: list[Step]) -> Iterator[list[object]]:
    for step in part:
        refusal = step.refusal
        for line in step.lines if refusal or step.left_out else ():
            if refusal:
                yield [
                    line,
                    refusal.code,
                    refusal.field,
                    without_formula(refusal.value),
                    refusal.right,
                ]
            else:
                yield [line, step.left_out]


def _tell(terminal: Terminal, job: Import, found: Report) -> None:
    terminal.say(
        _("{events} events are new, {seen} were known already; {lines} lines were read."),
        events=job.events,
        seen=job.seen,
        lines=found.lines,
    )
    terminal.table(
        [_("Lines"), _("Left out or refused because"), _("The first are")],
        [_reason(terminal.language, found, each) for each in (found.left_out | found.refused)],
    )
    terminal.answer({"import": job, "left_out": found.left_out, "refused": found.refused})


def _reason(language: str, found: Report, reason: str) -> list[object]:
    refusal = found.sentences.get(reason)
    words = refusal_sentence(language, refusal) if refusal else reason
    count = found.left_out[reason] + found.refused[reason]
    return [count, words, ", ".join(map(str, found.first_lines[reason]))]
