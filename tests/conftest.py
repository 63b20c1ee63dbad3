"""What tests stand on: a real PostgreSQL, migrated, and given back as it was found.

`db`             a connection inside a transaction that is rolled back at the end
`fresh_database` the address of a database of one's own, for tests with processes or commits
`durable_server` a server of one's own that keeps its word when killed, for tests that kill it

One server serves all workers of a test run. It is started by the first one who needs it, so a run
of pure tests starts none, and it forgets rather than waits for the disk.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from terrain.embedded import server
from terrain.store.schema import migrate

TEMPLATE = "terrain_template"
ROOM_NEEDED = 2 * 1024**3
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)


@pytest.fixture(scope="session", autouse=True)
def _settings_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the settings and the data of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("TERRAIN_")]:
            patch.delenv(name)
        patch.setenv("TERRAIN_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("TERRAIN_AUTOMATIONS", str(tmp_path_factory.mktemp("shop") / "none"))
        patch.setenv("TERRAIN_SECRET", "a secret that only the tests know")
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the address of the run's server; its template database holds the schema."""
    folder = _folder_of_this_run()
    with (folder / "users").open("a") as users:
        with _alone(folder):
            fcntl.flock(users, fcntl.LOCK_SH)
            address, ours = _address_of_this_run(folder)
        yield address
        fcntl.flock(users, fcntl.LOCK_UN)
        if ours:
            fcntl.flock(users, fcntl.LOCK_EX)  # others may still be at work with it
            ours.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _own_database(postgres: str) -> Iterator[str]:
    with _database(postgres) as conninfo:
        yield conninfo


@pytest.fixture
def db(_own_database: str) -> Iterator[Connection]:
    with (
        psycopg.connect(_own_database, autocommit=True) as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute("SET LOCAL TIME ZONE 'UTC'")
        yield connection


@pytest.fixture
def fresh_database(postgres: str) -> Iterator[str]:
    with _database(postgres) as conninfo:
        yield conninfo


@pytest.fixture
def empty_database(postgres: str) -> Iterator[str]:
    """Return a database without any schema."""
    with _database(postgres, template="template1") as conninfo:
        yield conninfo


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """Return an empty data folder that PostgreSQL can reach, whoever runs the tests."""
    with tempfile.TemporaryDirectory(prefix="terrain-home-") as made:
        Path(made).chmod(0o711)  # what pytest makes for root is closed to everyone else
        yield Path(made) / "home"


@pytest.fixture
def durable_server(data_folder: Path) -> Iterator[Callable[[], server.Server]]:
    """Return what starts (again, after a kill) a migrated server that loses nothing."""
    started: list[server.Server] = []

    def start() -> server.Server:
        started.append(server.start(data_folder))
        migrate(started[-1].conninfo)
        return started[-1]

    yield start
    for each in started:
        each.stop()


@contextmanager
def _database(postgres: str, template: str = TEMPLATE) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as db:
        # Nothing here outlives the run, so its files are simply copied: half the time of writing them to the log.
        db.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield make_conninfo(postgres, dbname=name)
        finally:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _address_of_this_run(folder: Path) -> tuple[str, server.Server | None]:
    """Return where the server is, and the server itself to whoever had to start it."""
    note = folder / "address"
    if note.exists():
        return json.loads(note.read_text()), None
    started = server.start(folder / "home", durable=False)
    try:
        postgres = started.conninfo_of("postgres")
        with psycopg.connect(postgres, autocommit=True) as db:
            db.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(make_conninfo(postgres, dbname=TEMPLATE))
    except BaseException:
        started.stop()
        raise
    note.write_text(json.dumps(postgres))
    return postgres, started


def _folder_of_this_run() -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, closed to others
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM_NEEDED
    folder = (memory if roomy else Path(tempfile.gettempdir())) / f"terrain-tests-{RUN[:16]}"
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
