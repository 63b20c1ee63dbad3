"""Who knocks: the key in a request's Authorization header.

Promise: a revoked key opens nothing after a few seconds at the latest, on any number of machines, and one
that closes at a set moment nothing from that moment on; and neither good nor wrong keys cost a question to
the record each time, nor a write.
"""

import base64
import binascii
import time
from datetime import UTC, datetime

import anyio.to_thread

from terrain.api.ledger import AWAY, RecordAway
from terrain.core.key import Key, Scope
from terrain.flow.keys import KeyDoesNotOpen, WrongKey, whose
from terrain.store.connection import Record

SECONDS_REMEMBERED = 5.0
MOST_REMEMBERED = 10_000


class Keyring:
    """The keys that were shown lately."""

    def __init__(self, record: Record, secret: str) -> None:
        self._record = record
        self._secret = secret
        self._lately: dict[bytes, tuple[float, Key | None]] = {}
        self._used: dict[str, datetime] = {}

    async def admit(self, authorization: bytes, scope: Scope) -> Key:
        """Return the key that was shown, if it opens this."""
        until, key = self._lately.get(authorization, (0.0, None))
        now = datetime.now(UTC)
        if until < time.monotonic():
            key = await self._look_up(authorization, now)
        if key is None or not key.is_open(now):
            raise WrongKey
        if scope not in key.scopes:
            raise KeyDoesNotOpen(field=key.source, right=scope)
        return key

    def used(self) -> dict[str, datetime]:
        """Return which keys were looked up since this was last asked, and when."""
        used, self._used = self._used, {}
        return used

    async def _look_up(self, authorization: bytes, now: datetime) -> Key | None:
        text = shown(authorization)
        key = await anyio.to_thread.run_sync(self._ask, text, now) if text else None
        if key:
            self._used[key.key_id] = now
        if len(self._lately) >= MOST_REMEMBERED:
            self._lately.clear()
        self._lately[authorization] = (time.monotonic() + SECONDS_REMEMBERED, key)
        return key

    def _ask(self, text: str, now: datetime) -> Key | None:
        try:
            with self._record.local() as db:
                return whose(db, text, self._secret, now)
        except WrongKey:
            return None
        except AWAY:
            raise RecordAway from None  # perhaps a good key: let them come again


def shown(authorization: bytes) -> str:
    """Return the key in this header: Basic, as its user name, or Bearer."""
    way, _, rest = authorization.strip().partition(b" ")
    if way.lower() == b"bearer":
        return rest.strip().decode("ascii", "replace")
    if way.lower() != b"basic":
        return ""
    try:
        pair = base64.b64decode(rest.strip(), validate=True)
    except binascii.Error:
        return ""
    return pair.partition(b":")[0].decode("ascii", "replace")


def as_basic(key: str) -> bytes:
    """Return the header for a key that stands in the body, as browsers send it."""
    return b"Basic " + base64.b64encode(key.encode() + b":")
