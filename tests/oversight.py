"""A house with an automation, its owner and those above her: who is told when something is wrong."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.config import Settings, read
from terrain.core.automation import Automation
from terrain.core.breaker import Cause, Trip
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.staff import Role
from terrain.flow import breaker
from terrain.flow.breaker import Tripping
from terrain.store import automations, staff
from terrain.store.identifiers import resolve
from tests.people import NOON

AUTOMATION = "welcome"
OWNER, DEPUTY = "camille@example.org", "omar.diallo@example.org"
MANAGER, ADMINISTRATOR = "nadia@example.org", "admin@example.org"


def an_automation(name: str = AUTOMATION, **more: object) -> Automation:
    given: dict[str, Any] = {"owner": OWNER, "deputy": DEPUTY, "digest": f"{name}-1"}
    return Automation(name=name, **{**given, **more})


def a_house_that_watches(db: Connection, *names: str, now: datetime = NOON) -> dict[str, int]:
    """Publish the automations and hire whom they name; return who has which number."""
    for name in names or (AUTOMATION,):
        automations.add_version(db, an_automation(name), "", now)
    return {
        "Camille": hire(db, "Camille", OWNER, Role.OWNER, now=now),
        "Omar": hire(db, "Omar", DEPUTY, Role.OWNER, now=now),
        "Nadia": hire(db, "Nadia", MANAGER, Role.MANAGER, now=now),
        "Ada": hire(db, "Ada", ADMINISTRATOR, Role.ADMINISTRATOR, now=now),
    }


def hire(db: Connection, name: str, email: str, role: Role, now: datetime = NOON) -> int:
    return staff.make(db, staff.New(name=name, email=email, roles=[role], joined_at=now))


def a_new_version(db: Connection, name: str = AUTOMATION, now: datetime = NOON) -> int:
    said = an_automation(name, digest=f"{name}-{now.isoformat()}")
    return automations.add_version(db, said, "", now)


def tripped(
    db: Connection,
    name: str = AUTOMATION,
    cause: Cause = Cause.METER,
    now: datetime = NOON,
    **settings: object,
) -> Trip:
    """Let the breaker trip; return its record."""
    what = Tripping(automation=name, cause=cause, because="12 of 800", evidence={"bad": 12})
    found = breaker.trip(db, what, breaker.alarm_of(the_settings(**settings)), now)
    assert found is not None
    return found


def the_settings(**changes: object) -> Settings:
    return msgspec.structs.replace(read(), **changes)


def customers(db: Connection, many: int, now: datetime = NOON) -> list[CustomerKey]:
    names = [Identifier(Kind.EMAIL, f"customer{number}@example.org") for number in range(many)]
    found = resolve(db, names, now)
    return [found[name] for name in names]


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
