"""What a machine shows at the door, and what it may do with it.

A key belongs to one source and opens only what its scopes name. The key itself is shown once; what
is kept of it is a hash (`store/keys.py`). A key that is followed by another goes on until it closes, so
that nobody has to change it on all machines in the same second.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

# For how many days the old key goes on beside the new one: whoever changes keys chooses one of these.
DAYS_BESIDE = (0, 1, 7)


class Scope(StrEnum):
    """What a key opens."""

    WRITE = "write"  # say what happened
    IMPORT = "import"  # say what happened long ago, with the time taken as it is given
    DECIDE = "decide"  # ask before acting
    SIGNALS = "signals"  # report what came back about an act
    METRICS = "metrics"  # read /metrics from another machine


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key as it is listed: everything but the key itself."""

    key_id: str
    label: str
    source: str
    scopes: frozenset[Scope]
    made_at: datetime
    closes_at: datetime | None = None
    successor: str = ""

    def is_open(self, now: datetime) -> bool:
        """Say whether this key may be used at all."""
        return self.closes_at is None or now < self.closes_at

    def opens(self, scope: Scope, now: datetime) -> bool:
        """Say whether this key may be used for that."""
        return self.is_open(now) and scope in self.scopes
