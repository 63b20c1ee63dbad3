"""What is typed about a customer's rights: take along, be left alone, be erased; and a backup put back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from terrain import archive, checkup, cli
from terrain.config import read
from terrain.flow import forgetting
from terrain.flow.forgetting import NotAList
from terrain.store import erasures
from tests.erased import EMAIL, Planted
from tests.typing_at_the_terminal import Typed

INES = ("--by", "Inès")


@pytest.fixture
def planted(fresh_database: str, tmp_path: Path) -> Iterator[Planted]:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        yield Planted(db, tmp_path)


@pytest.fixture
def asked(typed: Typed, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Return what types a command, whatever was written to the log before."""

    def ask(*words: str) -> Any:
        capsys.readouterr()
        return typed(*words)

    return ask


def test_her_data_go_into_a_file_that_only_its_owner_reads(
    asked: Typed, planted: Planted, tmp_path: Path
) -> None:
    file = tmp_path / "lea.json"
    code, said = asked("customers", "export", EMAIL, *INES, "--to", str(file))

    assert (code, str(file) in said) == (cli.DONE, True)
    number = msgspec.json.decode(file.read_bytes())["customer"]["number"]
    assert number == str(planted.key.customer_id)
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("planted")
def test_what_she_gave_goes_into_a_zip(asked: Typed, tmp_path: Path) -> None:
    file = tmp_path / "lea.zip"
    answer = asked("customers", "export", EMAIL, *INES, "--csv", "--to", str(file), "--json")

    assert answer["bytes"] == file.stat().st_size > 0


@pytest.mark.usefixtures("planted")
def test_no_file_is_written_over(asked: Typed, tmp_path: Path) -> None:
    file = tmp_path / "lea.json"
    file.write_text("mine")

    assert asked("customers", "export", EMAIL, *INES, "--to", str(file))[0] != cli.DONE
    assert file.read_text() == "mine"


@pytest.mark.usefixtures("planted")
def test_she_is_left_alone_and_not_any_more(asked: Typed) -> None:
    assert asked("customers", "freeze", EMAIL, *INES, "--json") == {"left_alone": True}
    assert asked("customers", "freeze", EMAIL, *INES, "--undo", "--json") == {"left_alone": False}


@pytest.mark.usefixtures("planted")
def test_she_is_to_be_erased_and_then_not(asked: Typed) -> None:
    due = datetime.fromisoformat(asked("customers", "erase", EMAIL, *INES, "--json")["due_at"])
    assert timedelta(days=2.9) < due - datetime.now(UTC) < timedelta(days=3.1)

    assert "n’est pas effacé" in asked("customers", "erase", EMAIL, *INES, "--undo")[1]
    assert "ne devait pas" in asked("customers", "erase", EMAIL, *INES, "--undo")[1]


def test_erased_at_once_she_is_known_to_be(asked: Typed, planted: Planted) -> None:
    asked("customers", "erase", EMAIL, *INES, "--now")
    planted.erases(0)

    assert asked("customers", "erased", EMAIL, "--json")["erased_at"] is not None
    assert asked("customers", "erased", "omar@example.org", "--json")["erased_at"] is None
    assert [one["rows"] > 30 for one in asked("customers", "erased", "--json")] == [True]


def test_nobody_cannot_be_erased(asked: Typed) -> None:
    assert asked("customers", "erase", "nobody@example.org", *INES)[0] != cli.DONE


@pytest.mark.parametrize("word", ["", "((("])
@pytest.mark.usefixtures("planted")
def test_what_is_no_name_was_nobodys(word: str, asked: Typed) -> None:
    assert asked("customers", "erased", f"email:{word}")[0] != cli.DONE


# -- overdue


def findings(fresh_database: str) -> dict[str, Any]:
    settings = msgspec.structs.replace(read(), database_url=fresh_database)
    return {one.organ: one for one in checkup.findings(settings, "en")}


def test_the_doctor_says_when_an_erasure_is_overdue(planted: Planted, fresh_database: str) -> None:
    assert findings(fresh_database)["erasures"].state is checkup.State.FINE
    planted.asks(days=0)
    planted.db.execute("UPDATE erasure SET due_at = due_at - interval '2 days'")

    assert findings(fresh_database)["erasures"].state is checkup.State.WRONG


# -- a backup put back


def test_who_was_erased_since_a_backup_is_erased_again_when_it_is_put_back(
    planted: Planted, fresh_database: str, empty_database: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("TERRAIN_DATA", str(tmp_path))
    settings = msgspec.structs.replace(read(), database_url=fresh_database)
    archive.save(settings, tmp_path / "old.backup", datetime.now(UTC))
    planted.asks(days=0)
    planted.erases(0)
    monkeypatch.setenv("TERRAIN_DATABASE_URL", empty_database)

    assert cli.run(["restore", str(tmp_path / "old.backup")]) == cli.DONE
    with psycopg.connect(empty_database, autocommit=True) as db:
        (tmp_path / "old.backup").unlink()
        back = object.__new__(Planted)
        back.db, back.folder = db, tmp_path
        assert back.found() == {}
        assert erasures.latest(db) is not None
        assert db.execute("SELECT count(*) FROM erasure").fetchone() == (0,)


def test_a_list_that_was_brought_does_the_same(
    asked: Typed, planted: Planted, empty_database: str, tmp_path: Path, monkeypatch: Any
) -> None:
    archive.save(read(), tmp_path / "old.backup", datetime.now(UTC))
    planted.asks(days=0)
    planted.erases(0)
    asked("customers", "erased", "--to", str(tmp_path / "list"))
    monkeypatch.setenv("TERRAIN_DATABASE_URL", empty_database)
    backup, brought = str(tmp_path / "old.backup"), str(tmp_path / "list")

    answer = asked("restore", backup, "--erased", brought, "--json")
    assert answer["erased_again"] == 1


def test_who_was_erased_before_the_backup_is_not_looked_for(planted: Planted) -> None:
    planted.asks(days=0)
    planted.erases(0)

    assert forgetting.again(planted.db, [], planted.house, planted.folder) == 0


@pytest.mark.parametrize(
    "text", ["{}", "not json", '{"name":"zz","erasure":1,"at":"2026-01-01T00:00:00Z"}']
)
def test_another_file_is_no_list_of_who_was_erased(text: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(text)

    with pytest.raises(NotAList):
        forgetting.read_list(tmp_path / "list")
