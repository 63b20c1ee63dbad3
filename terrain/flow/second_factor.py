"""Says which roles need a second factor, with who said so and why."""

from collections.abc import Collection
from datetime import datetime

from psycopg import Connection

from terrain.core.staff import Role
from terrain.errors import Refusal
from terrain.store import second_factor
from terrain.store.second_factor import Rule

SHORTEST_REASON = 10
LONGEST_REASON = 2000


class RuleNeedsReason(Refusal):
    """Who opens or closes a door says why, for whoever reads it later."""

    code = "second_factor_reason"


def require(db: Connection, roles: Collection[Role], by: str, because: str, now: datetime) -> Rule:
    """Let these roles, and no others, need a second factor from now on."""
    reason = " ".join(because.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise RuleNeedsReason(field="because", value=reason, right=SHORTEST_REASON)
    rule = Rule(since=now, by=by, because=reason, roles=sorted(roles))
    second_factor.require(db, rule)
    return rule
