"""Writes what was put live from a page back into the folder of automations, where it can.

Promise: the folder stays a first-class way: a file there says what runs, and nobody's unread change is
written over. Where it cannot be written, it is known to be older than what runs.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from psycopg import Connection

from terrain import logs
from terrain.flow.automations import place_of_files
from terrain.store import automations, folder
from terrain.store.folder import Said

log = logs.get("automations")


def write_back(db: Connection, where: Path, name: str, now: datetime) -> bool:
    """Let the folder say what runs under this name; tell whether it does."""
    listed = automations.find(db, name)
    version = listed and automations.version(db, name, listed.live_version)
    text = listed and automations.file_of(db, name, listed.live_version)
    if not version or not text:
        return False
    last = folder.last(db, name)
    file = place_of_files(where) / (last.file if last else f"{name}.yaml")
    if not _written(file, text, last.said if last else None):
        log.info("folder_is_older", automation=name)
        return False
    folder.keep(db, Said(name=name, file=file.name, said=text, digest=version.digest, seen_at=now))
    return True


def is_older(db: Connection, name: str, digest: str) -> bool:
    """Tell whether the folder says something else than the version of this digest."""
    last = folder.last(db, name)
    return last is not None and last.digest != digest


def _written(file: Path, text: str, last: str | None) -> bool:
    """Put the text in the place of what was last read there, whole or not at all."""
    try:
        there = file.read_bytes().decode("utf-8", "replace") if file.exists() else None
        if there == text:
            return True
        if there != last:
            return False  # somebody is at it, and has not been heard yet
        _replace(file, text)
    except OSError:
        return False  # a folder that is not there, or not ours to write
    return True


def _replace(file: Path, text: str) -> None:
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    with NamedTemporaryFile(
        "w", dir=file.parent, prefix=f".{file.stem}-", suffix=".new", delete=False, encoding="utf-8"
    ) as new:
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    written = Path(new.name)
    try:
        written.chmod(mode)
        written.replace(file)
    except OSError:
        with suppress(OSError):
            written.unlink()
        raise
