"""Backups: the whole record as it was at one moment, in one file, and back again.

Promise: a backup that restores is the record that was saved, row for row, or it is refused; it
is taken while everything runs, and put back only where nothing is.

The file is a tar of three: `manifest.json` (sums and row counts), `record.dump` (pg_dump's format)
and `secret` (without it, links already sent would die and those who asked never to be written to
would no longer be recognised). Keep it as you keep the record itself.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from pathlib import Path

import msgspec
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from terrain import __version__
from terrain.config import Settings, secret_of
from terrain.embedded import binaries
from terrain.errors import Refusal
from terrain.store.connection import one_connection

FORMAT = 1
MEMBERS = ("manifest.json", "record.dump", "secret")
ALL_OR_NOTHING = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")


class NotABackup(Refusal):
    """The file is none of ours, or was cut short or changed on its way."""

    code = "not_a_backup"


class NotEmpty(Refusal):
    """A record is put back where there is none; nothing is ever written over."""

    code = "database_not_empty"


class DumpFailed(Refusal):
    """pg_dump or pg_restore gave up; its last line says why."""

    code = "dump_failed"
    status = 503


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: int
    terrain: str
    postgres: int
    made_at: datetime
    sums: dict[str, str]
    rows: dict[str, int]


def save(settings: Settings, file: Path, now: datetime) -> Manifest:
    """Write a backup to this file, which is there only once it is whole."""
    with _workshop(file.absolute().parent) as folder:
        with _one_moment(settings.database_url) as (db, moment):
            rows = count_rows(db)
            dump = folder / "record.dump"
            as_file = ("--format=custom", f"--file={dump}")
            _run(db, settings.database_url, "pg_dump", f"--snapshot={moment}", *as_file)
            major = _major(db.info.server_version)
        (folder / "secret").write_text(secret_of(settings))
        manifest = Manifest(
            format=FORMAT,
            terrain=__version__,
            postgres=major,
            made_at=now,
            sums={name: _sum(folder / name) for name in MEMBERS[1:]},
            rows=rows,
        )
        (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
        _pack(folder, file)
    return manifest


def restore(settings: Settings, file: Path) -> Manifest:
    """Put the backup into this database, which must be empty, and compare what came out."""
    with _workshop(Path(tempfile.gettempdir())) as folder:
        manifest = _unpack(file, folder)
        with one_connection(settings.database_url) as db:
            if count_rows(db):
                raise NotEmpty(field="TERRAIN_DATABASE_URL", right="TERRAIN_DATA")
            dump = str(folder / "record.dump")
            _run(db, settings.database_url, "pg_restore", *ALL_OR_NOTHING, dump)
            if count_rows(db) != manifest.rows:
                raise NotABackup(value=file, why="row counts differ")
        _keep_secret(settings, (folder / "secret").read_text())
    return manifest


def count_rows(db: Connection) -> dict[str, int]:
    """Return how many rows each of our tables holds."""
    tables = db.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    counted = {}
    for (table,) in tables:
        question = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        counted[table] = (db.execute(question).fetchone() or (0,))[0]
    return counted


@contextmanager
def _one_moment(conninfo: str) -> Iterator[tuple[Connection, str]]:
    """Hold one moment of the database still, for us to count and for pg_dump to copy."""
    with one_connection(conninfo) as db, db.transaction():
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        moment = db.execute("SELECT pg_export_snapshot()").fetchone()
        assert moment  # this question always has an answer
        yield db, moment[0]


def _run(db: Connection, conninfo: str, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database of this connection."""
    address = conninfo_to_dict(conninfo)
    # Others on this machine can read what a program was called with, but not its environment.
    environ = os.environ | {"PGPASSWORD": str(address.pop("password", ""))}
    shown = make_conninfo("", **{name: str(value) for name, value in address.items()})
    done = subprocess.run(
        [_program(program, _major(db.info.server_version)), f"--dbname={shown}", *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DumpFailed(field=program, value=(done.stderr.strip().split("\n") or [""])[-1])


def _program(name: str, server: int) -> str:
    """Return the program nearest to the server's version: none may be older than what it asks.

    One that this machine has installed comes first: the wheel's speak no TLS.
    """
    installed = shutil.which(name)
    found = ([installed] if installed else []) + binaries.programs(name)
    able = [(version, path) for path in found if (version := _version_of(path)) >= server]
    if not able:
        raise DumpFailed(field=name, value=f"PostgreSQL {server}")
    return min(able, key=itemgetter(0))[1]


def _version_of(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+", told.stdout)
    return int(number[0]) if number else 0


def _major(version: int) -> int:
    return version // 10_000


def _pack(folder: Path, file: Path) -> None:
    draft = folder / "whole"
    draft.touch(mode=0o600)
    with tarfile.open(draft, "w") as tar:
        for name in MEMBERS:
            tar.add(folder / name, arcname=name)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.rename(file)


def _unpack(file: Path, folder: Path) -> Manifest:
    """Take out the files we know, whatever else was put in, and see that they are whole."""
    try:
        with tarfile.open(file) as tar:
            for name in MEMBERS:
                _take_out(tar, name, folder / name)
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    except (tarfile.TarError, OSError, EOFError, KeyError, msgspec.DecodeError) as error:
        raise NotABackup(value=file, why=type(error).__name__) from None
    for name in MEMBERS[1:]:
        if _sum(folder / name) != manifest.sums.get(name):
            raise NotABackup(value=file, why=name)
    return manifest


def _take_out(tar: tarfile.TarFile, name: str, to: Path) -> None:
    inside = tar.extractfile(name)
    if inside is None:
        raise KeyError(name)
    with inside, to.open("wb") as out:
        shutil.copyfileobj(inside, out)


def _keep_secret(settings: Settings, secret: str) -> None:
    kept = settings.data / "secret"
    if settings.secret or (kept.exists() and kept.read_text() == secret):
        return
    settings.data.mkdir(parents=True, exist_ok=True)
    if kept.exists():
        kept.rename(kept.with_name("secret.before-restore"))
    kept.touch(mode=0o600)
    kept.write_text(secret)


def _sum(file: Path) -> str:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".terrain-", dir=beside) as made:
        yield Path(made)
