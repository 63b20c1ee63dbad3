"""Bring the database's schema up to date; `terrain up` does it by itself."""

import click

from terrain import opening
from terrain.config import read
from terrain.terminal import Terminal, speaks


@click.command()
@speaks
def command(terminal: Terminal) -> None:
    with opening.with_database(read()) as settings:
        done = opening.bring_up_to_date(settings.database_url)
    if done:
        terminal.say("The schema is up to date now.")
    else:
        terminal.say("The schema was up to date already.")
    terminal.answer({"migrated": done})
