"""`terrain replay` and `terrain demo`, as they are typed."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from terrain.cli import DONE, NOT_UNDERSTOOD, REFUSED, run
from terrain.demo import staging
from terrain.demo.days import begin, unfold
from terrain.demo.life import moment
from terrain.demo.shop import EXAMPLES
from terrain.demo.world import people
from terrain.flow.take_in import Known
from terrain.store.connection import one_connection

OPENED = date(2025, 1, 6)
HEADING = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"


@pytest.fixture
def record(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let a few people have been heard of, in a record of one's own."""
    monkeypatch.setenv("TERRAIN_DATABASE_URL", fresh_database)
    monkeypatch.setenv("TERRAIN_LANGUAGE", "en")
    now = moment(date(2025, 9, 1), 12)
    with one_connection(fresh_database) as db, db.transaction():
        for person in people(OPENED, 6):
            staging.tell(db, unfold(begin(person), now).told, now, Known())
    return fresh_database


def a_year_of_tea(folder: Path) -> str:
    days = [date(2010, 1, 4) + timedelta(days=60 * n) for n in range(5)]
    lines = [
        f"{500 + n},85048,TEA,12,{day} 09:00:00,6.95,13085,United Kingdom\n"
        for n, day in enumerate(days)
    ]
    file = folder / "orders.csv"
    file.write_text(HEADING + "".join(lines))
    return str(file)


def test_an_archive_is_told_with_and_without_the_assumed_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(EXAMPLES / "own-rhythm")
    typed = [a_year_of_tea(tmp_path), "--as", "online_retail", "--automations", folder]

    assert run(["replay", *typed, "--parts", "2", "--json"]) == DONE

    titles = [each["title"]["en"] for each in json.loads(capsys.readouterr().out)["sections"]]
    assert titles == ["with the consent assumed", "without the assumed consent"]


def test_the_record_is_told_in_parts_by_whoever_joins(
    record: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(EXAMPLES)
    parts = ["replay", "--name", "spring", "--parts", "3", "--automations", folder]

    assert run([*parts, "--part", "2"]) == DONE
    assert run(["replay", "--name", "spring", "--merge"]) == REFUSED
    assert run([*parts, "--join"]) == DONE
    assert run(["replay", "--name", "spring", "--merge"]) == DONE

    assert "of 6 customers" in capsys.readouterr().out
    with one_connection(record) as db:
        assert db.execute("SELECT count(*) FROM report WHERE name = 'replay'").fetchone() == (1,)


def test_parts_need_a_name(record: str) -> None:
    assert record
    assert run(["replay", "--join"]) == REFUSED


def test_an_archive_that_is_not_there_is_not_understood() -> None:
    assert run(["replay", "nowhere.csv", "--as", "online_retail"]) == NOT_UNDERSTOOD


def test_the_demo_is_never_played_among_real_customers(record: str) -> None:
    assert record
    assert run(["demo", "--load"]) == REFUSED


@pytest.mark.slow
def test_the_naive_shop_tells_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--naive", "--json"]) == DONE

    told = json.loads(capsys.readouterr().out)
    assert told["harm"] > told["value"] > 0
