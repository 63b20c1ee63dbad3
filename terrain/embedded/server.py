"""Starts, watches and stops the embedded PostgreSQL.

Promise: one server a folder, a direct child of its starter, gone when its starter is gone; what
was committed is there again at the next start, after any kill -9 of either.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from terrain.embedded.home import DATABASE, USER, Home, prepare
from terrain.embedded.privilege import dying_with, popen_as
from terrain.embedded.refusals import WouldNotStart

# After kill -9 of the server its own children take a moment to notice, and hold the folder.
PATIENCE_WITH_ORPHANS = 15.0
PATIENCE_WITH_RECOVERY = 600.0
PATIENCE_WITH_STOP = 60.0
LARGEST_LOG = 10_000_000

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "cluster_name": "terrain",
    "log_min_messages": "warning",
    # A statement and its details hold what customers said; the log does not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For tests that do not ask what survives a crash.
FORGETFUL: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class Server:
    """A running PostgreSQL; stopped on leaving, if it was started here."""

    def __init__(self, home: Home, process: subprocess.Popen[bytes] | None) -> None:
        self.home = home
        self.process = process

    @property
    def conninfo(self) -> str:
        return address(self.home, DATABASE)

    def conninfo_of(self, database: str) -> str:
        return address(self.home, database)

    def is_alive(self) -> bool:
        if self.process is None:
            return _pid_of_running(self.home) is not None
        return self.process.poll() is None

    def keep_alive(self) -> bool:
        """Start it again if it was killed; say whether that was needed."""
        if self.is_alive():
            return False
        self.process = start(self.home.path).process
        return True

    def stop(self, *, kindly: bool = False) -> None:
        """Stop what was started here; kindly: once those who use it have finished."""
        if self.process is None or self.process.poll() is not None:
            return
        if kindly:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE_WITH_STOP)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE_WITH_STOP)

    def draft(self, name: str) -> str:
        """Make a copy of our database under this name, to be filled apart; return its address."""
        with self._as_owner() as db:
            db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            db.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE}")
        return self.conninfo_of(name)

    def put_in_place(self, name: str) -> None:
        """Let the draft be our database from now on; what was there is gone."""
        with self._as_owner() as db:
            db.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
            db.execute(f"ALTER DATABASE {name} RENAME TO {DATABASE}")

    def _as_owner(self) -> psycopg.Connection:
        return psycopg.connect(self.conninfo_of("postgres"), autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(path: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> Server:
    """Return the server of this folder: the one that runs already, or a new child of ours."""
    path = path.absolute()
    with _one_starter_at_a_time(path):
        home = prepare(path, durable=durable)
        if _pid_of_running(home):
            server = Server(home, None)
            _wait_until_it_answers(server)
        else:
            chosen = {**SETTINGS, **({} if durable else FORGETFUL), **(settings or {})}
            server = _start_child(home, chosen)
        _make_database(home)
    return server


def address(home: Home, database: str) -> str:
    return make_conninfo(
        host=str(home.sockets), user=USER, password=home.password(), dbname=database
    )


@contextlib.contextmanager
def _one_starter_at_a_time(path: Path) -> Iterator[None]:
    path.mkdir(parents=True, exist_ok=True)
    with (path / "starting.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_child(home: Home, settings: Mapping[str, str]) -> Server:
    give_up_at = time.monotonic() + PATIENCE_WITH_ORPHANS
    while True:
        server = Server(home, _launch(home, settings))
        try:
            _wait_until_it_answers(server)
        except WouldNotStart as refusal:
            if not _is_held_by_orphans(refusal) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.2)
        else:
            return server


def _launch(home: Home, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    if home.log.exists() and home.log.stat().st_size > LARGEST_LOG:
        home.log.rename(home.log.with_suffix(".log.1"))
    options = [f"-c{name}={value}" for name, value in settings.items()]
    home.log.touch(mode=0o600)
    with home.log.open("ab") as log:
        return subprocess.Popen(
            [
                str(home.programs / "postgres"),
                f"-D{home.data}",
                f"-cunix_socket_directories={home.sockets}",
                *options,
            ],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C on the terminal is ours to handle: the server stops last.
            process_group=0,
            preexec_fn=dying_with(os.getpid(), signal.SIGINT),  # noqa: PLW1509 - see there
            **popen_as(home.account),
        )


def _wait_until_it_answers(server: Server) -> None:
    give_up_at = time.monotonic() + PATIENCE_WITH_RECOVERY
    while time.monotonic() < give_up_at:
        if not server.is_alive():
            raise WouldNotStart(field="postgres", value=_last_words(server.home.log))
        try:
            psycopg.connect(address(server.home, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    server.stop()
    raise WouldNotStart(field="postgres", value=_last_words(server.home.log))


def _make_database(home: Home) -> None:
    with psycopg.connect(address(home, "postgres"), autocommit=True) as db:
        if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            db.execute(f"CREATE DATABASE {DATABASE}")


def _pid_of_running(home: Home) -> int | None:
    """Return the process that serves this folder, clearing the mark of one that is no more."""
    mark = home.data / "postmaster.pid"
    try:
        pid = int(mark.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if _serves(pid, home.data):
        return pid
    # After kill -9 the number may belong to anyone by now, and PostgreSQL would believe in it.
    mark.unlink()
    return None


def _serves(pid: int, data: Path) -> bool:
    works_in = Path(f"/proc/{pid}/cwd")
    if Path("/proc/self").exists():
        try:
            return works_in.readlink() == data.resolve()
        except (FileNotFoundError, PermissionError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_held_by_orphans(refusal: WouldNotStart) -> bool:
    return any(sign in (refusal.value or "") for sign in ("shared memory", "lock file"))


def _last_words(log: Path) -> str:
    """Return why it gave up: the last line of its log that says so."""
    lines = log.read_text(errors="replace").splitlines()[-20:]
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return (fatal or lines or [""])[-1]
