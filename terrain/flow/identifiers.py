"""Identifiers in their normal form, read out of a message as it came."""

from __future__ import annotations

import msgspec

from terrain.core.event import Said
from terrain.core.identifier import Identifier


class NotAnIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was given as an identifier and is none, and why: it would name nobody or everybody."""

    field: str
    value: str
    because: str


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """By what names a message speaks of its customer, the strongest first, and what could not be used."""

    identifiers: tuple[Identifier, ...] = ()
    refused: tuple[NotAnIdentifier, ...] = ()


def identifiers_of(said: Said, default_country: str) -> tuple[Identifier, ...]:
    """Return the identifiers of a message, the strongest first; what is none is left out."""
    return names_in(said, default_country).identifiers


def names_in(said: Said, default_country: str) -> Names:
    """Return the identifiers of a message, and what was given as one but could not be used."""
    raise NotImplementedError
