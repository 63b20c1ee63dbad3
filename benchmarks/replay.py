"""A year lived again in memory: how many events a second one process tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from benchmarks import shop
from benchmarks.row import Row
from terrain.core.event import Event, Said
from terrain.core.house import House
from terrain.core.identifier import key_of
from terrain.core.replay import Past
from terrain.flow import replay
from terrain.flow.hearing import event_of
from terrain.flow.pasts import past_of
from terrain.store.pending import Taken

EACH = 20  # events of one customer
AN_ORDER_IN = 10
UNTIL = shop.NOON + timedelta(days=400)
Raw = Callable[[int], bytes]


def measure(*, long: bool) -> list[Row]:
    """Tell two years: one as trackers see it, and one in which nothing happens but orders."""
    house = shop.house(*shop.files())
    count = 100_000 if long else 20_000
    return [
        _told(_one_order_in_ten, count, house, "one event in ten decides something", 30_000),
        _told(shop.order, count, house, "every event decides something", None),
    ]


def _told(raw: Raw, count: int, house: House, what: str, aim: float | None) -> Row:
    raws = [raw(number) for number in range(count)]
    pasts = [_past(number, raws[number : number + EACH], house) for number in range(0, count, EACH)]
    begun = time.process_time()
    result = replay.tell(pasts, house, UNTIL)
    seconds = time.process_time() - begun
    assert result.tally.events == count
    return Row(
        name=f"replay in memory, one process; {what}",
        figure=count / seconds,
        unit="events/s",
        aim=aim,
        limit=count / _decoding(raws),
        limit_is="decoding the same events and no more",
        note=f"{result.tally.decisions:,} decisions, {count // EACH:,} customers, by CPU time",
    )


def _past(number: int, raws: Sequence[bytes], house: House) -> Past:
    key = key_of(1_000_000 + number)
    return past_of(key, [_event(number + place, raw, house) for place, raw in enumerate(raws)])


def _event(number: int, raw: bytes, house: House) -> Event:
    at = shop.NOON + timedelta(hours=number % EACH)
    taken = Taken(0, 0, number, f"bench-{number}", at, at, shop.SOURCE, raw)
    event = event_of(taken, house.catalogue, house.company.country)
    return msgspec.structs.replace(event, node=None)


def _one_order_in_ten(number: int) -> bytes:
    """Return an order, or one of the pages that somebody looks at before there is one."""
    if number % AN_ORDER_IN == 0:
        return shop.order(number)
    return msgspec.json.encode(
        {
            "type": "page",
            "name": "Product",
            "messageId": f"bench-{number}",
            "userId": f"user-{number % shop.CUSTOMERS}",
            "timestamp": shop.NOON.isoformat(),
            "properties": {
                "url": f"https://shop.example/p/{number}",
                "title": "A filter",
                "sku": "filter-a",
            },
            "context": {"library": {"name": "analytics-python", "version": "2.4"}},
        }
    )


def _decoding(raws: Sequence[bytes]) -> float:
    decode = msgspec.json.Decoder(Said).decode
    begun = time.process_time()
    for raw in raws:
        decode(raw)
    return time.process_time() - begun
