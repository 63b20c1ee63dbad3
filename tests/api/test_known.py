"""What the web process knows of the house: read once, however many ask, and looked after each second."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import psycopg
import pytest

from terrain.api.known import SECONDS_FRESH, Known, known
from terrain.core.key import Scope
from terrain.store import reference
from tests.api.test_decide import REFUND

if TYPE_CHECKING:
    from tests.api.conftest import WebProcess

MANY = 8


@pytest.fixture
def lines(fresh_database: str) -> Iterator[list[psycopg.Connection]]:
    opened = [psycopg.connect(fresh_database, autocommit=True) for _ in range(MANY)]
    yield opened
    for each in opened:
        each.close()


def test_many_who_ask_at_once_are_judged_by_one_reading(lines: list[psycopg.Connection]) -> None:
    assert _number_of_houses(lines) == 1


def test_many_who_ask_after_a_change_are_judged_by_one_reading_of_it(
    lines: list[psycopg.Connection],
) -> None:
    before = known(lines[0])
    reference.changed(lines[0], "rules")
    time.sleep(SECONDS_FRESH)

    assert _number_of_houses(lines) == 1
    assert known(lines[0]).house.reference_version == before.house.reference_version + 1


def test_within_a_second_nobody_looks_again(lines: list[psycopg.Connection]) -> None:
    before = known(lines[0])
    reference.changed(lines[0], "rules")

    assert known(lines[1]) is before


def test_what_did_not_move_is_not_read_again(lines: list[psycopg.Connection]) -> None:
    before = known(lines[0])
    time.sleep(SECONDS_FRESH)
    after = known(lines[0])

    assert after.house is before.house
    assert after.looked > before.looked


def test_each_database_has_its_own_house(
    lines: list[psycopg.Connection], empty_database: str
) -> None:
    known(lines[0])

    with (
        psycopg.connect(empty_database, autocommit=True) as elsewhere,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        known(elsewhere)


def test_the_settings_are_those_with_which_it_began(
    web: "WebProcess", monkeypatch: pytest.MonkeyPatch
) -> None:
    key = web.key(Scope.DECIDE, source="bot")
    number = web.post("/v1/decide", REFUND, key).json["decision_id"]

    monkeypatch.setenv("TERRAIN_COLOUR", "red")

    assert web.post(f"/v1/decide/{number}/done", {"done": "asked"}, key).status == 200


def _number_of_houses(lines: list[psycopg.Connection]) -> int:
    together = Barrier(len(lines))

    def ask(line: psycopg.Connection) -> Known:
        together.wait()
        return known(line)

    with ThreadPoolExecutor(len(lines)) as systems:
        return len({id(each.house) for each in list(systems.map(ask, lines))})
