"""The names of things: events with what they say, facts with how fast they age, products with their lifetime.

Read from `catalogue.yaml` (by `flow/catalogue.py`), so that a misspelt name is refused when a file is read and
not at three in the morning. A catalogue is a value: the same one gives the same record, for ever.
"""

from __future__ import annotations

from typing import Any

import msgspec

from terrain.core.consent import Channel
from terrain.core.duration import Span
from terrain.core.fact import EvidenceKind, SourceKind


class Aging(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a fact goes stale (`guard.md` section 1): one of three laws, or never.

    `yearly_change`: share of people for whom it changes in a year. `half_life_days`: for what fades faster.
    `product_life`: Weibull with the product's own lifetime L, 1/2 ** ((age / L) ** 3).
    """

    yearly_change: float = 0.0
    half_life_days: float | None = None
    product_life: bool = False


class Prior(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed while nobody has said anything, marked as inferred wherever it shows."""

    value: Any
    confidence: float


class FactKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fact. `type` is text, number, date, yes_no, choice, span, address, money or anything.

    `knowable` is false for what no source can ever tell: an automation may not assume it. `told_by` names
    the sources that say it without an event of their own, such as a customer file. `said` are the words of its
    choices.
    """

    name: str
    type: str = "text"
    aging: Aging = Aging()
    words: dict[str, str] = {}
    choices: tuple[str, ...] = ()
    said: dict[str, dict[str, str]] = {}
    prior: Prior | None = None
    knowable: bool = True
    told_by: tuple[str, ...] = ()
    per: str = ""  # what it is about: "" for the person, "product", "order", "date" ...


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of event says about its customer: a claim, or evidence for or against one.

    `value` and `about` are paths into the event (`shipping_address`, `item.sku`) or, with `constant`, the value
    itself. `each` is the path of a list whose items say it one by one (as `item`). Without `kind` the source's
    own kind counts. With `evidence`, the value that is spoken of is the one at `value`, or, where that is
    empty, the one that holds.
    """

    fact: str
    value: str = ""
    constant: Any = None
    about: str = ""
    each: str = ""
    kind: SourceKind | None = None
    evidence: EvidenceKind | None = None


class EventKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of event: its other names, the types of its properties, what it says.

    `begins`: it begins a matter of its own, as a new order does; other events are about a known one.
    """

    name: str
    also: tuple[str, ...] = ()
    properties: dict[str, str] = {}
    says: tuple[Says, ...] = ()
    begins: bool = False
    words: dict[str, str] = {}


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Something sold. `lifetime` is how long one unit lasts, `how_to` a video, `reorder` where to buy it again.

    `used_for` is how long people go on using one after the other: as long as the machine they go into.
    """

    sku: str
    words: dict[str, str] = {}
    lifetime: Span | None = None
    used_for: Span | None = None
    how_to: str = ""
    reorder: str = ""
    properties: dict[str, Any] = {}


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """Something another system does when it is told to by a signed webhook: `upgrade_shipping`.

    `idempotent`: called twice with the same key, it does it once; only then is a doubtful call repeated.
    """

    name: str
    url: str = ""
    idempotent: bool = False
    words: dict[str, str] = {}


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All names. `event_names` leads from every known name of an event, also foreign ones, to the one used here.

    `names` holds the words of what is neither a fact nor an event: `order.total`, `item.quantity`.
    """

    version: str = ""
    events: dict[str, EventKind] = {}
    facts: dict[str, FactKind] = {}
    products: dict[str, Product] = {}
    event_names: dict[str, str] = {}
    channels: tuple[Channel, ...] = tuple(Channel)
    actions: dict[str, Action] = {}
    names: dict[str, dict[str, str]] = {}
