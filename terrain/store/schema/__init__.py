"""The schema: numbered SQL files, run in order, once each, by Django's migration tool.

Promise: the same files make the same schema on any PostgreSQL from version 15, and running them
again changes nothing. To change it, add the next number here and its two lines in
`terrain/console/migrations`. Accounts and sessions have migrations of Django's own kind beside them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from terrain.errors import Refusal

FOLDER = Path(__file__).parent
OURS = "terrain"
# Who works here, how they sign in, where they are signed in: by the names under which Django keeps them.
OTHERS = {
    "accounts": "terrain.console.accounts",
    "account": "allauth.account",
    "mfa": "allauth.mfa",
    "socialaccount": "allauth.socialaccount",
    "auth": "django.contrib.auth",
    "contenttypes": "django.contrib.contenttypes",
}
OLDEST_POSTGRES = 15
# Any number that nobody else uses: of two who migrate at once, one waits for the other.
LOCK = 7_236_117


class PostgresTooOld(Refusal):
    """The schema uses what came with PostgreSQL 15."""

    code = "postgres_too_old"
    status = 503


def files() -> list[Path]:
    return sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def statements_of(name: str) -> list[str]:
    """Return the statements of one file, each to be run alone."""
    import sqlparse  # slow to load, and only a migration needs it

    text = sqlparse.format((FOLDER / f"{name}.sql").read_text(), strip_comments=True)
    return [each for each in sqlparse.split(text) if each.strip("; \n")]


def migrate(conninfo: str) -> list[str]:
    """Bring the schema up to date; return the names of the migrations that this took."""
    from django.core.management import call_command  # Django is slow to load

    with _waiting_for_others(conninfo), _django(conninfo) as alias:
        missing = _missing(alias)
        if missing:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    return missing


def lacking(db: Connection) -> list[str]:
    """Return the migrations that this database still lacks, at the price of one question."""
    known = "SELECT to_regclass('django_migrations') IS NOT NULL"
    done: set[tuple[str, str]] = set()
    if db.execute(known).fetchone() == (True,):
        done = {(app, name) for app, name in db.execute("SELECT app, name FROM django_migrations")}
    ours = [(OURS, file.stem) for file in files()]
    return [name for app, name in [*ours, *_of_others()] if (app, name) not in done]


@cache
def _of_others() -> tuple[tuple[str, str], ...]:
    """Return the migrations of the apps beside ours, found on disk: Django is slow to load."""
    return tuple(
        (app, file.stem)
        for app, package in OTHERS.items()
        for file in sorted(_folder_of(package).glob("[0-9][0-9][0-9][0-9]_*.py"))
    )


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "migrations"


def as_django_wants_it(conninfo: str) -> dict[str, Any]:
    """Return an address of PostgreSQL as Django writes it; a page is one transaction."""
    parts: dict[str, Any] = dict(conninfo_to_dict(conninfo))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": True,
        "OPTIONS": parts,
    }


def _missing(alias: str) -> list[str]:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@contextmanager
def _waiting_for_others(conninfo: str) -> Iterator[None]:
    with psycopg.connect(conninfo, autocommit=True) as db:
        version = db.info.server_version // 10_000
        if version < OLDEST_POSTGRES:
            raise PostgresTooOld(value=version, right=OLDEST_POSTGRES)
        db.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield


@contextmanager
def _django(conninfo: str) -> Iterator[str]:
    """Lend Django a connection to this database, under a name of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terrain.console.settings")
    import django
    from django.apps import apps
    from django.db import connections

    if not apps.ready:
        django.setup()
    alias = "migrated"
    databases: dict[str, Any] = connections.databases
    databases[alias] = databases["default"] | as_django_wants_it(conninfo)
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]
        del databases[alias]
