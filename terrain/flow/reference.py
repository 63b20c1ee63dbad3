"""The house as the record holds it: read whole, and read again when any of it changed.

Promise: a house is one consistent reading; a change is seen by every worker and page within a second.
"""

from __future__ import annotations

from psycopg import Connection

from terrain.config import Settings, secret_of
from terrain.core.act import Reach
from terrain.core.breaker import share_of
from terrain.core.catalogue import Catalogue
from terrain.core.house import Company, House, Outside
from terrain.flow import rules
from terrain.flow.breaker import alarm_of
from terrain.flow.catalogue import catalogue_of
from terrain.store import automations, reference, sources, trips


def house(db: Connection, settings: Settings) -> House:
    """Read everything that deciding needs besides the customer."""
    version = reference.changes(db)
    listed = automations.every(db)  # before the versions: what goes live meanwhile is among them
    versions = automations.versions(db)
    return House(
        catalogue=automations.catalogue(db) or own_catalogue(),
        law=rules.law(db),
        settings=rules.settings(db),
        company=company_of(settings),
        versions=versions,
        live={one.name: versions[one.name, one.live_version] for one in listed if _runs(one)},
        paused=frozenset(one.name for one in listed if one.paused_at),
        canaries={
            name: share for name, stage in trips.stages(db).items() if (share := share_of(stage))
        },
        outside={
            one.name: Outside(reach=Reach(one.reach), by_mail=one.by_mail)
            for one in listed
            if one.is_outside
        },
        sources=sources.kinds(db),
        secret=secret_of(settings),
        alarm=alarm_of(settings),
        reference_version=version,
    )


def moved(db: Connection, house: House) -> bool:
    """Tell whether the reference tables hold something newer than this house."""
    return reference.changes(db) != house.reference_version


def own_catalogue() -> Catalogue:
    """Return the names that every installation has."""
    return catalogue_of(None)[0]


def company_of(settings: Settings) -> Company:
    """Return whose automations these are."""
    return Company(
        name=settings.company,
        country=settings.country,
        time_zone=settings.time_zone,
        language=settings.language,
        address=settings.company_address,
    )


def _runs(one: automations.Listed) -> bool:
    return one.live_version > 0 and one.retired_at is None
