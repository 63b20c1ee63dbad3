"""Where names are looked up: one customer, one run's context, one moment.

Promise: a name that was accepted when the file was read can be looked up for every customer; where
nothing is known the answer is None, never an error.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from terrain.core.belief import believe
from terrain.core.catalogue import Product
from terrain.core.customer import Customer
from terrain.core.duration import span_of
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import Kind
from terrain.core.name import Name, Root, as_about, find
from terrain.core.place import zones_of


class Scene:
    """What one customer, one run's context and one moment have to say.

    `context` is the run's: `event`, `heard`, `item`, `subject`, `unit`, `answer`, `outcome`.
    """

    __slots__ = ("_zone", "context", "customer", "house", "now")

    def __init__(
        self, customer: Customer, house: House, now: datetime, context: Mapping[str, Any]
    ) -> None:
        self.customer = customer
        self.house = house
        self.now = now
        self.context = context
        self._zone: ZoneInfo | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The customer's clock, or the company's where theirs is unknown."""
        if self._zone is None:
            self._zone = zones_of(self.customer, self.house)[0]
        return self._zone

    def look_up(self, name: Name) -> Any:
        """Return the value of the name, or None where nothing is known."""
        return _LOOK[name.root](name, self)


def key_of_fact(name: Name, scene: Scene) -> FactKey | None:
    """Return which fact the name means here, or None where what it is about is unknown."""
    if name.per_subject:
        return FactKey(name.fact, str(scene.context.get("subject", "")))
    if name.about is None:
        return FactKey(name.fact)
    about = as_about(scene.look_up(name.about))
    return None if about is None else FactKey(name.fact, about)


def product_of(item: Any, scene: Scene) -> Product | None:
    """Return the product that an item is one of; where the catalogue is silent, as the item says."""
    sku = as_about(find(item, ("sku",)) if isinstance(item, Mapping) else item)
    if sku is None:
        return None
    known = scene.house.catalogue.products.get(sku)
    if known is not None or not isinstance(item, Mapping):
        return known or Product(sku=sku)
    return Product(
        sku=sku,
        lifetime=span_of(item.get("lifetime")),
        how_to=_text(item.get("how_to")),
        reorder=_text(item.get("reorder")),
        properties={"name": item["name"]} if isinstance(item.get("name"), str) else {},
    )


def of_product(product: Product, path: tuple[str, ...]) -> Any:
    """Return a property of a product, declared or its own."""
    if not path:
        return product
    if path[0] in Product.__struct_fields__:
        return getattr(product, path[0]) or None
    return find(product.properties, path)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _fact(name: Name, scene: Scene) -> Any:
    key = key_of_fact(name, scene)
    if key is None:
        return None
    if key not in scene.customer.claims:
        return _without_claims(key, scene)
    belief = believe(scene.customer, key, scene.house, scene.now)
    return None if belief is None else belief.value


def _without_claims(key: FactKey, scene: Scene) -> Any:
    """Return what is supposed, or an identifier: who wrote from an address has that address."""
    if not key.about and key.fact in _KINDS:
        for identifier in scene.customer.identifiers:
            if identifier.kind == key.fact:
                return identifier.value
    kind = scene.house.catalogue.facts.get(key.fact)
    return kind.prior.value if kind and kind.prior else None


def _said(which: str) -> Callable[[Name, Scene], Any]:
    def look(name: Name, scene: Scene) -> Any:
        event = scene.context.get(which)
        if not event:
            return None
        path = name.path
        if len(path) == 1 and path[0] in _OF_EVERY_EVENT:
            return event.get(path[0])
        if path[0] == "product":
            product = product_of(event["properties"], scene)
            return product and of_product(product, path[1:])
        return find(event["properties"], path)

    return look


def _item(name: Name, scene: Scene) -> Any:
    item = scene.context.get("item")
    if item is None and scene.context.get("event"):
        item = scene.context["event"]["properties"].get("item")
    if item is None or not name.path:
        return item
    if name.path[0] == "product":
        product = product_of(item, scene)
        return product and of_product(product, name.path[1:])
    return find(item, name.path) if isinstance(item, Mapping) else None


def _run(name: Name, scene: Scene) -> Any:
    return find(scene.context, name.path)


_KINDS = frozenset(kind.value for kind in Kind)
_OF_EVERY_EVENT = frozenset({"at", "name", "source", "message_id"})
_LOOK: dict[Root, Callable[[Name, Scene], Any]] = {
    Root.FACT: _fact,
    Root.EVENT: _said("event"),
    Root.HEARD: _said("heard"),
    Root.ITEM: _item,
    Root.RUN: _run,
}
