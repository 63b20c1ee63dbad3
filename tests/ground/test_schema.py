"""The schema is made by numbered files, can be made again, and is what the code expects."""

import psycopg
import pytest
from psycopg import Connection

from terrain.store import schema

TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"


def lacking(conninfo: str) -> list[str]:
    with psycopg.connect(conninfo, autocommit=True) as db:
        return schema.lacking(db)


def test_all_migrations_run_on_an_empty_database_and_again_change_nothing(
    empty_database: str,
) -> None:
    assert "0001_record" in lacking(empty_database)
    assert "terrain.0001_record" in schema.migrate(empty_database)

    assert lacking(empty_database) == []
    assert schema.migrate(empty_database) == []


def test_every_numbered_file_has_its_migration(empty_database: str) -> None:
    named = [f"terrain.{file.stem}" for file in schema.files()]

    assert [each for each in schema.migrate(empty_database) if each in named] == named


def test_what_django_and_allauth_lack_is_noticed_too(fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        assert schema.lacking(db) == []
        db.execute("DELETE FROM django_migrations WHERE app IN ('accounts', 'mfa')")

        assert "0001_staff" in schema.lacking(db)
        assert len(schema.lacking(db)) > 1


def test_the_table_of_staff_is_what_its_model_says() -> None:
    with schema._django("dbname=nobody") as _:
        from django.apps import apps  # noqa: PLC0415
        from django.db.migrations.autodetector import MigrationAutodetector  # noqa: PLC0415
        from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415
        from django.db.migrations.state import ProjectState  # noqa: PLC0415

        loader = MigrationLoader(None)
        wanted = ProjectState.from_apps(apps)
        changes = MigrationAutodetector(loader.project_state(), wanted).changes(loader.graph)

        assert "accounts" not in changes


def test_a_migration_that_was_interrupted_is_simply_run_again(fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        before = db.execute(TABLES).fetchone()
        db.execute("DELETE FROM django_migrations WHERE app = 'terrain'")
        db.execute("DROP TABLE tray")
        schema.migrate(fresh_database)

        assert db.execute(TABLES).fetchone() == before


@pytest.mark.parametrize("name", [file.stem for file in schema.files()])
def test_each_statement_stands_alone(name: str, db: Connection) -> None:
    for statement in schema.statements_of(name):
        db.execute(statement.encode(), prepare=True)  # PostgreSQL refuses to prepare two at once


def test_the_test_database_is_given_back_as_it_was(db: Connection) -> None:
    assert db.execute("SELECT count(*) FROM source").fetchone() == (0,)
    db.execute("INSERT INTO source (name, kind) VALUES ('shop', 'http')")


def test_so_that_the_next_test_finds_nothing(db: Connection) -> None:
    assert db.execute("SELECT count(*) FROM source").fetchone() == (0,)
