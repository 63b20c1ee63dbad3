"""Who answers for which automation: its owner and its deputy, and managers for all.

Promise: somebody always does. Where nobody that an automation names works here, every owner answers for it:
what nobody answers for helps nobody.
"""

from collections.abc import Collection, Mapping

from psycopg import Connection

from terrain.core.breaker import Person, named
from terrain.core.staff import Role, Staff
from terrain.store import automations


def theirs(
    db: Connection, who: Person | Staff, names: Collection[str], everybody: Collection[Person]
) -> set[str]:
    """Return for which of these automations somebody answers."""
    known = automations.owners(db, names) if names else {}
    return among(who, {name: known.get(name, ("", "")) for name in names}, everybody)


def among(
    who: Person | Staff, naming: Mapping[str, tuple[str, str]], everybody: Collection[Person]
) -> set[str]:
    """Return for which of these somebody answers, by the two whom each names."""
    return {name for name, those in naming.items() if is_theirs(who, those, everybody)}


def is_theirs(who: Person | Staff, those: tuple[str, str], everybody: Collection[Person]) -> bool:
    """Say whether somebody answers for what names these two."""
    if Role.MANAGER in who.roles:
        return True
    answering = {one.staff_id for one in named(everybody, *those)}
    return who.staff_id in answering if answering else Role.OWNER in who.roles
