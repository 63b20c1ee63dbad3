"""Nobody else knows how many databases there are."""

import pytest

from terrain.config import Settings
from terrain.store.connection import DatabaseUnreachable, connect
from terrain.words import refusal_in_words


def test_a_bucket_finds_its_database(fresh_database: str) -> None:
    with connect(Settings(database_url=fresh_database)) as record, record.conn_for(7) as db:
        assert db.execute("SHOW TIME ZONE").fetchone() == ("UTC",)


def test_a_mixed_batch_is_one_group_while_there_is_one_database(fresh_database: str) -> None:
    with connect(Settings(database_url=fresh_database)) as record:
        assert record.groups([9, 7, 9]) == [[7, 9]]
        assert record.groups([]) == []


def test_nothing_is_left_open_by_a_question(fresh_database: str) -> None:
    with connect(Settings(database_url=fresh_database)) as record, record.local() as db:
        db.execute("SELECT 1")

        assert db.info.transaction_status.name == "IDLE"


def test_a_wrong_address_is_refused_with_its_reason() -> None:
    settings = Settings(database_url="postgresql://ines:hunter2@127.0.0.1:1/none")

    with pytest.raises(DatabaseUnreachable) as caught, connect(settings):
        pass
    assert "hunter2" not in str(refusal_in_words(caught.value))
