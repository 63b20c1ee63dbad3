"""A mark changes with whatever pages show of its topic, and with nothing else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest
from psycopg import Connection

from terrain.core.breaker import Resuming
from terrain.core.fact import SourceKind
from terrain.core.flag import Flag, Reason
from terrain.core.identifier import key_of
from terrain.core.recall import Recall, Scope, State
from terrain.core.task import Task, TaskKind
from terrain.flow.sources import hear
from terrain.store import (
    automations,
    counters,
    flags,
    leases,
    recalls,
    sources,
    tasks,
    trays,
    trips,
)
from terrain.store.counters import What
from terrain.store.marks import Topic, marks
from terrain.store.sources import Source
from terrain.store.trays import Misfit
from tests.hurt import Written
from tests.journeys import examples
from tests.oversight import a_house_that_watches, tripped

NOW = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
HOUR = timedelta(hours=1)
TASK = Task(
    key=key_of(7), task_id=7, kind=TaskKind.HAND, title="x", opened_at=NOW, due_at=NOW + HOUR
)
FLAG = Flag(node=key_of(7), flag_id=9, at=NOW, automation="welcome", reason=Reason.OTHER)
RECALL = Recall(
    recall_id=8,
    automation="welcome",
    state=State.LOOKING,
    opened_at=NOW,
    opened_by="Camille",
    because="it went to the wrong people",
    since=NOW - HOUR,
    until=NOW,
    scope=Scope(automation="welcome", since=NOW - HOUR, until=NOW),
)


def a_misfit() -> Misfit:
    return Misfit("event", "shop", "nobody", {"code": "nobody"}, b"{}")


def is_counted(db: Connection) -> None:
    counters.add(db, counters.counts(3, NOW, [What("filter-reminder", 1, "decided.act")]))


def is_at_work(db: Connection) -> None:
    leases.say_alive(db, "worker-1", NOW, 0)


def waits(db: Connection) -> None:
    db.execute("INSERT INTO pending VALUES (1, 1, 1, 'm')")


def is_opened(db: Connection) -> None:
    tasks.save(db, [TASK])


def is_misfit(db: Connection) -> None:
    trays.put(db, [a_misfit()], NOW)


def is_heard(db: Connection) -> None:
    hear(db, {"shop": 1}, NOW)


def is_declared(db: Connection) -> None:
    sources.declare(db, Source(name="shop", kind=SourceKind.TRANSACTION))


def is_published(db: Connection) -> None:
    automations.add_version(db, examples()["filter-reminder"], "", NOW)


def is_refused(db: Connection) -> None:
    automations.refuse(db, "faster-parcel", [{"code": "x"}], NOW)


def is_flagged(db: Connection) -> None:
    flags.keep(db, [FLAG])


def is_watched(db: Connection) -> None:
    Written(db, NOW).watched()


def is_recalled(db: Connection) -> None:
    recalls.add(db, RECALL, [7])


@pytest.mark.parametrize(
    ("what", "topics"),
    [
        (is_counted, {Topic.COUNTS}),
        (is_at_work, {Topic.COUNTS}),
        (waits, {Topic.COUNTS}),
        (is_opened, {Topic.TASKS}),
        (is_misfit, {Topic.TRAYS}),
        (is_heard, {Topic.SOURCES}),
        (is_published, {Topic.AUTOMATIONS}),
        (is_refused, {Topic.AUTOMATIONS}),
        (is_flagged, {Topic.FLAGS}),
        (is_recalled, {Topic.RECALLS}),
        (is_watched, {Topic.WATCHES}),
    ],
)
def test_only_its_own_mark_moves(
    db: Connection, what: Callable[[Connection], None], topics: set[Topic]
) -> None:
    before = marks(db, NOW)
    what(db)

    after = marks(db, NOW)
    assert {topic for topic in Topic if before[topic] != after[topic]} == topics


def test_nothing_moves_where_nothing_happens(db: Connection) -> None:
    is_opened(db)
    is_misfit(db)
    is_heard(db)

    assert marks(db, NOW) == marks(db, NOW + timedelta(seconds=1))


def test_a_task_that_is_taken_given_back_late_or_done_moves(db: Connection) -> None:
    is_opened(db)
    seen = [marks(db, NOW)["tasks"]]
    tasks.take(db, TASK, "Inès")
    seen.append(marks(db, NOW)["tasks"])
    seen.append(marks(db, NOW + 2 * HOUR)["tasks"])  # its date is over
    tasks.close(db, TASK, "Inès", "called", NOW)
    seen.append(marks(db, NOW)["tasks"])

    assert len(set(seen)) == 4


def test_a_source_that_falls_silent_moves_without_a_word(db: Connection) -> None:
    for minute in range(60):
        hear(db, {"shop": 10}, NOW - timedelta(minutes=60 - minute))

    assert marks(db, NOW)["sources"] != marks(db, NOW + 3 * HOUR)["sources"]


def test_a_tray_that_overflows_further_moves(db: Connection) -> None:
    trays.put(db, [a_misfit()] * (trays.MOST_OPEN + 1), NOW)
    before = marks(db, NOW)["trays"]
    trays.put(db, [a_misfit()], NOW + HOUR)

    assert marks(db, NOW)["trays"] != before


def test_a_tray_that_is_looked_after_moves(db: Connection) -> None:
    is_misfit(db)
    before = marks(db, NOW)["trays"]
    trays.close(db, [line.tray_id for line in trays.waiting(db)], "Inès", NOW)

    assert marks(db, NOW)["trays"] != before


@pytest.fixture
def two(fresh_database: str) -> Iterator[tuple[Connection, Connection]]:
    with (
        psycopg.connect(fresh_database, autocommit=True) as one,
        psycopg.connect(fresh_database, autocommit=True) as other,
    ):
        yield one, other


def test_what_was_written_first_and_committed_last_is_not_missed(
    two: tuple[Connection, Connection],
) -> None:
    """The reason why marks are compared for being different: a cursor would have gone past it."""
    slow, quick = two
    with slow.transaction():
        tasks.save(slow, [TASK])
        later = Task(key=key_of(8), task_id=8, kind=TaskKind.HAND, title="y", opened_at=NOW + HOUR)
        tasks.save(quick, [later])
        seen = marks(quick, NOW)["tasks"]

    assert marks(quick, NOW)["tasks"] != seen


def test_a_stop_moves_when_it_is_answered_told_further_up_or_over(db: Connection) -> None:
    a_house_that_watches(db, now=NOW)
    seen = [marks(db, NOW)["stops"]]
    number = tripped(db, now=NOW).trip_id
    seen.append(marks(db, NOW)["stops"])
    trips.escalate(db, number, 1, NOW + HOUR)
    seen.append(marks(db, NOW)["stops"])
    trips.answer(db, number, "Camille", "I am looking at it", NOW)
    seen.append(marks(db, NOW)["stops"])
    trips.resume(db, number, Resuming(by="Camille"), 0, NOW)
    seen.append(marks(db, NOW)["stops"])

    assert len(set(seen)) == 5


def test_a_flag_that_is_answered_moves(db: Connection) -> None:
    is_flagged(db)
    before = marks(db, NOW)["flags"]
    db.execute("UPDATE flag SET answered_at = %s", [NOW])

    assert marks(db, NOW)["flags"] != before


def test_a_recall_that_goes_on_moves(db: Connection) -> None:
    is_recalled(db)
    before = marks(db, NOW)["recalls"]
    recalls.move(db, msgspec.structs.replace(RECALL, state=State.FOUND))

    assert marks(db, NOW)["recalls"] != before


def test_a_watch_moves_when_it_reads_otherwise_and_not_each_time_it_looks(db: Connection) -> None:
    written = Written(db, NOW)
    written.watched()
    before = marks(db, NOW)[Topic.WATCHES]
    written.watched()
    assert marks(db, NOW)[Topic.WATCHES] == before

    written.watched(deaf_since=NOW)
    assert marks(db, NOW)[Topic.WATCHES] != before
