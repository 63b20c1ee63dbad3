"""A backup that restores is the record that was saved; anything else is refused."""

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from terrain import archive
from terrain.config import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYTHING = "SELECT array_agg(source.* ORDER BY name)::text FROM source"


@pytest.fixture
def saved(fresh_database: str, tmp_path: Path) -> Path:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        db.execute("INSERT INTO source (name, kind, events) VALUES ('caisse ✓', 'http', 3)")
    settings = Settings(database_url=fresh_database, data=tmp_path / "first")
    archive.save(settings, tmp_path / "a.backup", NOON)
    return tmp_path / "a.backup"


def test_what_was_saved_comes_back_row_for_row(
    saved: Path, fresh_database: str, empty_database: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=empty_database, data=tmp_path / "second")
    manifest = archive.restore(settings, saved)

    with psycopg.connect(fresh_database) as old, psycopg.connect(empty_database) as new:
        assert new.execute(EVERYTHING).fetchone() == old.execute(EVERYTHING).fetchone()
        assert archive.count_rows(new) == archive.count_rows(old) == manifest.rows


def test_links_already_sent_still_open_after_a_restore(
    saved: Path, empty_database: str, tmp_path: Path
) -> None:
    archive.restore(Settings(database_url=empty_database, data=tmp_path / "second"), saved)

    secrets = [(tmp_path / folder / "secret").read_text() for folder in ("first", "second")]
    assert secrets[0] == secrets[1]


def test_nothing_is_written_over(saved: Path, fresh_database: str) -> None:
    with pytest.raises(archive.NotEmpty):
        archive.restore(Settings(database_url=fresh_database), saved)


def test_a_backup_is_for_its_owners_eyes(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    assert [file.name for file in saved.parent.glob(".terrain-*")] == []


def test_a_backup_is_of_one_moment(
    fresh_database: str, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(db: psycopg.Connection) -> dict[str, int]:
        counted = count(db)
        with psycopg.connect(fresh_database, autocommit=True) as other:
            other.execute("INSERT INTO source (name, kind) VALUES ('late', 'http')")
        return counted

    count = archive.count_rows
    monkeypatch.setattr(archive, "count_rows", meanwhile)
    file, data = tmp_path / "a.backup", tmp_path / "data"
    archive.save(Settings(database_url=fresh_database, data=data), file, NOON)
    monkeypatch.undo()

    archive.restore(Settings(database_url=empty_database, data=data), file)


@pytest.mark.parametrize("damage", ["cut", "changed", "other"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    damage: str, saved: Path, empty_database: str
) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "changed": whole.replace(b"PGDMP", b"PGDMQ", 1),
            "other": b"not a backup at all",
        }[damage]
    )
    with pytest.raises(archive.NotABackup):
        archive.restore(Settings(database_url=empty_database), saved)

    with psycopg.connect(empty_database) as db:
        assert archive.count_rows(db) == {}


def test_a_file_that_climbs_out_of_its_folder_is_refused(
    tmp_path: Path, empty_database: str
) -> None:
    (tmp_path / "x").write_text("x")
    with tarfile.open(tmp_path / "evil.backup", "w") as tar:
        tar.add(tmp_path / "x", arcname="../../evil")

    with pytest.raises(archive.NotABackup):
        archive.restore(Settings(database_url=empty_database), tmp_path / "evil.backup")
    assert not (tmp_path.parent.parent / "evil").exists()
