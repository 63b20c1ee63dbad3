"""Keeps an eye on the folder of automations: what is saved there is published a second later.

Promise: nobody has to remember a command after saving a file; a file with a mistake leaves its previous
version running, one that reaches too far waits for somebody to approve it, and the log and the pages say so.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from psycopg import Connection

from terrain import logs
from terrain.config import Settings
from terrain.flow import versions

Look = tuple[tuple[str, int, int], ...]

log = logs.get("automations")


class Lookout:
    """What the folder looked like when it was last published by this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: Look | None = None

    def publish(self, db: Connection, now: datetime) -> bool:
        """Publish the folder if it looks different from last time; tell whether it did."""
        look = look_of(self._settings.automations)
        if not look or look == self._seen:
            return False
        with db.transaction():
            published = versions.publish(
                db, self._settings.automations, now, self._settings.catalogue
            )
        self._seen = look
        log.info(
            "published",
            changed=published.changed,
            waiting=published.waiting,
            older=published.older,
            retired=published.retired,
            refused=published.refused,
            codes=sorted({problem.code for problem in published.problems}),
        )
        return True


def look_of(folder: Path) -> Look:
    """Return what tells one state of the folder from another: its files, their times and sizes."""
    files = sorted([*folder.rglob("*.y*ml"), *folder.rglob("*.md")])
    looks = ((str(file.relative_to(folder)), file.stat()) for file in files)
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in looks)
