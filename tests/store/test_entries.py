"""A way in works once, for a while, and cannot be read back."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from terrain.store import entries
from terrain.store.entries import GOOD_FOR, Kind

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAMILLE = 7


@pytest.mark.parametrize("kind", Kind)
def test_it_opens_once(db: Connection, kind: Kind) -> None:
    token = entries.make(db, kind, NOON, CAMILLE)

    assert entries.find(db, kind, token, NOON) == CAMILLE
    assert [entries.use(db, kind, token, NOON) for _ in range(2)] == [CAMILLE, None]
    assert entries.find(db, kind, token, NOON) is None


@pytest.mark.parametrize("kind", Kind)
def test_it_closes_by_itself(db: Connection, kind: Kind) -> None:
    token, end = entries.make(db, kind, NOON, CAMILLE), NOON + GOOD_FOR[kind]

    assert entries.find(db, kind, token, end - timedelta(seconds=1)) == CAMILLE
    assert entries.use(db, kind, token, end) is None


def test_it_opens_nothing_else(db: Connection) -> None:
    token = entries.make(db, Kind.INVITATION, NOON, CAMILLE)

    others = [entries.use(db, kind, token, NOON) for kind in Kind if kind != Kind.INVITATION]
    assert others == [None] * (len(Kind) - 1)


def test_a_newer_one_closes_the_older_of_its_kind_and_of_nobody_else(db: Connection) -> None:
    older = entries.make(db, Kind.LINK, NOON, CAMILLE)
    reset = entries.make(db, Kind.RESET, NOON, CAMILLE)
    others = entries.make(db, Kind.LINK, NOON, 8)
    entries.make(db, Kind.LINK, NOON, CAMILLE)

    assert entries.find(db, Kind.LINK, older, NOON) is None
    assert entries.find(db, Kind.RESET, reset, NOON) == CAMILLE
    assert entries.find(db, Kind.LINK, others, NOON) == 8


def test_what_is_kept_does_not_hold_it(db: Connection) -> None:
    token = entries.make(db, Kind.LINK, NOON, CAMILLE)

    kept = db.execute("SELECT hash FROM entry").fetchone()
    assert kept is not None
    assert token.encode() not in bytes(kept[0])


def test_what_is_over_is_let_go_when_the_next_is_made(db: Connection) -> None:
    entries.make(db, Kind.LINK, NOON, 8)
    entries.make(db, Kind.LINK, NOON + timedelta(days=2), CAMILLE)

    assert db.execute("SELECT staff_id FROM entry").fetchall() == [(CAMILLE,)]
