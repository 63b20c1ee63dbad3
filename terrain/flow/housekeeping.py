"""What a worker does for the whole house beside its turns; one worker is enough for it.

Promise: each part of it is bounded and harmless when two do it at once; what it remembers between saves looking
again, and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from terrain.config import Settings
from terrain.core.identifier import BUCKETS
from terrain.flow import seeing, sources
from terrain.flow.lookout import Lookout
from terrain.store import audit, counters
from terrain.store.connection import Record, given_up_after, planned_freely

BETWEEN_FOLDS = timedelta(minutes=10)
BETWEEN_LOOKS_AT_THE_AUDIT = timedelta(hours=1)
LONGEST_RECKONING = timedelta(minutes=10)


class Housekeeping:
    """What there is to tidy up, and when that was done last."""

    def __init__(self, record: Record, settings: Settings) -> None:
        self.record = record
        self.settings = settings
        self.folded_at: datetime | None = None
        self.audit_tidied_at: datetime | None = None
        self.lookout = Lookout(settings)

    def publish(self, now: datetime) -> bool:
        """Publish what was saved in the folder of automations."""
        with self.record.local() as db:
            return self.lookout.publish(db, now)

    def fold_counters(self, now: datetime) -> int:
        """Fold old counters now and then, a bounded part at a time; return how many rows that took."""
        if self.folded_at and now - self.folded_at < BETWEEN_FOLDS:
            return 0
        folded = 0
        for group in self.record.groups(range(BUCKETS)):
            with self.record.conn_for(group[0]) as db:
                folded += counters.fold(db, group, now)
        if not folded:
            self.folded_at = now
        return folded

    def tidy_the_audit(self, now: datetime) -> int:
        """Let go of lines older than the house keeps them, some thousands at a time."""
        days, last = self.settings.audit_days, self.audit_tidied_at
        if not days or (last and now - last < BETWEEN_LOOKS_AT_THE_AUDIT):
            return 0
        with self.record.local() as db:
            gone = audit.let_go(db, now - timedelta(days=days))
        if not gone:
            self.audit_tidied_at = now
        return gone

    def reckon_trust(self, now: datetime) -> None:
        """Count how often each source was right and wrong."""
        with self.record.local() as db, db.transaction():
            planned_freely(db)
            given_up_after(db, LONGEST_RECKONING)
            sources.reckon(db, now)

    def count_processes(self, now: datetime, goes_on: Callable[[], bool]) -> int:
        """Count what was seen of every process, where that is due; return how many pages it took."""
        with self.record.local() as db:
            return seeing.count(db, self.settings, now, goes_on)
