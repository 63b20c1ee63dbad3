"""Show who speaks to us and who fell silent; say what a source is and how far to believe it."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from terrain.core.fact import SourceKind
from terrain.core.settings import GuardSettings
from terrain.core.trust import Trust
from terrain.errors import Refusal
from terrain.flow import rules, sources
from terrain.opening import opened
from terrain.store import sources as kept
from terrain.store import trust as tested
from terrain.store.sources import Source
from terrain.terminal import Terminal, speaks
from terrain.words import _, refusal_sentence, say

KINDS = click.Choice([kind.value for kind in SourceKind])


class SourcesRefused(Refusal):
    """The file has mistakes; they have been told one by one."""

    code = "sources_refused"


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show all sources, the silent ones as silent."""
    now = datetime.now(UTC)
    with opened() as (_settings, record), record.local() as db:
        found = kept.every(db)
    terminal.table(
        [_("Source"), _("Kind"), _("Events"), _("Last heard"), _("Usual gap"), _("State")],
        [_row(each, now, terminal.language) for each in found],
    )
    terminal.answer([_as_json(each, now) for each in found])


@command.command()
@click.argument("name")
@click.option("--kind", type=KINDS, required=True, help="How far it is to be believed.")
@click.option("--every", default="", help="How often it speaks at least: 1 hour, 2 days ...")
@speaks
def declare(terminal: Terminal, name: str, kind: str, every: str) -> None:
    """Say what a source is."""
    rhythm = sources.promised(every)
    if every and rhythm is None:
        raise sources.NotARhythm(field="--every", value=every, right="1 hour")
    with opened() as (_settings, record), record.local() as db, db.transaction():
        sources.declare(db, [Source(name=name, kind=SourceKind(kind), promised=rhythm)])
    terminal.say(_("The source {name} is declared."), name=name)
    terminal.answer({"declared": name})


@command.command()
@speaks
def trust(terminal: Terminal) -> None:
    """Show how often what each source says turned out wrong, the worst first."""
    with opened() as (_settings, record), record.local() as db:
        found = tested.report(db)
        constants = rules.settings(db)
    terminal.table(
        [_("Source"), _("Fact"), _("Said"), _("Put to the test"), _("Wrong"), _("State")],
        [_trusted(each, constants, terminal.language) for each in found],
    )
    terminal.answer(
        [
            msgspec.structs.asdict(each)
            | {"share_wrong": each.share_wrong, "too_much": each.is_believed_too_much(constants)}
            for each in found
        ]
    )


def _trusted(one: Trust, constants: GuardSettings, language: str) -> list[object]:
    share = "—" if one.share_wrong is None else f"{one.share_wrong:.0%}"
    state = say(language, _("believed too much")) if one.is_believed_too_much(constants) else ""
    return [one.source, one.fact, one.said, one.tested, share, state]


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@speaks
def read(terminal: Terminal, file: Path) -> None:
    """Declare all sources of a YAML file."""
    found, problems = sources.read_file(file)
    for problem in problems:
        terminal.print(refusal_sentence(terminal.language, problem))
    if problems:
        raise SourcesRefused(field="file", value=file.name, right=len(problems))
    with opened() as (_settings, record), record.local() as db, db.transaction():
        sources.declare(db, found)
    terminal.say(_("{n} sources are declared."), n=len(found))
    terminal.answer({"declared": [source.name for source in found]})


def _row(source: Source, now: datetime, language: str) -> list[object]:
    gap = source.promised or source.rhythm
    return [
        source.name,
        source.kind.value,
        source.events,
        f"{source.last_heard:%Y-%m-%d %H:%M}" if source.last_heard else "",
        f"{gap:.0f} s" if gap else "",
        say(language, _("silent")) if source.is_silent(now) else "",
    ]


def _as_json(source: Source, now: datetime) -> dict[str, object]:
    return {
        "name": source.name,
        "kind": source.kind,
        "declared": source.declared,
        "events": source.events,
        "last_heard": source.last_heard,
        "usual_gap_seconds": source.promised or source.rhythm,
        "silent": source.is_silent(now),
    }
