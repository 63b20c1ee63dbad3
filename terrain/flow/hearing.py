"""Turns what the door wrote down into events that the house understands: decoded, named, with identifiers.

Promise: whatever the door accepted can be heard; an event whose name the catalogue does not know keeps its own.
"""

from __future__ import annotations

import msgspec

from terrain.core.catalogue import Catalogue
from terrain.core.event import NAME_OF_CALL, Event, Said
from terrain.flow.identifiers import identifiers_of
from terrain.store.pending import Taken

_decode = msgspec.json.Decoder(Said).decode
_ABOUT_THE_PERSON = ("identify", "group")


def event_of(taken: Taken, catalogue: Catalogue, default_country: str) -> Event:
    """Return the event that was written down so."""
    said = _decode(taken.payload)
    spoken = NAME_OF_CALL.get(said.type) or said.event or ""
    assumed = said.context.get("assumed")
    return Event(
        message_id=taken.message_id,
        event_id=taken.event_id,
        name=catalogue.event_names.get(spoken, spoken),
        at=taken.at,
        received_at=taken.received_at,
        source=taken.source,
        identifiers=identifiers_of(said, default_country),
        properties=said.traits if said.type in _ABOUT_THE_PERSON else said.properties,
        traits=said.traits,
        context=said.context,
        node=taken.node,
        assumed=tuple(str(name) for name in assumed) if isinstance(assumed, list) else (),
    )
