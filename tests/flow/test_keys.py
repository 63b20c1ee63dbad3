"""The keys that machines show at the door."""

from datetime import UTC, datetime

import pytest
from psycopg import Connection

from terrain.core.key import Key, Scope
from terrain.flow import keys
from terrain.store import keys as kept

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "the secret of this installation"


def a_key(db: Connection, *scopes: Scope, source: str = "shop") -> tuple[Key, str]:
    return keys.make(db, keys.draft("the shop", source, scopes or [Scope.WRITE], NOON), SECRET)


def test_a_key_is_known_again(db: Connection) -> None:
    made, text = a_key(db)

    assert keys.whose(db, text, SECRET) == made
    assert made.opens(Scope.WRITE)
    assert not made.opens(Scope.DECIDE)


def test_the_record_holds_nothing_that_opens_the_door(db: Connection) -> None:
    made, text = a_key(db)

    row = db.execute("SELECT t::text FROM access_key t").fetchone()
    assert row
    assert text.rsplit("_", 1)[1] not in row[0]
    assert made.key_id in row[0]


@pytest.mark.parametrize("wrong", ["", "terrain", "terrain__", "segment_abc_def", "\x00", "_" * 99])
def test_a_wrong_key_is_refused_whatever_is_wrong_about_it(db: Connection, wrong: str) -> None:
    with pytest.raises(keys.WrongKey):
        keys.whose(db, wrong, SECRET)


def test_one_letter_off_is_refused(db: Connection) -> None:
    _, text = a_key(db)

    with pytest.raises(keys.WrongKey):
        keys.whose(db, text[:-1] + ("0" if text[-1] != "0" else "1"), SECRET)


def test_a_key_of_another_installation_is_refused(db: Connection) -> None:
    _, text = a_key(db)

    with pytest.raises(keys.WrongKey):
        keys.whose(db, text, "another secret")


def test_a_revoked_key_opens_nothing(db: Connection) -> None:
    made, text = a_key(db)

    assert keys.revoke(db, made.key_id, NOON)
    assert not keys.revoke(db, made.key_id, NOON)
    with pytest.raises(keys.WrongKey):
        keys.whose(db, text, SECRET)
    assert [key.revoked_at for key in kept.every(db)] == [NOON]


def test_revoking_a_misspelt_key_names_the_nearest(db: Connection) -> None:
    made, _ = a_key(db)

    with pytest.raises(keys.NoSuchKey) as refused:
        keys.revoke(db, made.key_id[:-1], NOON)
    assert refused.value.right == made.key_id


def test_a_key_belongs_to_a_source(db: Connection) -> None:
    with pytest.raises(keys.NameNeeded):
        a_key(db, source=" ")
