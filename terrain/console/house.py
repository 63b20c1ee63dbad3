"""The reference data as pages see it: read once, read again when it moved."""

from collections.abc import Callable

from django.conf import settings
from psycopg import Connection

from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.own_page import words_about
from terrain.flow import reference


class _Known:
    """What this process read last; a house is a value, so nobody can spoil it for the others."""

    house: House | None = None


def house(db: Connection) -> House:
    """Return the house of this moment."""
    if _Known.house is None or reference.moved(db, _Known.house):
        _Known.house = reference.house(db, settings.TERRAIN)
    return _Known.house


def names_of_facts(reference: House, language: str) -> Callable[[FactKey], str]:
    """Return how facts are called in this language: "still uses: Filter A"."""

    def name(key: FactKey) -> str:
        kind = reference.catalogue.facts.get(key.fact)
        said = (kind.words.get(language) if kind else None) or key.fact
        about = words_about(key.about, reference)
        return f"{said} ({about.get(language, key.about)})" if key.about else said

    return name
