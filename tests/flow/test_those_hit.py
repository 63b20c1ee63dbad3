"""What differs about the people hit is found in the record, at a bounded cost, among comparable people."""

from datetime import timedelta

import pytest
from psycopg import Connection

from terrain.config import Settings
from terrain.core.catalogue import Catalogue
from terrain.core.contrast import Value
from terrain.core.signal import Signal
from terrain.flow import those_hit
from terrain.flow.those_hit import Compared
from terrain.store import samples
from terrain.store.samples import Asked
from tests.hurt import Written
from tests.oversight import AUTOMATION
from tests.people import NOON

SEASON = timedelta(days=90)
DAY = timedelta(days=1)


def asked(**more: object) -> Asked:
    given = {"automation": AUTOMATION, "signal": Signal.COMPLAINT, "since": NOON - SEASON}
    return Asked(**{**given, **more})  # type: ignore[arg-type]


def compared(db: Connection, **more: object) -> Compared:
    return those_hit.compared(db, asked(**more), Catalogue(), Settings())


def test_the_version_that_hurts_stands_out(db: Connection) -> None:
    written = Written(db, NOON)
    written.to(60, bad=1, version=1)
    written.to(20, bad=9, version=2)
    found = compared(db)

    assert found.standing[0].value == Value("version", "2")
    assert found.standing[0].hit == (9, 10)
    assert found.standing[0].others == (11, 70)
    assert found.lines[0].code == "stands_out"


def test_a_source_that_comes_with_it_is_said_to(db: Connection) -> None:
    written = Written(db, NOON)
    written.to(60, version=1)
    written.to(20, bad=10, version=2, source="broker")
    first, second = compared(db).standing[:2]

    assert {first.value.trait, second.value.trait} == {"version", "source"}
    assert second.comes_with == first.value


def test_where_nothing_stands_out_that_is_said(db: Connection) -> None:
    Written(db, NOON).to(60, bad=6)

    assert [line.code for line in compared(db).lines] == ["nothing_stands_out"]


def test_where_nobody_was_hit_there_is_nothing_to_compare(db: Connection) -> None:
    Written(db, NOON).to(5)

    assert [line.code for line in compared(db).lines] == ["nobody_hit"]
    assert [line.code for line in compared(db, automation="nothing").lines] == ["nobody_hit"]


def test_another_signal_is_another_question(db: Connection) -> None:
    Written(db, NOON).to(20, bad=5, signal=Signal.STOP)

    assert (compared(db).hit, compared(db).others) == (0, 20)
    assert compared(db, signal=Signal.STOP).hit == 5


def test_only_what_was_done_since_then_is_looked_at(db: Connection) -> None:
    written = Written(db, NOON)
    written.to(30, ago=40 * DAY, bad=10)
    written.to(10, ago=2 * DAY, bad=1)
    found = compared(db, since=NOON - 7 * DAY)

    assert (found.hit, found.others) == (1, 9)


def test_what_never_left_hurt_nobody(db: Connection) -> None:
    Written(db, NOON).to(10, bad=1)
    db.execute("UPDATE act SET left_at = NULL WHERE act_id = (SELECT min(act_id) FROM act)")

    found = compared(db)
    assert found.hit + found.others == 9


def test_of_very_many_only_the_latest_are_walked_past(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "WALKED_PAST", 20)
    written = Written(db, NOON)
    written.to(30, ago=10 * DAY, bad=5)
    written.to(20, ago=2 * DAY, bad=3)
    found = compared(db)

    assert found.since == NOON - 2 * DAY
    assert (found.hit, found.others) == (3, 17)


def test_a_sample_is_the_same_each_time_and_no_larger_than_it_may_be(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "MOST_OTHERS", 15)
    Written(db, NOON).to(60, bad=10)
    first, second = (samples.others(db, asked()) for _ in range(2))

    assert [act.act_id for act in first] == [act.act_id for act in second]
    assert 5 <= len(first) <= 15


def test_a_sample_is_fair(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MOST_OTHERS", 200)
    written = Written(db, NOON)
    written.to(300, ago=2 * DAY, version=1)
    written.to(100, ago=DAY, version=2)
    versions = [act.decision.proposal.version for act in samples.others(db, asked())]

    assert 30 <= versions.count(2) <= 70  # fifty, and what luck adds in 99.9 of 100 cases


def test_the_decision_behind_each_case_is_found(db: Connection) -> None:
    Written(db, NOON).to(3, bad=2)
    hit = samples.hit(db, asked())
    found = samples.decided(db, [(act.key, act.act_id) for act in hit])

    assert found == {act.act_id: act.decision.decision_id for act in hit}
    assert samples.decided(db, []) == {}
