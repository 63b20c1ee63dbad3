"""What is typed to see the grades, and to compare a holdout from a table."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from terrain.core.process import Served
from terrain.flow.seeing import months_back
from terrain.store import automations, processes
from terrain.store.processes import Month
from tests.journeys import examples
from tests.typing_at_the_terminal import Typed

NOW = datetime.now(UTC)
NAME = "filter-reminder"
SEEN = {
    "acts": 100,
    "useful": 60,
    "sure": 100,
    "person.offered": 100,
    "stop.offered": 100,
    "correct.offered": 100,
}
FEW = {"acts": 12, "useful": 6}


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch, typed: Typed) -> None:  # noqa: ARG001 - it says "fr" first
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


@pytest.fixture
def counted(fresh_database: str) -> Callable[[dict[str, int]], None]:
    """Return what writes down what was seen of the filter this month."""

    def count(counts: dict[str, int]) -> None:
        this: date = next(months_back(NOW, 1))
        with psycopg.connect(fresh_database) as db:
            automations.add_version(db, examples()[NAME], "", NOW)
            processes.save(db, Month(NAME, this, NOW, counts))

    return count


def test_every_process_has_its_line(
    typed: Typed, counted: Callable[[dict[str, int]], None]
) -> None:
    counted(SEEN)

    _, shown = typed("grade")

    assert NAME in shown
    assert "Keep, with checks" in shown


def test_one_is_opened_to_its_parts_and_their_numbers(
    typed: Typed, counted: Callable[[dict[str, int]], None]
) -> None:
    counted(SEEN)

    _, shown = typed("grade", NAME)

    assert "They can decide when" in shown
    assert "Customers cannot decide when it happens" in shown
    assert "60 of 100 (measured)" in shown
    assert "(assumed)" in shown


def test_what_would_earn_the_next_letter_says_which(
    typed: Typed, counted: Callable[[dict[str, int]], None]
) -> None:
    counted({**SEEN, "useful": 40})

    _, shown = typed("grade", NAME)

    assert "· 40 of 100 were of use" in shown
    assert "→ A-: " in shown


def test_for_a_program_it_is_json(typed: Typed, counted: Callable[[dict[str, int]], None]) -> None:
    counted(SEEN)

    found = typed("grade", NAME, "--json")

    assert found["process"]["served"] == Served.AUTOMATION
    assert found["grade"]["letter"] == "A"
    assert found["corner"] == "keep_with_checks"
    assert found["said"]


def test_few_seen_is_said_kindly(typed: Typed, counted: Callable[[dict[str, int]], None]) -> None:
    counted(FEW)

    assert "12 were seen: 38 more are needed for a letter." in typed("grade", NAME)[1]


def test_a_name_that_nobody_declared_is_refused(
    typed: Typed, counted: Callable[[dict[str, int]], None]
) -> None:
    counted(SEEN)
    code, said = typed("grade", "filter-remainder")

    assert code != 0
    assert "filter-reminder" in said
    assert "there are: filter-reminder" in typed("grade", "nothing-like-it")[1]


def test_without_any_process_it_says_so(typed: Typed, fresh_database: str) -> None:
    assert fresh_database
    assert "There is no process yet" in typed("grade", "--count")[1]


def test_a_table_is_compared(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = [f"mail,{int(n % 3 == 0)}" for n in range(300)]
    rows += [f"none,{int(n % 9 == 0)}" for n in range(300)]
    file.write_text("\n".join(["arm,bought", *rows]))

    _, shown = typed("holdout", str(file), "--arm", "arm", "--held-out", "none", "--did", "bought")

    assert "33.3 % beside 11.3 %" in shown


def test_without_an_outcome_there_is_nothing_to_compare(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("arm\nnone\n")

    assert typed("holdout", str(file), "--arm", "arm", "--held-out", "none")[0] != 0
