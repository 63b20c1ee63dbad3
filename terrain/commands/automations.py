"""See, pause, resume, publish, propose and approve automations.

What a file in the folder changes runs as soon as it is saved, unless it reaches a phone or further:
then somebody has to approve it, here or on the page. A pause holds whatever the automation wants to
do, at once and also for what is already under way; nobody loses their place. Publishing again what
says the same makes no new version.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from psycopg import Connection

from terrain.core.approval import Origin, Signature, furthest
from terrain.core.breaker import How, Resuming
from terrain.core.catalogue import Catalogue
from terrain.core.difference import difference, is_cosmetic
from terrain.core.promise import facts_of, start_said
from terrain.core.sentence import say_name
from terrain.flow import folder, proposals, reference, versions
from terrain.flow.proposals import Change
from terrain.flow.yaml_file import LARGEST
from terrain.opening import opened
from terrain.store import automations as kept
from terrain.store import proposals as proposed
from terrain.store.automations import Listed
from terrain.store.proposals import Proposal
from terrain.terminal import Terminal, at_the_terminal, speaks
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
@click.option(
    "--by", default=at_the_terminal, help="Who lets it go on; you, unless somebody is named."
)
@click.option("--because", default="", help="Why; needed where it was stopped for doing harm.")
@click.option(
    "--new-version", "how", flag_value=How.NEW_VERSION.value, help="It says something else now."
)
@click.option(
    "--bound-was-wrong", "how", flag_value=How.BOUND_WAS_WRONG.value, help="It did no harm."
)
@speaks
def resume(terminal: Terminal, name: str, by: str, because: str, how: str | None) -> None:
    """Let a stopped automation go on; what did harm says why, and what is different now."""
    said = Resuming(by=by, because=because, how=How(how) if how else How.GOES_ON)
    with opened() as (_settings, record), record.local() as db, db.transaction():
        resumed = versions.resume(db, name, datetime.now(UTC), said)
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
    for name in done.waiting:
        terminal.say(_("{name} reaches too far to go live by being saved: it waits."), name=name)
    for name in done.older:
        terminal.say(_("{name}: the file is older than what runs, and changes nothing."), name=name)
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


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", required=True, help="Who proposes it.")
@click.option("--because", required=True, help="Why, for whoever reads it later.")
@speaks
def propose(terminal: Terminal, file: Path, by: str, because: str) -> None:
    """Propose a file as a new version; nothing of it runs yet."""
    change = Change(text=_text_of(file), origin=Origin.TERMINAL)
    signed = Signature(by=by, because=because)
    with opened() as (settings, record), record.local() as db, db.transaction():
        bench = proposals.workshop(db, settings)
        proposal = proposals.propose(db, change, bench, signed, datetime.now(UTC))
        words = _difference(db, proposal, terminal.language, bench.catalogue)
    terminal.say(_("Proposed: {name}. It waits until somebody approves it."), name=proposal.name)
    _tell(terminal, words)
    terminal.answer({"proposal": proposal, "difference": words})


@command.command()
@click.argument("name")
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@speaks
def diff(terminal: Terminal, name: str, file: Path | None) -> None:
    """Say in words what a file, or else the version that waits, would change."""
    with opened() as (settings, record), record.local() as db:
        bench = proposals.workshop(db, settings)
        listed = versions.known(db, name)
        live = kept.version(db, name, listed.live_version)
        if file is not None:
            said = proposals.right(proposals.checked(Change(text=_text_of(file), name=name), bench))
        else:
            waits = proposals.the_one_that_waits(db, name)
            said = proposed.automation_of(db, waits.proposal_id)
    words = difference(live, said, terminal.language, bench.catalogue)
    cosmetic = live is not None and is_cosmetic(live, said)
    if not words:
        terminal.say(_("Nothing that acts changes: only notes, or the order of lines."))
    _tell(terminal, words)
    terminal.answer({"difference": words, "cosmetic": cosmetic, "reach": furthest(live, said)})


@command.command()
@click.argument("name")
@click.option("--by", required=True, help="Who puts it live.")
@click.option("--because", default="", help="Why; needed from a phone on.")
@speaks
def approve(terminal: Terminal, name: str, by: str, because: str) -> None:
    """Put live what waits; from a phone on somebody else than who proposed it, with a reason."""
    now, signed = datetime.now(UTC), Signature(by=by, because=because)
    with opened() as (settings, record), record.local() as db:
        with db.transaction():
            waits = _waiting(db, name)
            version = proposals.approve(db, waits, proposals.workshop(db, settings), signed, now)
        with db.transaction():
            written = folder.write_back(db, settings.automations, name, now)
    terminal.say(_("{name}, version {version}, is live."), name=name, version=version)
    if not written:
        terminal.say(_("The file in the folder could not be changed: it says something else."))
    terminal.answer({"name": name, "version": version, "folder": written})


@command.command()
@click.argument("name")
@click.option("--by", required=True, help="Who takes it back: who proposed it.")
@speaks
def withdraw(terminal: Terminal, name: str, by: str) -> None:
    """Take one's own proposal back."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        waits = _waiting(db, name)
        proposals.withdraw(db, waits, Signature(by=by), datetime.now(UTC))
    terminal.say(_("The proposal for {name} is taken back."), name=name)
    terminal.answer({"name": name, "proposal": waits.proposal_id})


@command.command()
@click.argument("name")
@click.option("--by", required=True, help="Who says no.")
@click.option("--because", required=True, help="Why not, for whoever proposed it.")
@speaks
def reject(terminal: Terminal, name: str, by: str, because: str) -> None:
    """Say no to what waits."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        waits = _waiting(db, name)
        proposals.reject(db, waits, Signature(by=by, because=because), datetime.now(UTC))
    terminal.say(_("The proposal for {name} is refused."), name=name)
    terminal.answer({"name": name, "proposal": waits.proposal_id})


def _waiting(db: Connection, name: str) -> Proposal:
    """Return what waits, as somebody at the terminal reads it: against what runs now."""
    listed = versions.known(db, name)
    return proposals.as_read(proposals.the_one_that_waits(db, name), listed.live_version)


def _difference(
    db: Connection, proposal: Proposal, language: str, catalogue: Catalogue
) -> tuple[str, ...]:
    listed = versions.known(db, proposal.name)
    live = kept.version(db, proposal.name, listed.live_version)
    return difference(live, proposed.automation_of(db, proposal.proposal_id), language, catalogue)


def _tell(terminal: Terminal, sentences: tuple[str, ...]) -> None:
    for sentence in sentences:
        terminal.print(f"· {sentence}")


def _text_of(file: Path) -> str:
    with file.open("rb") as opened_file:
        return opened_file.read(LARGEST + 1).decode("utf-8", "replace")


def _as_row(done: versions.Published) -> dict[str, Any]:
    return {
        "changed": done.changed,
        "same": done.same,
        "waiting": done.waiting,
        "older": done.older,
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
    if not one.live_version and one.refused is None:
        said.append((_("not live yet"), {}))
    return said or [(_("runs"), {})]


def _sentence(reason: dict[str, Any], language: str) -> str:
    message = reason.get("message")
    return str(message.get(language, "")) if isinstance(message, dict) else str(message)
