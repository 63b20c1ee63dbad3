"""Find everybody whom a faulty automation touched, make good, and tell it on one page.

The steps: new, prepare, preview, approve, send. `new` stops what still runs and what is still queued; nothing is
sent that was not previewed, and above a set number of people somebody else than its writer approves it.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec

from terrain.core.recall import Recall
from terrain.flow import (
    making_good,
    recall,
    recall_look,
    recall_preview,
    recall_said,
    recall_told,
    recall_typed,
    reference,
)
from terrain.flow.explanation import because
from terrain.flow.recall import Approval, Opening, Prepared
from terrain.flow.recall_said import Reader
from terrain.flow.spoken import moment_said
from terrain.opening import opened
from terrain.store import recalls
from terrain.store.recalled import Recalled
from terrain.terminal import Terminal, at_the_terminal, speaks
from terrain.words import _, say

DAY, MINUTE = "%Y-%m-%d", "%Y-%m-%dT%H:%M"
WHO = "Who does it; you, unless somebody is named."


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show the recalls, the latest first."""
    with opened() as (settings, record), record.local() as db:
        found = recalls.latest(db)
    zone = ZoneInfo(settings.time_zone)
    terminal.table(
        [_("Recall"), _("Automation"), _("State"), _("Opened"), _("Why")],
        [
            [
                one.recall_id,
                one.automation,
                say(terminal.language, recall_said.STATES[one.state]),
                moment_said(one.opened_at, terminal.language, zone),
                one.because,
            ]
            for one in found
        ],
    )
    terminal.answer([_plain(one) for one in found])


@command.command()
@click.argument("automation")
@click.option("--because", required=True, help="What went wrong, for everybody who reads it later.")
@click.option("--since", required=True, type=click.DateTime((DAY, MINUTE)), help="From when on.")
@click.option("--until", type=click.DateTime((DAY, MINUTE)), help="Until when; now, unless said.")
@click.option("--version", type=int, default=0, help="Of which version; of any, unless said.")
@click.option("--fact", default="", help="Only where a decision relied on this fact.")
@click.option("--value", default=None, help="And on this value of it (JSON, or a text).")
@click.option(
    "--segment", default="", help="Only whom this describes, as in a file: 'country: FR'."
)
@click.option("--flag", "flag_id", type=int, default=0, help="The flag that it follows from.")
@click.option("--by", default=at_the_terminal, help=WHO)
@speaks
def new(terminal: Terminal, /, automation: str, **said: Any) -> None:
    """Open a recall: stop what is queued, and find everybody touched."""
    now = datetime.now(UTC)
    with opened() as (settings, record):
        zone = ZoneInfo(settings.time_zone)
        opening = Opening(
            automation=automation,
            **said
            | {
                "since": said["since"].replace(tzinfo=zone),
                "until": said["until"].replace(tzinfo=zone) if said["until"] else None,
                "value": _value(said["value"]),
            },
        )
        with record.local() as db, db.transaction():
            house = reference.house(db, settings)
            opened_one = recall.open_recall(db, opening, house, settings, now)
        while recall_look.look_on(record, house, opened_one.recall_id, now):
            pass
        with record.local() as db:
            found = recall.known(db, opened_one.recall_id)
            facts = recall_told.facts(db, found.recall_id)
    terminal.say(_("Recall {number} is open."), number=str(found.recall_id))
    _tell(terminal, found, facts, Reader(terminal.language, zone, house.catalogue))


@command.command()
@click.argument("recall_id", type=int)
@click.option("--people", is_flag=True, help="Everybody it is about, too.")
@speaks
def show(terminal: Terminal, recall_id: int, people: bool) -> None:
    """Tell a recall as one page of facts, for a regulator or a board."""
    with opened() as (settings, record), record.local() as db:
        found = recall.known(db, recall_id)
        facts = recall_told.facts(db, recall_id)
        each = list(recall_told.everybody(db, recall_id)) if people else []
        catalogue = reference.house(db, settings).catalogue
    if people:
        facts |= {"each": [msgspec.to_builtins(one) for one in each]}
    reader = Reader(terminal.language, ZoneInfo(settings.time_zone), catalogue)
    _tell(terminal, found, facts, reader)
    if people:
        terminal.print("")
        terminal.table(
            [_("Customer"), _("How it stands with them"), _("Why"), _("Since")],
            [_of_one(one, reader) for one in each],
        )


