"""When somebody will want the same thing again, judged by nothing but their own past purchases.

Promise: pure, and honest about how little it knows. The confidence is a share that was measured, not a
feeling: how often people bought again within the window, by how often they had bought before. It is low
for everybody (`docs/why/replenishment.md`), which is why the customer is asked for a date instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import msgspec

from terrain.core.event import Event

SOURCE = "own rhythm"
ORDERED = "order.placed"
FEWEST_PURCHASES = 3
SHORTEST_GAP = 14  # days; what is bought weekly needs no reminder
NARROWEST_WINDOW = 7
WINDOW_SHARE = 0.25  # of the gap, before and after

# Measured on the first eight months of a gift wholesaler's year (Online Retail II), among people who
# had bought the same article so many times: the share who bought it again within the window.
HIT_RATE = {3: 0.19, 4: 0.22, 5: 0.25, 6: 0.30}


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """The day on which the next purchase is due, give or take the window, and how sure that is."""

    on: date
    gap: int
    window: int
    times: int
    confidence: float

    def is_right(self, bought: date | None) -> bool:
        """Tell whether this next purchase, if there was one, fell into the window."""
        return bought is not None and abs((bought - self.on).days) <= self.window


def foresee(bought: Sequence[date]) -> Foreseen | None:
    """Return when these purchases, in order and a day each, will be followed by another."""
    if len(bought) < FEWEST_PURCHASES:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(bought)]
    gap = round(median(gaps))
    if gap < SHORTEST_GAP:
        return None
    return Foreseen(
        on=bought[-1] + timedelta(days=gap),
        gap=gap,
        window=max(NARROWEST_WINDOW, round(WINDOW_SHARE * gap)),
        times=len(bought),
        confidence=HIT_RATE[min(len(bought), max(HIT_RATE))],
    )


class Listened(NamedTuple):
    """What a listener to orders would have said at the time, and whether it came true."""

    said: list[Event]
    came_true: dict[str, bool]


def listen(events: Iterable[Event], until: datetime) -> Listened:
    """Listen to one customer's orders, in their order, as if at the time.

    What cannot be known yet at the end (the window is still open) is neither true nor false.
    """
    listener = _Listener()
    for event in events:
        if event.name == ORDERED:
            for sku in _skus(event):
                listener.hears(event, sku)
    for number, foreseen in listener.open.values():
        if foreseen.on + timedelta(days=foreseen.window) < until.date():
            listener.came_true[number] = False
    return Listened(listener.said, listener.came_true)


class _Listener:
    def __init__(self) -> None:
        self.bought: dict[str, list[date]] = {}
        self.open: dict[str, tuple[str, Foreseen]] = {}
        self.said: list[Event] = []
        self.came_true: dict[str, bool] = {}

    def hears(self, event: Event, sku: str) -> None:
        days, today = self.bought.setdefault(sku, []), event.at.date()
        if days and days[-1] == today:
            return
        days.append(today)
        if sku in self.open:
            number, foreseen = self.open.pop(sku)
            self.came_true[number] = foreseen.is_right(today)
            self.said.append(_event(event, "need.met", sku, {"sku": sku}))
        foreseen_now = foresee(days)
        if foreseen_now is not None:
            said = {"sku": sku, **msgspec.structs.asdict(foreseen_now)}
            said["on"] = foreseen_now.on.isoformat()
            told = _event(event, "need.foreseen", sku, said)
            self.said.append(told)
            self.open[sku] = (told.message_id, foreseen_now)


def _skus(event: Event) -> list[str]:
    items = event.properties.get("items")
    if not isinstance(items, list):
        return []
    found = (item.get("sku") for item in items if isinstance(item, dict))
    return list(dict.fromkeys(sku for sku in found if isinstance(sku, str)))


def _event(cause: Event, name: str, sku: str, said: dict[str, Any]) -> Event:
    # What was met is told before what is foreseen next.
    at = cause.at + timedelta(milliseconds=1 if name == "need.met" else 2)
    return Event(
        message_id=f"{cause.message_id}/{name}/{sku}",
        event_id=cause.event_id,
        name=name,
        at=at,
        received_at=at,
        source=SOURCE,
        identifiers=cause.identifiers,
        properties=said,
    )
