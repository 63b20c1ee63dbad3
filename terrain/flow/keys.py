"""Makes keys, follows them by others, and knows them again.

Promise: a key is seen once, by whoever made it; the record keeps a keyed hash that opens nothing
without this installation's secret, and what is wrong about a wrong key is told to nobody.
"""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import blake2b

from psycopg import Connection

from terrain.core.key import DAYS_BESIDE, Key, Scope
from terrain.errors import Refusal, did_you_mean
from terrain.store import keys

PREFIX = "terrain"
LONGEST_NAME = 80


class WrongKey(Refusal):
    """No key, a wrong one, or a revoked one: a stranger learns no more than that."""

    code = "wrong_key"
    status = 401


class KeyDoesNotOpen(Refusal):
    """The key is good, but not for this."""

    code = "key_does_not_open"
    status = 403


class NoSuchKey(Refusal):
    code = "no_such_key"
    status = 404


class NameNeeded(Refusal):
    code = "name_needed"


class ScopeNeeded(Refusal):
    """A key that opens nothing is no key."""

    code = "scope_needed"


class KeyIsClosed(Refusal):
    """What opens nothing any more, or has been followed already, is not followed by another."""

    code = "key_is_closed"
    status = 409


class WrongOverlap(Refusal):
    """For how long the old key goes on is chosen among a few."""

    code = "wrong_overlap"


def make(db: Connection, draft: Key, secret: str) -> tuple[Key, str]:
    """Keep a new key like this draft; return it with the text that is shown this once."""
    if not 0 < len(draft.source.strip()) <= LONGEST_NAME:
        raise NameNeeded(field="source", value=draft.source, right=LONGEST_NAME)
    if len(draft.label) > LONGEST_NAME:
        raise NameNeeded(field="label", value=draft.label, right=LONGEST_NAME)
    if not draft.scopes:
        raise ScopeNeeded(field="scopes", right=[scope.value for scope in Scope])
    word = secrets.token_hex(24)
    keys.save(db, draft, hashed(draft.key_id, word, secret))
    return draft, f"{PREFIX}_{draft.key_id}_{word}"


def draft(label: str, source: str, scopes: Collection[Scope], now: datetime) -> Key:
    """Return a key that exists nowhere yet."""
    return Key(
        key_id=secrets.token_hex(6),
        label=label or source,
        source=source,
        scopes=frozenset(scopes),
        made_at=now,
    )


def follow(
    db: Connection, key_id: str, days_beside: int, secret: str, now: datetime
) -> tuple[Key, str]:
    """Make a key like this one, which goes on for some days beside it; return the new one."""
    if days_beside not in DAYS_BESIDE:
        raise WrongOverlap(field="days", value=days_beside, right=DAYS_BESIDE)
    old = keys.take(db, key_id)
    if not old:
        raise NoSuchKey(field="key_id", value=key_id, right=_nearest(db, key_id, now))
    if old.successor or not old.is_open(now):
        raise KeyIsClosed(field="key_id", value=key_id, right=old.successor or None)
    new, text = make(db, draft(old.label, old.source, old.scopes, now), secret)
    keys.close(db, key_id, now + timedelta(days=days_beside), successor=new.key_id)
    return new, text


def whose(db: Connection, text: str, secret: str, now: datetime) -> Key:
    """Return the key that this text is, or refuse it."""
    prefix, _, rest = text.partition("_")
    key_id, _, word = rest.partition("_")
    found = keys.find(db, key_id) if prefix == PREFIX and word and key_id.isalnum() else None
    if not found:
        raise WrongKey
    key, kept = found
    if not key.is_open(now) or not hmac.compare_digest(kept, hashed(key_id, word, secret)):
        raise WrongKey
    return key


def revoke(db: Connection, key_id: str, now: datetime) -> bool:
    """Close a key for good; say whether it was open."""
    if not keys.find(db, key_id):
        raise NoSuchKey(field="key_id", value=key_id, right=_nearest(db, key_id, now))
    return keys.close(db, key_id, now)


def _nearest(db: Connection, key_id: str, now: datetime) -> str | None:
    return did_you_mean(key_id, [key.key_id for key in keys.every(db) if key.is_open(now)])


def hashed(key_id: str, word: str, secret: str) -> bytes:
    """Return what is kept of a key. The word is random and long, so a fast hash is enough."""
    keyed = blake2b(secret.encode(), digest_size=32).digest()
    return blake2b(f"{key_id}_{word}".encode(), key=keyed, digest_size=32).digest()
