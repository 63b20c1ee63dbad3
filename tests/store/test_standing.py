"""Who stands where is counted up to a limit, so that a million sleepers cost what a thousand do."""

from datetime import timedelta

import msgspec
import pytest
from psycopg import Connection

from terrain.core.identifier import CustomerKey, key_of, new_id
from terrain.core.run import Run, RunState
from terrain.store import history, runs, standing
from terrain.store.standing import Standing
from tests.people import NOON

NAME = "filter-reminder"


def a_run(number: int, place: tuple[int | str, ...] = (0,), **more: object) -> Run:
    run = Run(
        key=key_of(number),
        run_id=new_id(NOON),
        automation=NAME,
        version=1,
        subject=f"order-{number}",
        state=RunState.WAITING,
        place=place,
        started_at=NOON,
        started_by="m-1",
        due_at=NOON + timedelta(days=number),
    )
    return msgspec.structs.replace(run, **more)


@pytest.fixture
def under_way(db: Connection) -> list[Run]:
    rows = [
        a_run(1),
        a_run(2),
        a_run(3, state=RunState.HELD),
        a_run(4, (2, "way:1", 0)),
        a_run(5, version=2),
        a_run(6, ended_at=NOON, state=RunState.ENDED),
        a_run(7, automation="another"),
    ]
    runs.save(db, rows)
    return rows


@pytest.mark.usefixtures("under_way")
def test_runs_are_counted_by_automation_and_by_version(db: Connection) -> None:
    assert standing.by_automation(db, [NAME, "another", "none"]) == {
        NAME: Standing(5),
        "another": Standing(1),
        "none": Standing(0),
    }
    assert standing.by_version(db, NAME, [1, 2, 3]) == {
        1: Standing(4),
        2: Standing(1),
        3: Standing(0),
    }


@pytest.mark.usefixtures("under_way")
def test_runs_are_counted_by_step_and_state(db: Connection) -> None:
    found = standing.by_step(db, NAME, 1, ["0", "1", "2.way:1.0"])

    assert found == {
        "0": {"waiting": Standing(2), "held": Standing(1)},
        "2.way:1.0": {"waiting": Standing(1)},
    }


@pytest.mark.usefixtures("under_way")
def test_beyond_the_limit_there_are_more(db: Connection) -> None:
    assert standing.by_automation(db, [NAME], most=3) == {NAME: Standing(3, more=True)}
    assert standing.by_automation(db, [NAME], most=5) == {NAME: Standing(5)}
    assert standing.by_automation(db, []) == {}


@pytest.mark.usefixtures("under_way")
def test_those_at_a_step_are_listed(db: Connection) -> None:
    assert {row.subject for row in standing.at_step(db, NAME, 1, "0")} == {
        "order-1",
        "order-2",
        "order-3",
    }
    assert len(standing.at_step(db, NAME, 1, "0", most=2)) == 2


def test_a_run_that_moves_on_stands_elsewhere(db: Connection, under_way: list[Run]) -> None:
    runs.save(db, [msgspec.structs.replace(under_way[0], place=(1,))])

    assert standing.by_step(db, NAME, 1, ["1"]) == {"1": {"waiting": Standing(1)}}


@pytest.mark.usefixtures("under_way")
def test_a_count_reads_the_index_and_no_whole_table(db: Connection) -> None:
    db.execute("SET LOCAL enable_seqscan = off")
    plan = db.execute(
        "EXPLAIN SELECT count(*) FROM run WHERE automation = %s AND version = 1 AND step = '0'"
        " AND ended_at IS NULL",
        [NAME],
    ).fetchall()

    assert "run_standing" in str(plan)


@pytest.mark.usefixtures("under_way")
def test_a_sample_is_of_those_it_has_met(db: Connection) -> None:
    met = history.met_by(db, NAME, 3)

    assert len(met) == 3
    assert set(met) <= {key_of(number) for number in range(1, 6)}
    assert history.met_by(db, "nobody", 3) == []
    assert history.anybody(db, 3) == []
    assert history.events_of(db, CustomerKey(1, 1), NOON, 3) == []
