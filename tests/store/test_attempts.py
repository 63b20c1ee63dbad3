"""Tries at what can be guessed are counted once each, wherever they are made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import Connection

from terrain.store import attempts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
CAMILLE = b"camille"


def test_tries_add_up_within_the_time_and_begin_again_after_it(db: Connection) -> None:
    for n in range(3):
        assert attempts.count(db, CAMILLE, QUARTER, NOON + timedelta(minutes=n)) == (n + 1, NOON)

    later = NOON + QUARTER
    assert attempts.count(db, CAMILLE, QUARTER, later) == (1, later)


def test_a_hundred_tries_at_once_are_a_hundred(fresh_database: str) -> None:
    def guess(_: int) -> None:
        with psycopg.connect(fresh_database) as db:
            for _ in range(20):
                attempts.count(db, CAMILLE, QUARTER, NOON)
                db.commit()

    with ThreadPoolExecutor(5) as processes:
        list(processes.map(guess, range(5)))

    with psycopg.connect(fresh_database) as db:
        assert attempts.count(db, CAMILLE, QUARTER, NOON)[0] == 101


def test_what_was_no_try_is_taken_back_and_never_below_none(db: Connection) -> None:
    attempts.count(db, CAMILLE, QUARTER, NOON)
    for _ in range(3):
        attempts.take_back(db, CAMILLE)

    assert attempts.count(db, CAMILLE, QUARTER, NOON)[0] == 1


def test_one_is_forgotten_and_the_other_is_not(db: Connection) -> None:
    for who in (CAMILLE, b"ines"):
        attempts.count(db, who, QUARTER, NOON)
    attempts.forget(db, CAMILLE)

    assert attempts.count(db, CAMILLE, QUARTER, NOON)[0] == 1
    assert attempts.count(db, b"ines", QUARTER, NOON)[0] == 2


def test_what_is_old_is_let_go(db: Connection) -> None:
    attempts.count(db, CAMILLE, QUARTER, NOON)
    attempts.let_go(db, NOON + timedelta(days=1, seconds=1))

    assert db.execute("SELECT count(*) FROM attempt").fetchone() == (0,)
