"""Save the whole record, as it is at this moment, to one file.

Terrain may go on working meanwhile. Without FILE, the name is made of the date.
"""

from datetime import UTC, datetime
from pathlib import Path

import click

from terrain import archive, opening
from terrain.errors import Refusal
from terrain.terminal import Terminal, speaks


class FileExists(Refusal):
    """A backup never takes the place of another."""

    code = "file_exists"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@speaks
def command(terminal: Terminal, file: Path | None) -> None:
    now = datetime.now(UTC)
    file = file or Path(f"terrain-{now:%Y-%m-%dT%H%M%S}.backup")
    if file.exists():
        raise FileExists(value=file)
    with opening.opened() as (settings, _record):
        manifest = archive.save(settings, file, now)
    terminal.say("Saved {n} rows to {file}", n=sum(manifest.rows.values()), file=file)
    terminal.answer({"file": file, "manifest": manifest})
