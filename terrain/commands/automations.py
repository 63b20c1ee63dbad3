"""See, pause, resume and publish automations.

A pause holds whatever the automation wants to do, at once and also for what is already under way;
nobody loses their place. Publishing again what says the same makes no new version.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from terrain.core.promise import facts_of, start_said
from terrain.core.sentence import say_name
from terrain.flow import reference, versions
from terrain.opening import opened
from terrain.store import automations as kept
from terrain.store.automations import Listed
from terrain.terminal import Terminal, speaks
from terrain.words import _, refusal_in_words, refusal_sentence, say

DONE, REFUSED = 0, 1


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show all automations and how they stand."""
    with opened() as (_settings, record), record.local() as db:
        found = kept.every(db)
    terminal.table(
        [_("Automation"), _("Version"), _("Since"), _("State")],
        [
            [one.name, one.live_version, f"{one.changed_at:%Y-%m-%d %H:%M}", _state(terminal, one)]
            for one in found
        ],
    )
    terminal.answer(found)


@command.command()
@click.argument("name")
@speaks
def show(terminal: Terminal, name: str) -> None:
    """Show one automation: how it stands, and the file that runs."""
    with opened() as (settings, record), record.local() as db:
        listed, automation = versions.live_automation(db, name)
        house = reference.house(db, settings)
        file = kept.file_of(db, name, listed.live_version)
    terminal.print(f"{name}, {listed.live_version}: {_state(terminal, listed)}")
    terminal.print(automation.mandate.get(terminal.language, ""))
    for start in automation.starts:
        terminal.print(f"→ {start_said(start, terminal.language, house.catalogue)}")
    facts = [say_name(name, terminal.language, house.catalogue) for name in facts_of(automation)]
    terminal.say(_("It relies on: {facts}."), facts=", ".join(dict.fromkeys(facts)))
    for reason in listed.refused or ():
        terminal.print(_sentence(reason, terminal.language))
    terminal.print(file or "")
    terminal.answer({"listed": listed, "automation": automation, "file": file})


@command.command()
@click.argument("name")
@click.option("--by", required=True, help="Who pauses it.")
@click.option("--because", required=True, help="Why, for whoever reads it later.")
@speaks
def pause(terminal: Terminal, name: str, by: str, because: str) -> None:
    """Hold everything an automation wants to do, until it is resumed."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        paused = versions.pause(db, name, by, because, datetime.now(UTC))
    terminal.say(_("{name} is paused; what it wanted to do is held."), name=name)
    terminal.answer(paused)


@command.command()
@click.argument("name")
@speaks
def resume(terminal: Terminal, name: str) -> None:
    """Let a paused automation go on."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        resumed = versions.resume(db, name, datetime.now(UTC))
    terminal.say(_("{name} goes on; what was held is weighed again."), name=name)
    terminal.answer(resumed)


@command.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@speaks
def publish(terminal: Terminal, folder: Path | None) -> int:
    """Make the files of a folder the versions that run; each by itself, refused ones left out."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        where = folder or settings.automations
        done = versions.publish(db, where, datetime.now(UTC), settings.catalogue)
        live = {one.name: one.live_version for one in kept.every(db)}
    for problem in done.problems:
        terminal.print(refusal_sentence(terminal.language, problem))
    for name in done.changed:
        terminal.say(_("{name}, version {version}: new."), name=name, version=live[name])
    terminal.say(
        _("{n} new or changed, {same} as they were, {refused} refused, {retired} retired."),
        n=len(done.changed),
        same=len(done.same),
        refused=len(done.refused),
        retired=len(done.retired),
    )
    terminal.answer(
        {**_as_row(done), "problems": [refusal_in_words(each) for each in done.problems]}
    )
    return REFUSED if done.problems else DONE


def _as_row(done: versions.Published) -> dict[str, Any]:
    return {
        "changed": done.changed,
        "same": done.same,
        "refused": done.refused,
        "retired": done.retired,
    }


def _state(terminal: Terminal, one: Listed) -> str:
    return " · ".join(say(terminal.language, words, **values) for words, values in _states(one))


def _states(one: Listed) -> list[tuple[str, dict[str, Any]]]:
    said: list[tuple[str, dict[str, Any]]] = []
    if one.retired_at:
        said.append((_("retired"), {}))
    if one.refused is not None:
        lives = one.live_version > 0
        words = _("refused: the previous version runs") if lives else _("refused: nothing runs")
        said.append((words, {}))
    if one.paused_at:
        about = {"by": one.paused_by, "because": one.paused_because}
        said.append((_("paused by {by}: {because}"), about))
    return said or [(_("runs"), {})]


def _sentence(reason: dict[str, Any], language: str) -> str:
    message = reason.get("message")
    return str(message.get(language, "")) if isinstance(message, dict) else str(message)
