"""Ask whether something may be done to a customer, and have decisions explained.

`ask` takes the same JSON as POST /v1/decide, from a file or from standard input.
"""

from datetime import UTC, datetime
from typing import IO, Any

import click
import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.decision import Decision
from terrain.core.outside import Done, Wanted
from terrain.flow import customers, explanation, reference
from terrain.flow import done as doings
from terrain.flow.decide import Asker, decide, number_of
from terrain.flow.links import links_of
from terrain.flow.wire import UNREADABLE, refusal_of
from terrain.opening import opened
from terrain.store import decisions
from terrain.terminal import Terminal, speaks
from terrain.words import _

ASKER = "terminal"


@click.group()
def command() -> None:
    pass


@command.command()
@click.argument("file", type=click.File("rb"), default="-")
@speaks
def ask(terminal: Terminal, file: IO[bytes]) -> None:
    """Ask whether an act may be done; FILE holds what /v1/decide takes."""
    try:
        wanted = msgspec.json.decode(file.read(), type=Wanted)
    except UNREADABLE as error:
        raise refusal_of(error) from None
    asker = Asker(source=ASKER, language=terminal.language)
    with opened() as (settings, record), record.local() as db, db.transaction():
        answer = decide(db, reference.house(db, settings), wanted, asker, datetime.now(UTC))
    terminal.print(f"{answer.verdict.value}  {answer.decision_id}")
    terminal.print(answer.sentence[terminal.language])
    for sentence in answer.explanation:
        terminal.print(f"  {sentence}")
    if answer.question is not None:
        terminal.say(_("To be asked: {question}"), question=_of(answer.question.words, terminal))
    terminal.answer(answer)


@command.command()
@click.argument("decision_id")
@speaks
def show(terminal: Terminal, decision_id: str) -> None:
    """Explain one decision: why, who said what, what would have changed it."""
    with opened() as (settings, record), record.local() as db:
        decision = doings.find(db, decision_id)
        _explain(terminal, db, settings, decision)
    terminal.answer(decision)


@command.command(name="of")
@click.argument("customer")
@speaks
def of(terminal: Terminal, customer: str) -> None:
    """List what was decided about one customer, the latest first: `of email:lea@example.org`."""
    with opened() as (settings, record), record.local() as db:
        about = customers.show(db, customer, reference.house(db, settings), datetime.now(UTC))
        found = decisions.of_customer(db, about.customer.nodes)
    terminal.table(
        [_("Decision"), _("At"), _("Automation"), _("Verdict"), _("Because")],
        [
            [
                number_of(one),
                f"{one.at:%Y-%m-%d %H:%M}",
                one.proposal.automation,
                one.verdict.value,
                explanation.reason(one, terminal.language),
            ]
            for one in found
        ],
    )
    terminal.answer(found)


@command.command(name="done")
@click.argument("decision_id")
@click.argument("done", type=click.Choice(doings.DOINGS))
@click.option("--outcome", default="", help="What came of it, in your own words.")
@speaks
def done_(terminal: Terminal, decision_id: str, done: str, outcome: str) -> None:
    """Write down what was done after asking."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        said = Done(done=done, outcome=outcome)
        doer = doings.Doer(reference.house(db, settings), links_of(settings))
        recorded = doings.record(db, decision_id, said, doer, datetime.now(UTC))
    terminal.say(_("Written down: {done}."), done=recorded.done)
    terminal.answer(recorded)


def _explain(terminal: Terminal, db: Connection, settings: Settings, decision: Decision) -> None:
    house = reference.house(db, settings)
    zone = house.company.zone
    terminal.print(f"{decision.verdict.value}  {number_of(decision)}  {decision.at:%Y-%m-%d %H:%M}")
    for sentence in explanation.sentences(decision, house.catalogue, terminal.language, zone):
        terminal.print(f"  {sentence}")


def _of(words: dict[str, str], terminal: Terminal) -> Any:
    return words.get(terminal.language) or next(iter(words.values()), "")
