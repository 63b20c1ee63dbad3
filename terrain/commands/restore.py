"""Put a backup back, into a database in which nothing is yet."""

from pathlib import Path

import click

from terrain import archive, opening
from terrain.config import read
from terrain.terminal import Terminal, speaks


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@speaks
def command(terminal: Terminal, file: Path) -> None:
    with opening.with_database(read()) as settings:
        manifest = archive.restore(settings, file)
        opening.bring_up_to_date(settings.database_url)
    terminal.say(
        "Put back {n} rows, saved on {day}",
        n=sum(manifest.rows.values()),
        day=f"{manifest.made_at:%Y-%m-%d %H:%M} UTC",
    )
    terminal.answer({"file": file, "manifest": manifest})
