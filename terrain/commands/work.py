"""Run a worker: it decides what events ask for, and sends what may leave."""

import click

from terrain import logs, opening
from terrain.config import read
from terrain.flow import worker
from terrain.terminal import Terminal, speaks


@click.command()
@speaks
def command(terminal: Terminal) -> None:
    given = read()
    logs.configure(given)
    with opening.ready(given) as settings:
        terminal.say("At work. Ctrl-C stops it once what is in flight is done.")
        worker.run(settings)
