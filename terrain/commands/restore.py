"""Put a backup back, into a database in which nothing is yet; who was erased since stays erased.

Terrain knows who was erased by the list in its data folder; where that is lost too, bring one with --erased
(`terrain customers erased --to FILE`).
"""

from collections.abc import Sequence
from pathlib import Path

import click

from terrain import archive, opening
from terrain.archive import Manifest
from terrain.config import Settings, read
from terrain.flow import forgetting, reference
from terrain.store.connection import one_connection
from terrain.store.erasures import Erased
from terrain.terminal import Terminal, speaks


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--erased",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A list of who was erased.",
)
@speaks
def command(terminal: Terminal, file: Path, erased: Path | None) -> None:
    given = read()
    listed = _listed(given, erased)
    with opening.with_database(given) as settings:
        manifest = archive.restore(settings, file)
        opening.bring_up_to_date(settings.database_url)
        again = _erase_again(settings, listed, manifest)
    terminal.say(
        "Put back {n} rows, saved on {day}",
        n=sum(manifest.rows.values()),
        day=f"{manifest.made_at:%Y-%m-%d %H:%M} UTC",
    )
    if again:
        terminal.say("{n} customers in it had been erased since, and are erased again.", n=again)
    terminal.answer({"file": file, "manifest": manifest, "erased_again": again})


def _listed(settings: Settings, brought: Path | None) -> list[Erased]:
    """Return who was erased, as far as is known outside of the record."""
    files = [settings.data / forgetting.FILE, *([brought] if brought else [])]
    return [one for file in files if file.exists() for one in forgetting.read_list(file)]


def _erase_again(settings: Settings, listed: Sequence[Erased], manifest: Manifest) -> int:
    late = [one for one in listed if one.at > manifest.made_at]
    with one_connection(settings.database_url) as db:
        house = reference.house(db, settings)
        return forgetting.again(db, late, house, settings.data)
