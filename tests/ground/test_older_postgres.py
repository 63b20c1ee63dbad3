"""Your own PostgreSQL, from version 15: the same schema, and backups that come back."""

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from terrain import archive
from terrain.config import Settings
from terrain.embedded import binaries
from terrain.embedded.privilege import account, give, popen_as
from terrain.store import schema

# What the wheel carries beside version 18, and what Debian installs.
OLDER = [
    binaries.folder().parent.parent / "pginstall" / "bin",
    Path("/usr/lib/postgresql/15/bin"),
]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=[pytest.param(each, id=each.parts[-2]) for each in OLDER])
def own_postgres(request: pytest.FixtureRequest, data_folder: Path) -> Iterator[str]:
    programs: Path = request.param
    if not (programs / "postgres").exists():
        pytest.skip(f"no PostgreSQL at {programs}")
    data = data_folder
    data.mkdir()
    give(data, account(), 0o700)
    made = [str(programs / "initdb"), "-D", str(data / "pg"), "-U", "ines", "-A", "trust", "-N"]
    subprocess.run(made, check=True, capture_output=True, cwd="/", **popen_as(account()))
    served = [str(programs / "postgres"), "-D", str(data / "pg"), "-k", str(data), "-c"]
    with subprocess.Popen(
        [*served, "listen_addresses="], stderr=subprocess.DEVNULL, cwd="/", **popen_as(account())
    ) as process:
        address = f"host={data} user=ines dbname=postgres"
        answers_within(20, address)
        yield address
        process.terminate()


def test_the_schema_is_made_and_a_backup_comes_back(own_postgres: str, tmp_path: Path) -> None:
    schema.migrate(own_postgres)
    first = Settings(database_url=own_postgres, data=tmp_path / "first")
    archive.save(first, tmp_path / "a.backup", NOON)
    with psycopg.connect(own_postgres, autocommit=True) as db:
        db.execute("CREATE DATABASE other")

    other = own_postgres.replace("dbname=postgres", "dbname=other")
    archive.restore(Settings(database_url=other, data=tmp_path / "second"), tmp_path / "a.backup")
    assert schema.migrate(other) == []


def answers_within(seconds: float, address: str) -> None:
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            assert time.monotonic() < give_up_at
            time.sleep(0.05)
        else:
            return
