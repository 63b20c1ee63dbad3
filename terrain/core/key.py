"""What a machine shows at the door, and what it may do with it.

A key belongs to one source and opens only what its scopes name. The key itself is shown once; what
is kept of it is a hash (`store/keys.py`).
"""

from datetime import datetime
from enum import StrEnum

import msgspec


class Scope(StrEnum):
    """What a key opens."""

    WRITE = "write"  # say what happened
    IMPORT = "import"  # say what happened long ago, with the time taken as it is given
    DECIDE = "decide"  # ask before acting
    READ = "read"  # look at customers, decisions, automations
    MANAGE = "manage"  # pause, resume, change rules
    METRICS = "metrics"  # read /metrics from another machine


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key as it is listed: everything but the key itself."""

    key_id: str
    label: str
    source: str
    scopes: frozenset[Scope]
    made_at: datetime
    revoked_at: datetime | None = None

    def opens(self, scope: Scope) -> bool:
        """Say whether this key may be used for that, now."""
        return self.revoked_at is None and scope in self.scopes
