"""Who answers for which automation: its owner and its deputy, and managers for all.

Promise: somebody always does. Where nobody that an automation names works here, every owner answers for it:
what nobody answers for helps nobody.
"""

from collections.abc import Collection

from psycopg import Connection

from terrain.core.breaker import Person, named
from terrain.core.staff import Role
from terrain.store import automations


def theirs(
    db: Connection, who: Person, names: Collection[str], everybody: Collection[Person]
) -> set[str]:
    """Return for which of these automations somebody answers."""
    if not names or Role.MANAGER in who.roles:
        return set(names)
    known = automations.owners(db, names)
    return {name for name in names if is_theirs(who, known.get(name, ("", "")), everybody)}


def is_theirs(who: Person, those: tuple[str, str], everybody: Collection[Person]) -> bool:
    """Say whether somebody answers for what names these two."""
    answering = {one.staff_id for one in named(everybody, *those)}
    return who.staff_id in answering if answering else Role.OWNER in who.roles
