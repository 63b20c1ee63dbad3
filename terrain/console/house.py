"""The reference data as pages see it: read once, read again when it moved."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from psycopg import Connection

from terrain.core.catalogue import Catalogue
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.flow import explanation, reference


class _Known:
    """What this process read last; a house is a value, so nobody can spoil it for the others."""

    house: House | None = None


def house(db: Connection) -> House:
    """Return the house of this moment."""
    if _Known.house is None or reference.moved(db, _Known.house):
        _Known.house = reference.house(db, settings.TERRAIN)
    return _Known.house


def at_hand() -> Catalogue:
    """Return the catalogue as it was last read here, without asking whether it moved since."""
    return _Known.house.catalogue if _Known.house else Catalogue()


def names_of_facts(reference: House, language: str) -> Callable[[FactKey], str]:
    """Return how facts are called in this language: "still uses (Filter A)"."""
    return partial(_fact_named, reference.catalogue, language)


def _fact_named(catalogue: Catalogue, language: str, key: FactKey) -> str:
    return explanation.fact_named(key, catalogue, language)
