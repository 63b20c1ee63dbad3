"""The keys that were shown lately: remembered for seconds, never beyond the moment they close."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from terrain.api import keyring as keyrings
from terrain.api.keyring import Keyring
from terrain.core.key import Scope
from terrain.flow import keys
from terrain.flow.keys import KeyDoesNotOpen, WrongKey
from terrain.store.connection import Record

SECRET = "the secret of this installation"


def shows(ring: Keyring, text: str, scope: Scope = Scope.WRITE) -> str:
    key = asyncio.run(ring.admit(b"Bearer " + text.encode(), scope))
    return key.key_id


@pytest.fixture
def address(fresh_database: str) -> str:
    return fresh_database


def a_ring(address: str) -> Keyring:
    record = Record(address)
    record.open()
    return Keyring(record, SECRET)


def a_key(address: str) -> tuple[str, str]:
    now = datetime.now(UTC)
    with psycopg.connect(address) as db:
        made, text = keys.make(db, keys.draft("", "shop", [Scope.WRITE], now), SECRET)
    return made.key_id, text


def test_a_key_that_closes_soon_closes_in_time_though_it_is_remembered(address: str) -> None:
    ring, (key_id, text) = a_ring(address), a_key(address)
    soon = datetime.now(UTC) + timedelta(seconds=0.4)
    with psycopg.connect(address) as db:
        db.execute("UPDATE access_key SET closes_at = %s", [soon])
    assert shows(ring, text) == key_id

    time.sleep(0.5)
    with pytest.raises(WrongKey):
        shows(ring, text)


def test_a_revoked_key_is_forgotten_after_a_moment(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyrings, "SECONDS_REMEMBERED", 0.2)
    ring, (key_id, text) = a_ring(address), a_key(address)
    assert shows(ring, text) == key_id
    with psycopg.connect(address) as db:
        keys.revoke(db, key_id, datetime.now(UTC))

    time.sleep(0.3)
    with pytest.raises(WrongKey):
        shows(ring, text)


def test_a_key_opens_only_what_its_scopes_name(address: str) -> None:
    ring, (_, text) = a_ring(address), a_key(address)

    with pytest.raises(KeyDoesNotOpen):
        shows(ring, text, Scope.DECIDE)


def test_a_use_is_told_once(address: str) -> None:
    ring, (key_id, text) = a_ring(address), a_key(address)
    for _ in range(3):
        shows(ring, text)

    assert list(ring.used()) == [key_id]
    assert ring.used() == {}


def test_a_wrong_key_was_used_by_nobody(address: str) -> None:
    ring = a_ring(address)
    with pytest.raises(WrongKey):
        shows(ring, "terrain_abc_def")

    assert ring.used() == {}
