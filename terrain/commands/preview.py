"""Show what an automation would do for one customer, or how many people it would reach now.

    terrain preview filter-reminder
    terrain preview filter-reminder lea@example.org
    terrain preview filter-reminder lea@example.org --when order.delivered --with '{"order": "17"}'

Nothing is written and nothing leaves.
"""

from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from psycopg import Connection

from terrain import words
from terrain.core.automation import Automation, StartOnDate, StartOnEvent
from terrain.core.condition import All, Condition, Holds, Op
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import new_id
from terrain.core.schedule import Calendar
from terrain.flow import customers, preview, reference, versions
from terrain.opening import opened
from terrain.store import segments
from terrain.terminal import Terminal, speaks
from terrain.words import _


@click.command()
@click.argument("automation")
@click.argument("customer", required=False)
@click.option("--when", help="As if this event happened to the customer now.")
@click.option("--with", "said", default="{}", help="What the event says, in JSON.")
@click.option("--days", default=preview.DAYS, show_default=True, help="How far to look ahead.")
@speaks
def command(terminal: Terminal, /, automation: str, customer: str | None, **how: Any) -> None:
    now = datetime.now(UTC)
    with opened() as (settings, record), record.local() as db:
        _listed, found = versions.live_automation(db, automation)
        house = preview.alone(reference.house(db, settings), found)
        if customer is None:
            _count(terminal, _counted(db, found, house, now))
            return
        person = customers.show(db, customer, house, now).customer
    events = _events(how["when"], how["said"], house, now)
    alone = preview.only_runs_of(person, automation)
    decisions = list(preview.foresee(alone, events, house, now, how["days"]))
    _tell(terminal, decisions)
    terminal.answer([_row(each) for each in decisions])


def _counted(db: Connection, automation: Automation, house: House, now: datetime) -> list[int]:
    return [
        segments.count(db, _described(start), house.catalogue, now)
        for start in automation.starts
        if not isinstance(start, StartOnEvent)
    ]


def _described(start: Calendar) -> Condition:
    if not isinstance(start, StartOnDate):
        return start.condition
    return All((start.condition, Holds(name=start.date, op=Op.KNOWN, value=True)))


def _count(terminal: Terminal, counts: list[int]) -> None:
    if not counts:
        terminal.say(
            _("It starts when something happens; name a customer to see what would follow.")
        )
    for n in counts:
        terminal.say(_("Right now {n} people are described by what starts it."), n=n)
    terminal.answer({"described_now": counts})


def _events(when: str | None, said: str, house: House, now: datetime) -> tuple[Event, ...]:
    if when is None:
        return ()
    try:
        properties = msgspec.json.decode(said, type=dict[str, Any])
    except msgspec.MsgspecError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--with") from None
    name = house.catalogue.event_names.get(when, when)
    number = new_id(now)
    return (
        Event(
            message_id=f"preview:{number}",
            event_id=number,
            name=name,
            at=now,
            received_at=now,
            source="preview",
            properties=properties,
        ),
    )


def _tell(terminal: Terminal, decisions: list[Decision]) -> None:
    if not decisions:
        terminal.say(_("Nothing would happen."))
        return
    terminal.table(
        [_("Day"), _("What"), _("Verdict"), _("Why")],
        [
            [
                f"{each.at:%Y-%m-%d %H:%M}",
                each.proposal.name,
                each.verdict.value,
                words.catalogue(terminal.language).pgettext("because", each.because),
            ]
            for each in decisions
        ],
    )


def _row(decision: Decision) -> dict[str, Any]:
    return {
        "at": decision.at,
        "step": decision.proposal.step,
        "act": decision.proposal.act,
        "name": decision.proposal.name,
        "subject": decision.proposal.subject,
        "verdict": decision.verdict,
        "because": decision.because,
        "certainty": decision.weighing.certainty if decision.weighing else None,
        "needs": decision.weighing.needs if decision.weighing else None,
    }
