"""An archive becomes events, once, and every line that does not is counted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec
import pytest
from psycopg import Connection

from terrain.core.mapping import Mapping, columns_of, with_busy
from terrain.flow import import_file, table
from terrain.flow.import_file import Report, Step
from terrain.flow.mapping import find, mapping_of
from terrain.flow.take_in import Door, Known
from terrain.store import imports, sources, trays
from terrain.store.imports import Import

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "a secret that only the tests know"
DATA = Path(__file__).parents[3] / "shared" / "data"
ORDERS = DATA / "online_retail" / "online_retail_2009_2010.csv.gz"
INCIDENTS = DATA / "incident_log" / "incident_event_log.zip"
HEADING = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"


def the_mapping(name: str = "online_retail") -> Mapping:
    mapping, problems = mapping_of(find(name))
    assert mapping, problems
    return mapping


def orders(folder: Path, *rows: str) -> Path:
    path = folder / "orders.csv"
    path.write_text(HEADING + "\n".join(rows))
    return path


def steps(path: Path, mapping: Mapping, most: int | None = None) -> Iterator[Step]:
    columns = columns_of(mapping)
    lines = list(islice(table.lines_of(path, columns, mapping.missing), most))
    return import_file.steps_of(with_busy(mapping, import_file.busy_in(mapping, lines)), lines)


def bring_in(
    db: Connection, path: Path, mapping: Mapping, most: int | None = None
) -> tuple[Import, Report]:
    draft = Import(import_id="i", file=path.name, mapping="online_retail", started_at=NOON)
    job, report = imports.begin(db, draft), Report()
    found = steps(path, mapping, most)
    for so_far, part in import_file.write(
        db, job, mapping.source, found, Door("GB", SECRET, Known())
    ):
        job = so_far
        for step in part:
            report.count(step)
    return import_file.end(db, job, mapping.source, NOON), report


def names(db: Connection) -> dict[str, int]:
    return dict(db.execute("SELECT name, count(*) FROM event GROUP BY name").fetchall())


LEAS = "1,85048,BALL,2,2009-12-01 07:45:00,6.95,13085,United Kingdom"
TAKEN_BACK = "C2,85048,BALL,-2,2009-12-02 07:45:00,6.95,13085,United Kingdom"


def test_orders_and_cancellations_come_in(db: Connection, tmp_path: Path) -> None:
    job, _ = bring_in(db, orders(tmp_path, LEAS, TAKEN_BACK), the_mapping())

    assert (job.events, job.seen, job.refused) == (4, 0, 0)
    assert names(db) == {
        "order.placed": 1,
        "order.cancelled": 1,
        "customer.identified": 1,
        "consent.given": 1,
    }


def test_importing_twice_changes_nothing(db: Connection, tmp_path: Path) -> None:
    path = orders(tmp_path, LEAS, TAKEN_BACK)
    bring_in(db, path, the_mapping())
    job, _ = bring_in(db, path, the_mapping())

    assert (job.events, job.seen) == (0, 4)
    assert sum(names(db).values()) == 4


def test_an_interrupted_import_goes_on_where_it_stopped(
    db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "TOGETHER", 2)
    rows = [LEAS.replace("1,", f"{n},", 1).replace("13085", f"c{n}") for n in range(9)]
    mapping = the_mapping()
    draft = Import(import_id="i", file="f", mapping="m", started_at=NOON)
    half = import_file.write(
        db,
        imports.begin(db, draft),
        mapping.source,
        steps(orders(tmp_path, *rows), mapping),
        Door("GB", SECRET, Known()),
    )
    stopped, _ = next(half)
    job, _ = bring_in(db, orders(tmp_path, *rows), mapping)

    assert (stopped.steps, stopped.events) == (2, 6)
    assert (job.steps, job.events, job.seen) == (9, 27, 0)


def test_lines_that_are_no_event_are_counted_with_their_numbers(
    db: Connection, tmp_path: Path
) -> None:
    path = orders(
        tmp_path,
        LEAS,
        "2,85048,BALL,many,2009-12-01 07:45:00,6.95,13085,France",
        "3,85048,BALL,1,2009-12-01 07:45:00,6.95,,France",
        "4,POST,POSTAGE,1,2009-12-01 07:45:00,18,13085,France",
        "5,85048,BALL,1,yesterday,6.95,13085,France",
        "6,85048,BALL",
    )
    job, report = bring_in(db, path, the_mapping())

    assert job.refused == 3
    assert report.refused == {"wrong_cell": 2, "other_length": 1}
    assert report.first_lines["wrong_cell"] == [3, 6]
    assert report.first_lines["no customer is named"] == [4]
    assert sorted(kept.payload.split(b"\n")[0] for kept in trays.waiting(db)) == [
        b'{"lines":[3]}',
        b'{"lines":[6]}',
        b'{"lines":[7]}',
    ]


def test_a_line_refused_at_the_door_is_in_the_report_too(db: Connection, tmp_path: Path) -> None:
    never = "3,85048,BALL,2,9999-12-01 07:45:00,6.95,13085,United Kingdom"
    job, report = bring_in(db, orders(tmp_path, LEAS, never), the_mapping())

    assert (job.events, job.refused) == (3, 1)
    assert list(report.first_lines.values()) == [[3]]


def test_the_archive_is_a_source_and_is_not_called_silent(db: Connection, tmp_path: Path) -> None:
    import_file.declare(db, the_mapping())
    bring_in(db, orders(tmp_path, LEAS), the_mapping())

    found = next(each for each in sources.every(db) if each.name == "online retail")
    assert (found.kind, found.events, found.declared) == ("transaction", 3, True)
    assert not found.is_silent(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["online_retail", "incident_log"])
def test_the_shipped_mappings_have_no_mistake(name: str) -> None:
    assert the_mapping(name).events


@pytest.mark.parametrize(
    ("text", "line", "right"),
    [
        ("source: x\ncustomer: {user: who}\ntime: {column: at}\nevents: []\n", 2, "user_id"),
        ("sauce: x\n", 1, "source"),
        ("source: x\ncustomer: {user_id: who}\ntime: {column: at, zone: Paris}\nevents: []", 3, ""),
        (
            "source: x\ncustomer: {user_id: who}\ntime: {column: at}\nevents: [{evnt: y}]",
            4,
            "event",
        ),
        ("source: [x\n", 2, ""),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, right: str
) -> None:
    (tmp_path / "m.yaml").write_text(text)
    mapping, problems = mapping_of(tmp_path / "m.yaml")

    assert mapping is None
    assert problems[0].where.line == line
    assert right in str(problems[0].right)


def test_a_mapping_nobody_has_names_the_nearest() -> None:
    with pytest.raises(Exception, match="online_retail"):
        find("online_retial")


@pytest.mark.skipif(not ORDERS.exists(), reason="the orders are not on this machine")
def test_the_first_of_525461_lines_come_in(db: Connection) -> None:
    job, report = bring_in(db, ORDERS, the_mapping(), most=3000)

    assert report.refused == {}
    assert report.left_out["no customer is named"] > 100
    assert names(db)["order.placed"] > 50
    assert names(db)["order.cancelled"] > 5
    assert names(db)["consent.given"] == names(db)["customer.identified"]
    assert job.seen == 0


@pytest.mark.skipif(not INCIDENTS.exists(), reason="the incidents are not on this machine")
def test_the_first_of_141712_updates_come_in(db: Connection) -> None:
    _, report = bring_in(db, INCIDENTS, the_mapping("incident_log"), most=2000)

    assert report.refused == {}
    assert names(db).keys() == {"complaint.opened", "complaint.closed", "incident.updated"}
    row = db.execute("SELECT payload FROM event WHERE name = 'complaint.opened'").fetchone()
    assert row
    assert msgspec.json.decode(row[0])["context"]["assumed"] == ["time"]
