"""The keys that machines show at the door."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from terrain.core.key import Key, Scope
from terrain.flow import keys
from terrain.store import keys as kept

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "the secret of this installation"
A_DAY = timedelta(days=1)


def a_key(db: Connection, *scopes: Scope, source: str = "shop") -> tuple[Key, str]:
    return keys.make(db, keys.draft("the shop", source, scopes or [Scope.WRITE], NOON), SECRET)


def test_a_key_is_known_again(db: Connection) -> None:
    made, text = a_key(db)

    assert keys.whose(db, text, SECRET, NOON) == made
    assert made.opens(Scope.WRITE, NOON)
    assert not made.opens(Scope.DECIDE, NOON)


def test_the_record_holds_nothing_that_opens_the_door(db: Connection) -> None:
    made, text = a_key(db)

    row = db.execute("SELECT t::text FROM access_key t").fetchone()
    assert row
    assert text.rsplit("_", 1)[1] not in row[0]
    assert made.key_id in row[0]


@pytest.mark.parametrize("wrong", ["", "terrain", "terrain__", "segment_abc_def", "\x00", "_" * 99])
def test_a_wrong_key_is_refused_whatever_is_wrong_about_it(db: Connection, wrong: str) -> None:
    with pytest.raises(keys.WrongKey):
        keys.whose(db, wrong, SECRET, NOON)


def test_one_letter_off_is_refused(db: Connection) -> None:
    _, text = a_key(db)

    with pytest.raises(keys.WrongKey):
        keys.whose(db, text[:-1] + ("0" if text[-1] != "0" else "1"), SECRET, NOON)


def test_a_key_of_another_installation_is_refused(db: Connection) -> None:
    _, text = a_key(db)

    with pytest.raises(keys.WrongKey):
        keys.whose(db, text, "another secret", NOON)


def test_a_revoked_key_opens_nothing(db: Connection) -> None:
    made, text = a_key(db)

    assert keys.revoke(db, made.key_id, NOON)
    assert not keys.revoke(db, made.key_id, NOON)
    with pytest.raises(keys.WrongKey):
        keys.whose(db, text, SECRET, NOON)
    assert [key.closes_at for key in kept.every(db)] == [NOON]


def test_revoking_a_misspelt_key_names_the_nearest(db: Connection) -> None:
    made, _ = a_key(db)

    with pytest.raises(keys.NoSuchKey) as refused:
        keys.revoke(db, made.key_id[:-1], NOON)
    assert refused.value.right == made.key_id


def test_a_key_belongs_to_a_source(db: Connection) -> None:
    with pytest.raises(keys.NameNeeded):
        a_key(db, source=" ")


def test_a_key_opens_something(db: Connection) -> None:
    with pytest.raises(keys.ScopeNeeded):
        keys.make(db, keys.draft("", "shop", [], NOON), SECRET)


def test_a_label_is_as_short_as_a_name(db: Connection) -> None:
    with pytest.raises(keys.NameNeeded):
        keys.make(db, keys.draft("x" * 81, "shop", [Scope.WRITE], NOON), SECRET)


def test_the_old_key_goes_on_beside_the_new_one_until_the_moment_that_was_chosen(
    db: Connection,
) -> None:
    old, old_text = a_key(db, Scope.WRITE, Scope.DECIDE)
    new, new_text = keys.follow(db, old.key_id, 1, SECRET, NOON)

    assert (new.source, new.label, new.scopes) == (old.source, old.label, old.scopes)
    almost = NOON + A_DAY - timedelta(seconds=1)
    assert keys.whose(db, old_text, SECRET, almost).successor == new.key_id
    assert keys.whose(db, new_text, SECRET, almost).key_id == new.key_id
    with pytest.raises(keys.WrongKey):
        keys.whose(db, old_text, SECRET, NOON + A_DAY)


def test_a_key_may_be_followed_at_once(db: Connection) -> None:
    old, old_text = a_key(db)
    _, new_text = keys.follow(db, old.key_id, 0, SECRET, NOON)

    assert keys.whose(db, new_text, SECRET, NOON).source == "shop"
    with pytest.raises(keys.WrongKey):
        keys.whose(db, old_text, SECRET, NOON)


def test_a_key_is_followed_by_one_other_and_no_more(db: Connection) -> None:
    old, _ = a_key(db)
    keys.follow(db, old.key_id, 7, SECRET, NOON)

    with pytest.raises(keys.KeyIsClosed):
        keys.follow(db, old.key_id, 7, SECRET, NOON)


def test_a_closed_key_is_not_followed(db: Connection) -> None:
    old, _ = a_key(db)
    keys.revoke(db, old.key_id, NOON)

    with pytest.raises(keys.KeyIsClosed):
        keys.follow(db, old.key_id, 7, SECRET, NOON)


def test_what_never_was_a_key_is_not_followed(db: Connection) -> None:
    with pytest.raises(keys.NoSuchKey):
        keys.follow(db, "nonsense", 7, SECRET, NOON)


@pytest.mark.parametrize("days", [-1, 2, 3650])
def test_nobody_lets_an_old_key_go_on_for_years(db: Connection, days: int) -> None:
    old, _ = a_key(db)

    with pytest.raises(keys.WrongOverlap):
        keys.follow(db, old.key_id, days, SECRET, NOON)


def test_a_key_that_still_goes_on_can_be_revoked_at_once(db: Connection) -> None:
    old, text = a_key(db)
    keys.follow(db, old.key_id, 7, SECRET, NOON)

    assert keys.revoke(db, old.key_id, NOON + A_DAY)
    with pytest.raises(keys.WrongKey):
        keys.whose(db, text, SECRET, NOON + A_DAY)


def test_when_a_key_was_last_used_is_written_once_a_minute(db: Connection) -> None:
    made, _ = a_key(db)
    for seconds in (0, 20, 59):
        kept.note_use(db, {made.key_id: NOON + timedelta(seconds=seconds)})
    assert kept.uses(db) == {made.key_id: NOON}

    kept.note_use(db, {made.key_id: NOON + timedelta(seconds=61)})
    assert kept.uses(db) == {made.key_id: NOON + timedelta(seconds=61)}


def test_no_use_is_nothing_to_write(db: Connection) -> None:
    kept.note_use(db, {})

    assert kept.uses(db) == {}
