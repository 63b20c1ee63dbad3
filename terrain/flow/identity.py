"""Takes customers under their lock, and joins those whom events say to be one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import CustomerKey


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Whose each node is now, which events must wait, and who became one person with whom.

    `survivors` leads from each node of the batch to its survivor, whose lock is held. `deferred` are event ids
    that have to stay pending: somebody else is at work on the other half. `merged` are pairs (gone, survivor).
    """

    survivors: dict[CustomerKey, CustomerKey]
    deferred: frozenset[int] = frozenset()
    merged: tuple[tuple[CustomerKey, CustomerKey], ...] = ()


def take(db: Connection, nodes: Iterable[CustomerKey]) -> dict[CustomerKey, CustomerKey]:
    """Lock the customers to whom these nodes belong; return node -> survivor for those that were free."""
    raise NotImplementedError


def join(
    db: Connection,
    heard: Sequence[tuple[CustomerKey, Event]],
    taken: Mapping[CustomerKey, CustomerKey],
    house: House,
    now: datetime,
) -> Joined:
    """Draw the edges that these events show, and merge or part whom they concern.

    `heard` are events with the node that each is kept under; `taken` is what `take` returned for these nodes.
    """
    raise NotImplementedError