@command.command()
@click.argument("recall_id", type=int)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", default=at_the_terminal, help=WHO)
@speaks
def prepare(terminal: Terminal, recall_id: int, file: Path, by: str) -> None:
    """Say what makes good, by a FILE: kind, and words in each language or what it needs."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        remedy = recall_typed.remedy_in(file.read_text("utf-8", "replace"), file.name)
        house = reference.house(db, settings)
        said = Prepared(remedy=remedy, by=by)
        prepared = recall.prepare(db, recall_id, said, house, datetime.now(UTC))
    terminal.say(_("Recall {number} is prepared; preview it next."), number=str(recall_id))
    terminal.answer(_plain(prepared))


@command.command()
@click.argument("recall_id", type=int)
@speaks
def preview(terminal: Terminal, recall_id: int) -> None:
    """Show what five real customers would get. Nothing is sent."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        house = reference.house(db, settings)
        shown = recall_preview.preview(db, recall_id, house, settings, datetime.now(UTC))
    for one in shown:
        would = say(terminal.language, recall_said.FORESEEN[one.verdict])
        why = one.refused.get(terminal.language) or because(one.because, terminal.language)
        terminal.print(f"— {one.called or one.customer}: {would}. {why}")
        terminal.print(f"{one.subject}\n{one.text}" if one.text else "")
    terminal.answer(shown)


@command.command()
@click.argument("recall_id", type=int)
@click.option("--by", default=at_the_terminal, help=WHO)
@speaks
def approve(terminal: Terminal, recall_id: int, by: str) -> None:
    """Agree to what makes good; above a set number of people, somebody else than its writer."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        approved = recall.approve(db, recall_id, Approval(by=by), settings, datetime.now(UTC))
    terminal.say(_("Recall {number} is approved; send it next."), number=str(recall_id))
    terminal.answer(_plain(approved))


@command.command()
@click.argument("recall_id", type=int)
@click.option("--by", default=at_the_terminal, help=WHO)
@speaks
def send(terminal: Terminal, recall_id: int, by: str) -> None:
    """Have the workers make good to everybody, each through the guard."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        sent = recall.send(db, recall_id, by, datetime.now(UTC))
    terminal.say(_("{n} people are made good to, as the guard allows."), n=sent.people)
    terminal.answer({"recall": str(recall_id), "people": sent.people})


@command.command()
@click.argument("recall_id", type=int)
@click.option("--because", required=True, help="Why, for everybody who reads it later.")
@click.option("--by", default=at_the_terminal, help=WHO)
@speaks
def stop(terminal: Terminal, recall_id: int, because: str, by: str) -> None:
    """Stop a recall, and what of it is still queued."""
    now = datetime.now(UTC)
    with opened() as (_settings, record):
        with record.local() as db, db.transaction():
            recall.stop(db, recall_id, by, because, now)
        people = 0
        while some := making_good.halt(record, recall_id, now):
            people += some
    terminal.say(_("The recall is stopped; {n} people get nothing more of it."), n=people)
    terminal.answer({"recall": str(recall_id), "stopped": people})


def _tell(terminal: Terminal, found: Recall, facts: dict[str, Any], reader: Reader) -> None:
    """Print the page of facts, one to a line."""
    for called, said in recall_said.lines(found, facts, reader):
        terminal.print(f"{called[:1].upper()}{called[1:]}: {said}")
    terminal.answer(facts)


def _of_one(one: Recalled, reader: Reader) -> list[object]:
    return [
        one.customer_id,
        reader.says(recall_said.FATES[one.state]),
        because(one.because, reader.language) if one.because else "",
        reader.moment(one.reached_at or one.made_at),
    ]


def _value(text: str | None) -> Any:
    """Return what was typed as the value it means: `true`, `12`, or else the text itself."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _plain(one: Recall) -> object:
    return msgspec.to_builtins(one)
