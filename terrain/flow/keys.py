"""Makes keys and knows them again.

Promise: a key is seen once, by whoever made it; the record keeps a keyed hash that opens nothing
without this installation's secret, and what is wrong about a wrong key is told to nobody.
"""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b

from psycopg import Connection

from terrain.core.key import Key, Scope
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


def make(db: Connection, draft: Key, secret: str) -> tuple[Key, str]:
    """Keep a new key like this draft; return it with the text that is shown this once."""
    if not 0 < len(draft.source.strip()) <= LONGEST_NAME:
        raise NameNeeded(field="source", value=draft.source, right=LONGEST_NAME)
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


def whose(db: Connection, text: str, secret: str) -> Key:
    """Return the key that this text is, or refuse it."""
    prefix, _, rest = text.partition("_")
    key_id, _, word = rest.partition("_")
    found = keys.find(db, key_id) if prefix == PREFIX and word and key_id.isalnum() else None
    if not found:
        raise WrongKey
    key, kept = found
    if key.revoked_at or not hmac.compare_digest(kept, hashed(key_id, word, secret)):
        raise WrongKey
    return key


def revoke(db: Connection, key_id: str, now: datetime) -> bool:
    """Close a key for good; say whether it was open."""
    if not keys.find(db, key_id):
        known = [key.key_id for key in keys.every(db) if not key.revoked_at]
        raise NoSuchKey(field="key_id", value=key_id, right=did_you_mean(key_id, known))
    return keys.revoke(db, key_id, now)


def hashed(key_id: str, word: str, secret: str) -> bytes:
    """Return what is kept of a key. The word is random and long, so a fast hash is enough."""
    keyed = blake2b(secret.encode(), digest_size=32).digest()
    return blake2b(f"{key_id}_{word}".encode(), key=keyed, digest_size=32).digest()
