"""Print every setting, what it is for, and what it is set to."""

import click

from terrain import config
from terrain.terminal import Terminal, speaks


@click.command()
@speaks
def command(terminal: Terminal) -> None:
    settings = config.read()
    rows = [(each, shown(each, getattr(settings, each.name))) for each in config.descriptions()]
    for each, value in rows:
        terminal.print(f"{each.variable}={value}\n    {each.sentences[terminal.language]}")
    terminal.answer(
        [{"variable": e.variable, "value": value, "sentences": e.sentences} for e, value in rows]
    )


def shown(setting: config.Description, value: object) -> str:
    return "…" if setting.secret and value else str(value)
