"""The folder and the pages change the same automations, and neither undoes the other."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from terrain.config import Settings
from terrain.core.approval import Signature
from terrain.flow import proposals
from terrain.flow.folder import is_older, write_back
from terrain.flow.lookout import Lookout
from terrain.flow.proposals import Change, approve, as_read, propose, text_to_change
from terrain.flow.versions import Published, publish
from terrain.store import automations, folder
from tests.journeys import PROMISE
from tests.people import NOON

OLD = "# mine\n" + PROMISE + "starts: {when: order.placed}\nsteps: [{wait: 1 day}]  # a day\n"
NEW = OLD.replace("1 day", "2 days")
NEWER = OLD.replace("1 day", "3 days")
CAMILLE = Signature(by="Camille", because="she asked for more time")
NAME = "a-promise"


@pytest.fixture
def file(db: Connection, tmp_path: Path) -> Path:
    file = tmp_path / "the-promise.yaml"
    file.write_text(OLD)
    publish(db, tmp_path, NOON)
    return file


def put_live(db: Connection, file: Path, text: str = NEW) -> int:
    """Put a text live from a page."""
    bench = proposals.workshop(db, Settings(automations=file.parent))
    listed = automations.find(db, NAME)
    proposal = propose(db, Change(text=text, name=NAME), bench, CAMILLE, NOON)
    seen = as_read(proposal, listed.live_version if listed else 0)
    return approve(db, seen, bench, CAMILLE, NOON)


def live(db: Connection) -> int:
    found = automations.find(db, NAME)
    assert found
    assert not found.retired_at
    return found.live_version


def test_an_old_file_that_only_lies_there_undoes_nothing(db: Connection, file: Path) -> None:
    assert put_live(db, file) == 2

    assert publish(db, file.parent, NOON).older == (NAME,)
    assert live(db) == 2
    assert folder.last(db, NAME)


def test_the_text_of_the_page_goes_back_to_the_file_it_came_from(
    db: Connection, file: Path
) -> None:
    file.chmod(0o640)
    put_live(db, file)

    assert write_back(db, file.parent, NAME, NOON)
    assert file.read_text() == NEW
    assert file.stat().st_mode & 0o777 == 0o640
    assert publish(db, file.parent, NOON).same == (NAME,)
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_file_that_is_then_put_back_is_a_change_again(db: Connection, file: Path) -> None:
    put_live(db, file)
    write_back(db, file.parent, NAME, NOON)

    file.write_text(OLD)

    assert publish(db, file.parent, NOON).changed == (NAME,)
    assert live(db) == 3


def test_nobodys_unread_change_is_written_over(db: Connection, file: Path) -> None:
    put_live(db, file)
    file.write_text(NEWER)

    assert not write_back(db, file.parent, NAME, NOON)
    assert file.read_text() == NEWER
    assert publish(db, file.parent, NOON).changed == (NAME,)
    assert live(db) == 3


def test_where_the_folder_cannot_be_written_it_is_known_to_be_older(
    db: Connection, file: Path
) -> None:
    put_live(db, file)
    version = automations.version(db, NAME, 2)
    assert version

    assert not write_back(db, file.parent / "elsewhere", NAME, NOON)
    assert is_older(db, NAME, version.digest)
    assert write_back(db, file.parent, NAME, NOON)
    assert not is_older(db, NAME, version.digest)


def test_what_never_had_a_file_gets_one_and_is_not_retired_without(
    db: Connection, tmp_path: Path
) -> None:
    assert put_live(db, tmp_path / "nothing-yet.yaml") == 1

    assert publish(db, tmp_path, NOON).retired == ()
    assert write_back(db, tmp_path, NAME, NOON)
    assert (tmp_path / f"{NAME}.yaml").read_text() == NEW
    (tmp_path / f"{NAME}.yaml").unlink()
    assert publish(db, tmp_path, NOON).retired == (NAME,)


def test_a_file_of_the_same_name_by_somebody_else_is_left_alone(
    db: Connection, tmp_path: Path
) -> None:
    put_live(db, tmp_path / "nothing-yet.yaml")
    (tmp_path / f"{NAME}.yaml").write_text("half a promi")

    assert not write_back(db, tmp_path, NAME, NOON)
    assert (tmp_path / f"{NAME}.yaml").read_text() == "half a promi"


def test_nothing_that_runs_is_nothing_to_write(db: Connection, tmp_path: Path) -> None:
    assert not write_back(db, tmp_path, "nobody", NOON)


def test_whoever_changes_it_starts_from_the_folders_latest_comments(
    db: Connection, file: Path
) -> None:
    file.write_text("# a better comment\n" + OLD)
    publish(db, file.parent, NOON)

    assert live(db) == 1
    assert text_to_change(db, NAME, 1).startswith("# a better comment")
    put_live(db, file)
    assert text_to_change(db, NAME, 2) == NEW


def test_a_file_that_came_back_runs_again(db: Connection, file: Path) -> None:
    put_live(db, file)
    file.unlink()
    publish(db, file.parent, NOON)
    file.write_text(OLD)

    assert publish(db, file.parent, NOON + timedelta(days=1)).changed == (NAME,)
    assert live(db) == 3


def test_an_old_file_that_is_right_again_takes_its_refusal_away(db: Connection, file: Path) -> None:
    put_live(db, file)
    for text in (OLD.replace("wait", "wiat"), OLD):
        file.write_text(text)
        done = publish(db, file.parent, NOON)

    found = automations.find(db, NAME)
    assert found
    assert (done.older, found.refused, found.live_version) == ((NAME,), None, 2)


def test_the_watch_sees_its_own_page_and_says_nothing(db: Connection, file: Path) -> None:
    lookout = Lookout(Settings(automations=file.parent))
    lookout.publish(db, NOON)
    put_live(db, file)
    write_back(db, file.parent, NAME, NOON)

    assert lookout.publish(db, NOON)
    assert live(db) == 2


def test_a_page_and_a_watch_at_the_same_moment_leave_what_the_page_put_live(
    fresh_database: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{NAME}.yaml"
    file.write_text(OLD)
    said: list[Published] = []

    def watch() -> None:
        with psycopg.connect(fresh_database, autocommit=True) as db, db.transaction():
            said.append(publish(db, tmp_path, NOON))

    with psycopg.connect(fresh_database, autocommit=True) as db:
        publish(db, tmp_path, NOON)
        with db.transaction():
            put_live(db, file)
            watching = threading.Thread(target=watch)
            watching.start()
            _until_it_waits(fresh_database)
        watching.join()
        write_back(db, tmp_path, NAME, NOON)

        assert said[0].older == (NAME,)
        assert live(db) == 2
        assert publish(db, tmp_path, NOON).same == (NAME,)


def _until_it_waits(database: str) -> None:
    """Return once somebody waits for a row that somebody else holds."""
    with psycopg.connect(database, autocommit=True) as db:
        for _ in range(500):
            row = db.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            if row and row[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited")
