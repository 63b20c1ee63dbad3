"""Play eighteen months in a little shop, and tell what happened.

Without --load everything stays in memory. With --load the shop is played into the record, which must
be empty, and goes on from there. --naive tells only what the shop without the guard did.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import click
from psycopg import Connection

from terrain.demo import shop, telling
from terrain.demo.ledger import SHOWN
from terrain.demo.load import load
from terrain.demo.report import LABELS
from terrain.demo.world import EIGHTEEN_MONTHS
from terrain.errors import Refusal
from terrain.opening import opened
from terrain.terminal import Terminal, speaks
from terrain.words import _


class RecordNotEmpty(Refusal):
    """Made-up customers never come among real ones."""

    code = "record_not_empty"
    status = 409


@click.command()
@click.option("--load", "into_record", is_flag=True, help="Play it into the record, for the pages.")
@click.option("--naive", "naively", is_flag=True, help="Tell only what the naive shop did.")
@speaks
def command(terminal: Terminal, *, into_record: bool, naively: bool) -> None:
    now = datetime.now(UTC)
    today = now.date()
    if naively:
        tell_the_naive(terminal, today)
        return
    body = play_into_the_record(now) if into_record else telling.tell(shop.house(), begun(today))
    show(terminal, body)
    terminal.answer(body)


def begun(today: date) -> date:
    return today - timedelta(days=EIGHTEEN_MONTHS)


def play_into_the_record(now: datetime) -> dict[str, Any]:
    with opened() as (settings, record), record.local() as db:
        refuse_real_customers(db)
        return load(db, settings, now)


def refuse_real_customers(db: Connection) -> None:
    if db.execute("SELECT FROM event LIMIT 1").fetchone() is not None:
        raise RecordNotEmpty(field="--load", right="TERRAIN_DATA, TERRAIN_DATABASE_URL")


def tell_the_naive(terminal: Terminal, today: date) -> None:
    account = telling.naive_account(shop.house(), begun(today))
    rows = [(LABELS[what][terminal.language], account.felt.get(what, 0)) for what in SHOWN]
    terminal.table([_("What happened"), _("How often")], rows)
    terminal.say(_("Harm: {harm} points; value: {value}."), harm=account.harm, value=account.value)
    terminal.answer({"felt": account.felt, "harm": account.harm, "value": account.value})


def show(terminal: Terminal, body: dict[str, Any]) -> None:
    """Print a report as the page shows it."""
    language = terminal.language
    terminal.print(f"{body['title'][language]}\n\n{body['intro'][language]}")
    for section in body["sections"]:
        terminal.print(f"\n{section['title'][language]}\n")
        for paragraph in section.get("paragraphs", ()):
            terminal.print(paragraph[language])
        if table := section.get("table"):
            head = [cell[language] for cell in table["head"]]
            terminal.table(head, [[_cell(cell, language) for cell in row] for row in table["rows"]])


def _cell(cell: object, language: str) -> object:
    return cell[language] if isinstance(cell, dict) else cell
