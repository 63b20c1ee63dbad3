"""Léa asks to be erased, and nothing of her is left anywhere."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from terrain.flow.forgetting import How
from tests.erased import Planted


@pytest.fixture
def planted(fresh_database: str, tmp_path: Path) -> Iterator[Planted]:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        yield Planted(db, tmp_path)


def test_she_was_planted_in_every_table_that_can_hold_her(planted: Planted) -> None:
    tables = {place.partition(".")[0] for place in planted.found()}

    assert tables >= {
        *("customer", "identifier", "alias", "event", "pending", "claim", "evidence", "consent"),
        *("run", "act", "task", "tray", "caught_mail", "directory"),
    }


def test_nothing_of_her_is_left_in_any_column_or_file(planted: Planted) -> None:
    planted.asks()

    assert planted.erases() is How.GONE
    assert planted.found() == {}
