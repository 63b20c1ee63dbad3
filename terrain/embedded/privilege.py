"""Who PostgreSQL runs as, and how it is made to die with its parent.

Promise: nothing that is not ours is opened to anybody; what cannot be reached is refused instead.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from terrain.embedded.refusals import UnreachableFolder

UNPRIVILEGED = "nobody"
PR_SET_PDEATHSIG = 1

# Looked up before any fork: between fork and exec, nothing may be imported or allocated.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def account() -> pwd.struct_passwd | None:
    """Return the account to give way to: PostgreSQL refuses to run as root."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def popen_as(account: pwd.struct_passwd | None) -> Mapping[str, Any]:
    """Return the arguments of Popen that make the child this account's."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def dying_with(parent: int, sent: signal.Signals) -> Callable[[], None]:
    """Return what a child calls before exec, so that it gets this signal when its parent dies.

    It must run after the change of user (which forgets the wish), hence as a preexec_fn; and the
    child must be started by the main thread: the kernel means the thread when it says parent.
    What runs here calls one function that was looked up before, so a fork beside threads is safe.
    """

    def ask_for_it() -> None:
        if _PRCTL is not None:
            _PRCTL(PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
            if os.getppid() != parent:  # died in between
                os._exit(1)

    return ask_for_it


def give(path: Path, account: pwd.struct_passwd | None, mode: int) -> Path:
    path.chmod(mode)
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)
    return path


def can_reach(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Tell whether the account may walk down to this folder."""
    return account is None or all(_may_enter(each, account) for each in (path, *path.parents))


def must_reach(path: Path, account: pwd.struct_passwd | None) -> None:
    if not can_reach(path, account):
        raise UnreachableFolder(field="TERRAIN_DATA", value=path, right="/var/lib/terrain")


def _may_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    if not folder.exists():
        return True  # it will be ours to make
    seen = folder.stat()
    if seen.st_uid == account.pw_uid:
        return bool(seen.st_mode & 0o100)
    return bool(seen.st_mode & (0o010 if seen.st_gid == account.pw_gid else 0o001))
