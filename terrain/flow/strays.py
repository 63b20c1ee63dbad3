"""Events that lie under a customer of whom nothing is left: the door had not heard of the erasure yet.

Promise: what happened before the erasure goes the way of the rest; what happened after it is of
somebody new, under the names that the event itself says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, place_in_line
from terrain.flow import hearing
from terrain.store import customers, erasures, events, identifiers, pending
from terrain.store.events import NewEvent
from terrain.store.pending import Taken, Waiting


def bring_home(
    db: Connection,
    waiting: Sequence[Waiting],
    untaken: Collection[CustomerKey],
    house: House,
    now: datetime,
) -> int:
    """Look for strays among the events whose customer could not be taken; return how many there were."""
    known = customers.survivors(db, untaken)
    lost = {node for node in untaken if node not in known}
    if not lost:
        return 0
    strays = pending.take(db, [one for one in waiting if one.node in lost])
    events.forget(db, [(one.node, one.message_id) for one in strays])
    heard = [(one, hearing.event_of(one, house.catalogue, house.company.country)) for one in strays]
    gone = erasures.when(
        db, house.secret, {name for _, event in heard for name in event.identifiers}
    )
    kept = [(one, event) for one, event in heard if not _is_of(event, gone)]
    nodes = identifiers.resolve(db, {event.identifiers[0] for _, event in kept}, now)
    events.write(db, [_row(one, event, nodes[event.identifiers[0]]) for one, event in kept])
    return len(strays)


def _is_of(event: Event, gone: Mapping[Identifier, datetime]) -> bool:
    """Say whether the event is of somebody erased since; one that names nobody any more is, too."""
    names = event.identifiers
    return not names or any(name in gone and event.at < gone[name] for name in names)


def _row(one: Taken, event: Event, node: CustomerKey) -> NewEvent:
    return NewEvent(
        bucket=node.bucket,
        customer_id=node.customer_id,
        event_id=place_in_line(one.received_at, one.message_id),
        at=one.at,
        received_at=one.received_at,
        message_id=one.message_id,
        name=event.name,
        source=one.source,
        payload=one.payload,
    )
