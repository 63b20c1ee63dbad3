"""Which signals cannot come in, and since when: decided by nothing but what is recorded.

Promise: what cannot be heard is never taken for good news. A signal cannot come in where the mailbox that brings it
is away, or where every source that lately brought it for this automation normally talks and does not
(`core/silence.py`). What was never heard of at all cannot be missed: that takes connecting it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg import Connection

from terrain.config import Settings
from terrain.core.look import Deafness
from terrain.core.signal import BAD, Signal
from terrain.flow.mishaps import OURSELVES
from terrain.store import feeds, signals, sources
from terrain.store.feeds import MAILBOX

# What arrives in the mailbox and nowhere else, unless another source brings it too.
BY_MAILBOX = (Signal.BOUNCE, Signal.SPAM, Signal.A_PERSON)
# It is looked into three times a minute; a server that restarts is no gap.
PATIENCE = timedelta(minutes=10)
Deaf = dict[tuple[str, Signal], Deafness]


def deaf(db: Connection, settings: Settings, names: Sequence[str], now: datetime) -> Deaf:
    """Return for these automations which signals cannot come in, each with since when."""
    found = _silent(db, names, now)
    away = mailbox_away(db, settings, now)
    if away is None:
        return found
    # A mail that nobody reads stays where it is: what it says is only late.
    late = {(name, signal): Deafness(away, loses=False) for name in names for signal in BY_MAILBOX}
    return late | found


def mailbox_away(db: Connection, settings: Settings, now: datetime) -> datetime | None:
    """Return since when the mailbox cannot be read: nobody answers there, or nobody looks."""
    if not settings.imap_url:
        return None
    mailbox = feeds.find(db, MAILBOX)
    since = mailbox.down_since or mailbox.heard_at
    return since if since is not None and now - since > PATIENCE else None


def _silent(db: Connection, names: Sequence[str], now: datetime) -> Deaf:
    last = {
        one.name: one.last_heard
        for one in sources.every(db)
        if one.last_heard is not None and one.is_silent(now)
    }
    if not last:
        return {}
    brought = signals.brought_by(db, names, sorted(BAD))
    return {
        key: Deafness(max(last[source] for source in theirs), loses=True)
        for key, some in brought.items()
        if (theirs := some - {OURSELVES}) and theirs <= last.keys()
    }
