"""The data folder of the embedded PostgreSQL: where each thing lies, and how it is first made.

Promise: a folder is either not there or whole; an interrupted first start leaves nothing behind
that a second one would trip over.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import msgspec

from terrain.config import kept_secret
from terrain.embedded import binaries
from terrain.embedded.privilege import account, give, must_reach, popen_as
from terrain.embedded.refusals import OtherVersion, UnreachableFolder, WouldNotStart

USER = "terrain"
DATABASE = "terrain"
# A socket's address holds 107 bytes, of which the file's own name takes 15.
LONGEST_SOCKET_FOLDER = 90


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server's things lie, and who it runs as."""

    path: Path
    programs: Path
    sockets: Path
    account: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.path / "postgres"

    @property
    def log(self) -> Path:
        return self.path / "postgres.log"

    def password(self) -> str:
        return kept_secret(self.path / "postgres-password")


def prepare(path: Path, *, durable: bool = True) -> Home:
    """Return the home in this folder, with a data folder that this PostgreSQL can read."""
    who = account()
    must_reach(path.absolute().parent, who)
    path.mkdir(parents=True, exist_ok=True)
    if who is not None and path.stat().st_uid == os.geteuid():
        path.chmod(path.stat().st_mode | 0o011)  # our own folder: others may pass, not look
    must_reach(path, who)
    home = Home(
        path=path,
        programs=binaries.folder_for(who, path),
        sockets=_socket_folder(path, who),
        account=who,
    )
    if home.data.exists():
        _refuse_another_version(home.data)
    else:
        _initialise(home, durable=durable)
    return home


def _refuse_another_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != str(binaries.MAJOR):
        raise OtherVersion(field=str(data), value=version, right=binaries.MAJOR)


def _initialise(home: Home, *, durable: bool) -> None:
    draft = home.path / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    give(draft, home.account, 0o700)
    password = home.sockets / "password"
    password.touch(mode=0o600)
    give(password, home.account, 0o600).write_text(home.password())
    command = [
        str(home.programs / "initdb"),
        f"--pgdata={draft}",
        f"--username={USER}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    try:
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, **popen_as(home.account)
        )
    finally:
        password.unlink()
    if done.returncode != 0:
        raise WouldNotStart(field="initdb", value=(done.stderr or done.stdout).strip()[-300:])
    draft.rename(home.data)


def _socket_folder(path: Path, who: pwd.struct_passwd | None) -> Path:
    folder = path / "run"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"terrain-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat().st_uid
    # In a shared /tmp somebody else may have made that folder first, to listen in our place.
    if folder.is_symlink() or owner not in {os.geteuid(), who.pw_uid if who else os.geteuid()}:
        raise UnreachableFolder(field="TERRAIN_DATA", value=folder, right="/var/lib/terrain")
    return give(folder, who, 0o700)
