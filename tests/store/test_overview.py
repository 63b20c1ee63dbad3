"""Lists and counts over everybody, for the people who answer for it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, ClassVar

import msgspec
import pytest
from psycopg import Connection, Cursor

from terrain.store import counters, overview
from terrain.store.counters import What
from terrain.store.overview import DecisionRow, Wanted
from terrain.store.pending import LEAST_SHARE, first

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
AUTOMATIONS, VERDICTS = ("faster-parcel", "filter-reminder"), ("act", "ask", "hand", "hold")


@pytest.fixture
def decided(db: Connection) -> Connection:
    """Forty decisions of two automations, one an hour and some at the same moment, each fifth a close call."""
    for number, (name, verdict, _) in enumerate(product(AUTOMATIONS, VERDICTS, range(5))):
        db.execute(
            """
            INSERT INTO decision (bucket, close_call, version, customer_id, decision_id, run_id, at,
                                  verdict, because, automation, step, explanation)
            VALUES (%s, %s, 1, %s, %s, 0, %s, %s, 'sure_enough', %s, 's', '')
            """,
            [number, number % 5 == 0, number, number, NOON - HOUR * (number // 2), verdict, name],
        )
    return db


def pages(db: Connection, wanted: Wanted, most: int = 7) -> Iterator[DecisionRow]:
    """Turn the pages until there is nothing more."""
    while rows := overview.decisions(db, wanted, most):
        yield from rows
        wanted = msgspec.structs.replace(wanted, before=(rows[-1].at, rows[-1].decision_id))


def test_turning_the_pages_shows_everything_once_the_latest_first(decided: Connection) -> None:
    seen = list(pages(decided, Wanted()))

    assert len({row.decision_id for row in seen}) == len(seen) == 40
    assert [row.at for row in seen] == sorted((row.at for row in seen), reverse=True)


@pytest.mark.parametrize(
    ("wanted", "there_are"),
    [
        (Wanted(verdict="hold"), 10),
        (Wanted(automation="filter-reminder"), 20),
        (Wanted(automation="filter-reminder", verdict="hold"), 5),
        (Wanted(automation="nobody-knows-it"), 0),
        (Wanted(close_call=True), 8),
        (Wanted(close_call=True, verdict="act"), 2),
        (Wanted(since=NOON - HOUR, until=NOON), 2),
        (Wanted(since=NOON), 2),
    ],
)
def test_only_what_is_asked_for_is_shown(
    decided: Connection, wanted: Wanted, there_are: int
) -> None:
    rows = list(pages(decided, wanted, most=3))

    assert len(rows) == there_are
    assert wanted.verdict is None or {row.verdict for row in rows} == {wanted.verdict}
    assert not wanted.close_call or all(row.close_call for row in rows)


def test_nothing_decided_is_an_empty_page(db: Connection) -> None:
    assert overview.decisions(db, Wanted()) == []


def test_a_page_of_decisions_reads_no_more_than_a_page_of_each_kind(decided: Connection) -> None:
    decided.execute("SET LOCAL enable_seqscan = off")
    plan = plan_of(decided, lambda: overview.decisions(decided, Wanted(), most=3))

    assert "Seq Scan" not in plan
    assert plan.count("decision_latest") >= 2


class Noting(Cursor[Any]):
    """A cursor that remembers what was asked last."""

    asked: ClassVar[tuple[str, Any]]

    def execute(self, query: Any, params: Any = None, **more: Any) -> "Noting":
        Noting.asked = (query.decode(), params)
        return super().execute(query, params, **more)


def plan_of(db: Connection, ask: Callable[[], object]) -> str:
    """Return how PostgreSQL answers what this asks."""
    before, db.cursor_factory = db.cursor_factory, Noting
    ask()
    db.cursor_factory = before
    query, params = Noting.asked
    rows: Any = db.execute(f"EXPLAIN {query}".encode(), params)
    return "\n".join(row[0] for row in rows)


def test_what_waits_longest_is_found_whatever_its_bucket(db: Connection) -> None:
    for bucket, event_id in ((200, 5), (3, 9), (77, 7)):
        wait(db, bucket, event_id, received_at=NOON + timedelta(minutes=event_id))

    assert overview.oldest_pending(db) == NOON + timedelta(minutes=5)
    assert [one.event_id for one in first(db, range(256), 2)] == [5, 7]


def test_nothing_waits(db: Connection) -> None:
    assert overview.oldest_pending(db) is None
    assert first(db, range(256), 10) == []


def test_a_long_line_in_one_bucket_is_still_a_whole_batch(db: Connection) -> None:
    for number in range(5 * LEAST_SHARE):
        wait(db, 3, number)
    wait(db, 200, 1000)

    taken = first(db, range(256), 4 * LEAST_SHARE)
    assert [one.event_id for one in taken] == list(range(4 * LEAST_SHARE))
    assert len(first(db, range(256), 1000)) == 5 * LEAST_SHARE + 1


def test_long_lines_everywhere_are_taken_in_the_order_of_each(db: Connection) -> None:
    for number in range(600):
        wait(db, number % 6, number)

    taken = first(db, range(256), 60)
    assert len(taken) == 60
    for bucket in range(6):
        of_bucket = [one.event_id for one in taken if one.bucket == bucket]
        assert of_bucket == [bucket + 6 * place for place in range(len(of_bucket))]


def wait(db: Connection, bucket: int, event_id: int, received_at: datetime = NOON) -> None:
    db.execute(
        """
        INSERT INTO event (bucket, customer_id, event_id, at, received_at, message_id, name, source, payload)
        VALUES (%s, 1, %s, %s, %s, %s, 'x', 'shop', '')
        """,
        [bucket, event_id, received_at, received_at, str(event_id)],
    )
    db.execute("INSERT INTO pending VALUES (%s, 1, %s, %s)", [bucket, event_id, str(event_id)])


def test_an_automation_is_shown_with_what_it_has_under_way(db: Connection) -> None:
    name = "filter-reminder"
    db.execute(
        """
        INSERT INTO automation (name, live_version, changed_at, paused_by, paused_because)
        VALUES (%s, 3, %s, '', '')
        """,
        [name, NOON],
    )
    seen = [What(name, 3, "run.started")] * 5 + [What(name, 2, "run.ended")] * 2
    counters.add(db, counters.counts(1, NOON - 400 * HOUR, [*seen, What(name, 3, "decided.act")]))
    counters.add(db, counters.counts(1, NOON, [What(name, 3, "decided.hold")] * 2))

    (row,) = overview.automations(db, NOON - HOUR)
    assert (row.under_way, row.verdicts) == (3, {"hold": 2})
