"""A name as an automation says it: `country`, `order.total`, `customer.uses(item.product)`.

Promise: whatever an outside system put under a name, reading it gives a value or None, never an
error.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.catalogue import Product
from terrain.core.duration import Span, span_of
from terrain.core.word import Word

# A date without a time of its own is taken at this time of the customer's day.
MORNING = time(9)

# What others call the same property; tried where our own name is not there.
ALSO_CALLED = {
    "items": ("products", "line_items"),
    "sku": ("product_id", "variant"),
    "quantity": ("qty",),
    "id": ("sku", "order_id", "product_id"),
}

_IDENTIFYING = ("sku", *ALSO_CALLED["id"], "id")


class Root(Word):
    """Where the value of a name is found."""

    FACT = "fact"  # believed about the customer
    EVENT = "event"  # said by the event that started the run
    HEARD = "heard"  # said by the event that ended the latest wait
    ITEM = "item"  # the item of the list that the run is about
    RUN = "run"  # what the run itself knows: subject, unit, answer, outcome


class Name(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="name"):
    """One name, already resolved against the catalogue. `about`: what a fact is about, by its name.

    `path` is the fact's name for a fact, else the way into the event, the item or the run. `type` is
    the catalogue's: text, number, date, yes_no, choice, span, address, money, list or anything.
    `per_subject`: a fact about the run's own subject, such as the date that the customer moved.
    """

    text: str
    root: Root
    path: tuple[str, ...]
    about: "Name | None" = None
    type: str = "anything"
    per_subject: bool = False

    @property
    def fact(self) -> str:
        """The fact's name, dots and all; only facts have one."""
        return ".".join(self.path)


def as_about(value: Any) -> str | None:
    """Return the word by which something is spoken of: a product's sku, an order's number."""
    if type(value) is str:  # nearly always
        return value or None
    if isinstance(value, Product):
        return value.sku
    if value is None or value == "":
        return None
    if isinstance(value, dict):
        return next((str(value[key]) for key in _IDENTIFYING if key in value), None)
    return str(value)


def as_moment(value: Any, zone: ZoneInfo, at: time | None = None) -> datetime | None:
    """Return the moment that a value means, by the clock of the zone; None where it means none."""
    if isinstance(value, str):
        value = _read_moment(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=zone)
        if at is None:
            return aware
        value = aware.astimezone(zone).date()
    if isinstance(value, date):
        return datetime.combine(value, at or MORNING, tzinfo=zone)
    return None


def as_span(value: Any) -> Span | None:
    """Return the length of time that a value means."""
    return value if isinstance(value, Span) else span_of(value)


def find(said: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return what is said under a path: nested, or flat as `order_total`, or by another name.

    `order.total` of an event about an order may simply be its `total`.
    """
    first, rest = path[0], path[1:]
    value = said.get(first)
    if not rest:
        return value if value is not None else _otherwise(said, path)
    if type(value) is dict or isinstance(value, Mapping):
        found = find(value, rest)
        if found is not None:
            return found
    found = _otherwise(said, path)
    return found if found is not None else find(said, rest)


def _otherwise(said: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    if len(path) > 1:
        return said.get("_".join(path))
    for other in ALSO_CALLED.get(path[0], ()):
        if said.get(other) is not None:
            return said[other]
    return said.get(path[0] + "_id")


def _read_moment(text: str) -> datetime | date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text.strip())
        except ValueError:
            continue
    return None
