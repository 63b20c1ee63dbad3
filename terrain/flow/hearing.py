"""Turns what the door wrote down into events that the house understands: decoded, named, with identifiers.

Promise: whatever the door accepted can be heard; an event whose name the catalogue does not know keeps its own.
"""

from __future__ import annotations

from typing import Any

import msgspec

from terrain.core.catalogue import Catalogue
from terrain.core.event import NAME_OF_CALL, Event, Said
from terrain.flow.identifiers import identifiers_of
from terrain.store.pending import Taken

_decode = msgspec.json.Decoder(Said).decode
_THEIRS = {"order_id": "order", "products": "items"}
_ABOUT_THE_PERSON = ("identify", "group")


def in_our_words(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with our names beside those of the tracking libraries' e-commerce plan.

    `order_id` is our `order`, `products` our `items`, and a `product_id` stands where there is no `sku`. What
    the sender called by our own name is left as it is.
    """
    if not (_THEIRS.keys() & properties.keys()):
        return properties
    ours = {
        name: properties[theirs]
        for theirs, name in _THEIRS.items()
        if theirs in properties and name not in properties
    }
    if isinstance(ours.get("items"), list):
        ours["items"] = [_with_sku(item) for item in ours["items"]]
    return properties | ours


def _with_sku(item: Any) -> Any:
    if isinstance(item, dict) and "sku" not in item and "product_id" in item:
        return item | {"sku": item["product_id"]}
    return item


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
        properties=said.traits if said.type in _ABOUT_THE_PERSON else in_our_words(said.properties),
        traits=said.traits,
        context=said.context,
        node=taken.node,
        assumed=tuple(str(name) for name in assumed) if isinstance(assumed, list) else (),
    )
