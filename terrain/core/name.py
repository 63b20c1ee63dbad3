"""A name as an automation says it: `country`, `order.total`, `item.product.lifetime`, `customer.uses(item.product)`.

Promise: a name that was accepted when the file was read can be looked up for every customer; where nothing is
known the answer is None, never an error.
"""

from enum import StrEnum

import msgspec


class Root(StrEnum):
    """Where the value of a name is found."""

    FACT = "fact"  # believed about the customer
    EVENT = "event"  # said by the event that started the run
    HEARD = "heard"  # said by the event that ended the latest wait
    ITEM = "item"  # the item of the list that the run is about
    RUN = "run"  # what the run itself knows: subject, unit, answer, outcome


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """One name, already resolved against the catalogue. `about` is what a fact is about, by its own name.

    `path` is the fact's name for a fact, else the way into the event, the item or the run. `type` is the
    catalogue's: text, number, date, yes_no, choice, span, address, money, list or anything.
    """

    text: str
    root: Root
    path: tuple[str, ...]
    about: "Name | None" = None
    type: str = "anything"

    @property
    def fact(self) -> str:
        """The fact's name, dots and all; only facts have one."""
        return ".".join(self.path)
