"""See what was said to be wrong, with its case, and answer it.

An answer is read by whoever pulled the cord. Who that was is kept nowhere: flags are counted by automation.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import msgspec

from terrain.core.flag import Flag
from terrain.flow import answering, flagging, reference, versions
from terrain.flow.answering import Answer
from terrain.flow.cord import REASONS
from terrain.flow.explanation import sentences
from terrain.flow.flagging import Case
from terrain.flow.spoken import moment_said
from terrain.opening import opened
from terrain.store import flags
from terrain.terminal import Terminal, at_the_terminal, speaks
from terrain.words import _, say

MOST_SHOWN = 100


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@click.option("--automation", default="", help="All of one automation, answered ones too.")
@speaks
def list_(terminal: Terminal, automation: str) -> None:
    """Show the flags that wait for an answer, the oldest first."""
    with opened() as (settings, record), record.local() as db:
        found = (
            flags.of_automation(db, automation, MOST_SHOWN)
            if automation
            else flags.open_ones(db, MOST_SHOWN)
        )
        if automation and not found:
            versions.known(db, automation)
    if not found:
        terminal.say(_("Nothing is said to be wrong."))
    zone = ZoneInfo(settings.time_zone)
    terminal.table(
        [_("Flag"), _("Automation"), _("Reason"), _("Since"), _("Answer")],
        [_row(flag, terminal.language, zone) for flag in found],
    )
    terminal.answer([_plain(flag) for flag in found])


@command.command()
@click.argument("flag_id", type=int)
@speaks
def show(terminal: Terminal, flag_id: int) -> None:
    """Show one flag with the act, the decision and the facts it is about."""
    with opened() as (settings, record), record.local() as db:
        flag = flagging.known(db, flag_id)
        case = flagging.case_of(db, flag)
        catalogue = reference.house(db, settings).catalogue
    zone = ZoneInfo(settings.time_zone)
    terminal.print("  ".join(_row(flag, terminal.language, zone)))
    if flag.words:
        terminal.print(flag.words)
    if case.decision is not None:
        for said in sentences(case.decision, catalogue, terminal.language, zone):
            terminal.print(f"· {said}")
    terminal.answer(_case(flag, case))


@command.command()
@click.argument("flag_id", type=int)
@click.argument("words")
@click.option("--by", default=at_the_terminal, help="Who answers; you, unless somebody is named.")
@click.option("--goes-on", is_flag=True, help="Let the automation go on for this customer.")
@speaks
def answer(terminal: Terminal, flag_id: int, words: str, by: str, goes_on: bool) -> None:
    """Answer whoever pulled the cord."""
    said = Answer(by=by, words=words, goes_on=goes_on)
    with opened() as (_settings, record), record.local() as db, db.transaction():
        flag = answering.answer(db, flag_id, said, datetime.now(UTC))
    terminal.say(_("Flag {number} is answered."), number=str(flag_id))
    terminal.answer(_plain(flag))


def _row(flag: Flag, language: str, zone: ZoneInfo) -> list[str]:
    return [
        str(flag.flag_id),
        flag.automation,
        say(language, REASONS[flag.reason]),
        moment_said(flag.at, language, zone),
        flag.answer or "—",
    ]


def _plain(flag: Flag) -> object:
    said = msgspec.to_builtins(flag)
    return {name: value for name, value in said.items() if name not in ("puller", "said_by")}


def _case(flag: Flag, case: Case) -> object:
    return {
        "flag": _plain(flag),
        "act": msgspec.to_builtins(case.act.act) if case.act else None,
        "state": case.act.state.value if case.act else None,
        "decision": msgspec.to_builtins(case.decision) if case.decision else None,
    }
