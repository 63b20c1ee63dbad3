"""The doctor says what is wrong and what to do, in the reader's language."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from terrain import checkup
from terrain.checkup import Finding, State
from terrain.config import Settings
from terrain.store import leases


def test_a_healthy_house_is_told_so(fresh_database: str, tmp_path: Path) -> None:
    with psycopg.connect(fresh_database) as db:
        leases.say_alive(db, "worker", datetime.now(UTC), 0)
    found = look(Settings(database_url=fresh_database, data=tmp_path, automations=tmp_path))

    assert [each for each in found.values() if each.state is State.WRONG] == []
    assert found["workers"].state is State.FINE
    assert found["schema"].state is State.FINE


def test_a_database_that_does_not_answer_is_told_with_its_reason(tmp_path: Path) -> None:
    found = look(Settings(database_url="postgresql://127.0.0.1:1/none", data=tmp_path))

    assert found["database"].state is State.WRONG
    assert "répond pas" in found["database"].found


def test_an_old_schema_is_told_with_the_remedy(empty_database: str, tmp_path: Path) -> None:
    found = look(Settings(database_url=empty_database, data=tmp_path))

    assert "terrain migrate" in (found["schema"].remedy or "")
    assert "workers" not in found


def test_idle_hands_are_noticed(fresh_database: str, tmp_path: Path) -> None:
    found = look(Settings(database_url=fresh_database, data=tmp_path))

    assert found["workers"].state is State.UNSURE


def test_a_secret_that_others_can_read_is_noticed(fresh_database: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0o644)
    found = look(Settings(database_url=fresh_database, data=tmp_path))

    assert found["secret"].state is State.WRONG
    assert "chmod 600" in (found["secret"].remedy or "")


def test_a_port_taken_by_somebody_else_is_noticed(fresh_database: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = look(Settings(database_url=fresh_database, data=tmp_path, port=port))

    assert found["port"].state is State.WRONG


def test_a_mail_server_that_is_not_there_is_noticed(fresh_database: str, tmp_path: Path) -> None:
    settings = Settings(database_url=fresh_database, data=tmp_path, smtp_url="smtp://127.0.0.1:1")

    assert look(settings)["mail"].state is State.WRONG


def test_a_visit_leaves_no_database_where_there_was_none(tmp_path: Path) -> None:
    found = look(Settings(data=tmp_path / "none"))

    assert found["database"].state is State.UNSURE
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_illness_has_its_remedy(language: str, tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://127.0.0.1:1/none", data=tmp_path / "none")
    ill = [each for each in checkup.findings(settings, language) if each.state is not State.FINE]

    assert [each for each in ill if not each.remedy and each.organ != "database"] == []


def look(settings: Settings) -> dict[str, Finding]:
    return {each.organ: each for each in checkup.findings(settings, "fr")}
