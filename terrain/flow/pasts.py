"""Where the pasts of a replay come from: the record, or an archive that never touched it.

Promise: read only. From an archive, everyone is known by their strongest identifier; from the record,
as the record joined them. Either way a past begins with a customer of whom nothing is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import msgspec
from psycopg import Connection

from terrain.core import rhythm
from terrain.core.customer import Customer
from terrain.core.event import Event, in_order
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, key_of
from terrain.core.mapping import Mapping, columns_of, with_busy
from terrain.core.replay import Past
from terrain.flow import import_file, table
from terrain.flow.hearing import event_of
from terrain.flow.take_in import Message, hear
from terrain.store import history
from terrain.store.pending import Taken

CONSENT = "consent"
# An archive speaks of the past; later than this nothing in one has happened yet.
LATE = datetime(2100, 1, 1, tzinfo=UTC)


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """A file and how it is read."""

    file: Path
    mapping: Mapping


def of_record(
    db: Connection, buckets: Sequence[int], house: House, until: datetime
) -> Iterator[Past]:
    """Yield the customers of these buckets, each with all that was ever said of them."""
    rows = history.events(db, buckets, until)
    for key, taken in groupby(rows, key=itemgetter(0)):
        events = [event_of(one, house.catalogue, house.company.country) for _, one in taken]
        yield past_of(key, events)


def of_archive(archive: Archive, house: House) -> list[Past]:
    """Read a whole archive into memory: every customer with their events."""
    events: dict[CustomerKey, list[Event]] = defaultdict(list)
    for raw in _messages(archive):
        event = _event(raw, archive.mapping.source, house)
        events[_key_of(event.identifiers[0])].append(event)
    return [past_of(key, said) for key, said in sorted(events.items())]


def past_of(key: CustomerKey, events: Iterable[Event]) -> Past:
    heard = tuple(events)
    known = {identifier for event in heard for identifier in event.identifiers}
    customer = Customer(key=key, nodes=(key,), identifiers=tuple(sorted(known)))
    return Past(customer=customer, events=heard)


def without_assumed_consent(past: Past) -> Past:
    """Return the past in which nobody is supposed to have said yes."""
    said = tuple(event for event in past.events if CONSENT not in event.assumed)
    return msgspec.structs.replace(past, events=said)


def with_rhythm(past: Past, until: datetime) -> Past:
    """Return the past in which somebody had listened to the orders and foreseen the next ones."""
    listened = rhythm.listen(in_order(past.events), until)
    return msgspec.structs.replace(
        past, events=(*past.events, *listened.said), came_true=listened.came_true
    )


def last_moment(pasts: Iterable[Past]) -> datetime | None:
    return max((event.at for past in pasts for event in past.events), default=None)


def in_buckets(pasts: Iterable[Past], buckets: Sequence[int]) -> list[Past]:
    wanted = set(buckets)
    return [past for past in pasts if past.customer.key.bucket in wanted]


def _messages(archive: Archive) -> Iterator[bytes]:
    mapping = archive.mapping
    columns = columns_of(mapping)
    lines = table.lines_of(archive.file, columns, mapping.missing)
    mapping = with_busy(mapping, import_file.busy_in(mapping, lines))
    again = table.lines_of(archive.file, columns, mapping.missing)
    for step in import_file.steps_of(mapping, again):
        yield from step.messages


def _event(raw: bytes, source: str, house: House) -> Event:
    said = hear(Message(raw=raw, archive=True), source, LATE, house.company.country)
    taken = Taken(0, 0, 0, said.message_id, said.at, said.at, said.source, said.payload)
    event = event_of(taken, house.catalogue, house.company.country)
    return msgspec.structs.replace(event, node=None)


def _key_of(identifier: Identifier) -> CustomerKey:
    """Return the key of whoever is known by this, the same wherever the archive is read."""
    name = f"{identifier.kind}:{identifier.value}".encode()
    return key_of(int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1)
