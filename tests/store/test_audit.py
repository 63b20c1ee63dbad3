"""What staff did stays written: found by person, by deed, by customer, piece by piece."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

import terrain
from terrain.store import audit
from terrain.store.audit import Before, Line, Sought

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW = Before(NOON + timedelta(days=1))
CAMILLE, INES = 1, 2


def noted(db: Connection, what: str = "task", minutes: int = 0, **parts: Any) -> None:
    given: dict[str, Any] = {"at": NOON + timedelta(minutes=minutes), "staff_id": CAMILLE} | parts
    audit.note(db, Line(what=what, outcome=302, **given))


def deeds(db: Connection, **sought: Any) -> list[str]:
    return [line.what for line in audit.lines(db, Sought(**sought), NOW, 100)]


def test_a_line_comes_back_as_it_was_written(db: Connection) -> None:
    noted(db, "task", name="Camille", about={"task": 7}, details={"automation": "filter"})
    (line,) = audit.lines(db, Sought(), NOW, 10)

    assert (line.at, line.staff_id, line.name, line.what) == (NOON, CAMILLE, "Camille", "task")
    assert (line.outcome, line.about, line.details) == (302, {"task": 7}, {"automation": "filter"})


def test_the_newest_line_comes_first(db: Connection) -> None:
    for minute, what in enumerate(["first", "second", "third"]):
        noted(db, what, minute)

    assert deeds(db) == ["third", "second", "first"]


def test_what_one_person_did_is_found(db: Connection) -> None:
    noted(db, "task")
    noted(db, "trays", staff_id=INES)

    assert deeds(db, staff_id=INES) == ["trays"]


def test_every_deed_of_one_kind_is_found(db: Connection) -> None:
    noted(db, "task")
    noted(db, "keys")

    assert deeds(db, what="keys") == ["keys"]


def test_what_was_done_about_one_customer_is_found(db: Connection) -> None:
    noted(db, "said", customer_id=2**62)
    noted(db, "keys")

    assert deeds(db, customer_id=2**62) == ["said"]
    assert deeds(db, customer_id=7) == []


def test_several_wishes_narrow_together(db: Connection) -> None:
    noted(db, "task", staff_id=INES)
    noted(db, "task")
    noted(db, "keys", staff_id=INES)

    assert len(deeds(db, staff_id=INES, what="task")) == 1
    assert deeds(db, since=NOON + timedelta(hours=1)) == []


def test_read_in_pieces_no_line_is_left_out_or_comes_twice(db: Connection) -> None:
    for number in range(25):
        noted(db, f"deed-{number}", minutes=number // 10)  # ten in the same moment
    seen: list[str] = []
    before = NOW
    while piece := audit.lines(db, Sought(), before, 7):
        seen += [line.what for line in piece]
        before = Before(piece[-1].at, piece[-1].audit_id)

    assert len(seen) == 25
    assert len(set(seen)) == 25


def test_old_lines_are_let_go_and_no_others(db: Connection) -> None:
    noted(db, "old", minutes=-1)
    noted(db, "young")

    assert audit.let_go(db, NOON) == 1
    assert deeds(db) == ["young"]


def test_a_year_is_let_go_in_pieces(db: Connection) -> None:
    for minute in range(5):
        noted(db, minutes=-minute - 1)

    assert [audit.let_go(db, NOON, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_nothing_in_terrain_changes_a_line() -> None:
    changing = re.compile(
        r"(UPDATE|DELETE FROM|TRUNCATE|DROP TABLE|MERGE INTO)\s+audit\b", re.IGNORECASE
    )
    package = Path(terrain.__file__).parent
    found = {
        str(file.relative_to(package)): len(changing.findall(file.read_text()))
        for file in [*package.rglob("*.py"), *package.rglob("*.sql")]
        if changing.search(file.read_text())
    }

    assert found == {"store/audit.py": 1}  # letting go of what is old


@pytest.mark.parametrize(
    ("sought", "index"),
    [
        (Sought(staff_id=CAMILLE), "audit_who"),
        (Sought(what="keys"), "audit_what"),
        (Sought(customer_id=7), "audit_customer"),
        (Sought(), "audit_when"),
    ],
)
def test_every_way_to_look_has_its_index(db: Connection, sought: Sought, index: str) -> None:
    db.execute("SET LOCAL enable_seqscan = off")
    db.execute("SET LOCAL enable_sort = off")
    said = _plan(db, sought)

    assert index in said
    assert "Sort" not in said


def _plan(db: Connection, sought: Sought) -> str:
    class Explaining:
        def execute(self, statement: str, values: Any) -> Any:
            self.said = str(db.execute(f"EXPLAIN {statement}".encode(), values).fetchall())
            return []

    explaining = Explaining()
    audit.lines(explaining, sought, NOW, 60)  # type: ignore[arg-type]
    return explaining.said


def test_who_does_not_own_the_table_can_add_lines_and_change_none(db: Connection) -> None:
    """As docs/how-to/sign-in.md says it."""
    for statement in (
        "CREATE ROLE a_keeper",
        "CREATE ROLE a_house",
        "ALTER TABLE audit OWNER TO a_keeper",
        "GRANT SELECT, INSERT ON audit TO a_house",
        "SET LOCAL ROLE a_house",
    ):
        db.execute(statement.encode())
    noted(db, "task")

    assert deeds(db) == ["task"]
    for forbidden in ("UPDATE audit SET name = ''", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(InsufficientPrivilege), db.transaction():
            db.execute(forbidden.encode())
