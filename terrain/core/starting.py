"""Which runs an event starts: one for each item and each unit, each about a subject of its own.

Promise: what is already under way is not started again, and deciding twice gives the same runs.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from terrain.core import drawer
from terrain.core.automation import Automation, StartOnEvent, Wait
from terrain.core.condition import ALWAYS, as_number, holds
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.name import as_about, find
from terrain.core.path import START
from terrain.core.run import Run, RunState
from terrain.core.scene import Scene

# Whoever "orders" a hundred thousand filters meant something else; nobody's drawer is longer than this.
MOST_UNITS = 36
MOST_ITEMS = 200
MOST_RUNS = 200
# What an event may be about, when its own noun does not say it.
_NOUNS = ("order", "parcel", "return", "complaint", "cart", "review", "ticket", "sku")

Starter = tuple[Automation, StartOnEvent]


def starts(customer: Customer, event: Event, house: House, now: datetime) -> tuple[Run, ...]:
    """Return the runs that this event starts; never one whose subject is already under way."""
    starters = _starters(house).get(event.name)
    if not starters:
        return ()
    said = as_context(event)
    found: list[Run] = []
    for automation, start in starters:
        seed = _Seed(automation, start, customer, house, event, now)
        found += seed.runs(said)
    return _with_own_ids(found)


def as_context(event: Event) -> dict[str, Any]:
    """Return an event as a run carries it."""
    properties = event.properties if not event.traits else event.traits | event.properties
    return {
        "name": event.name,
        "at": event.at,
        "source": event.source,
        "message_id": event.message_id,
        "properties": properties,
    }


def subject_of(event: Mapping[str, Any]) -> str:
    """Return what an event is about, as a word: `order-17`; else its own message id."""
    noun = str(event["name"]).partition(".")[0]
    for each in (noun, *_NOUNS):
        about = as_about(find(event["properties"], (each,)))
        if about is not None:
            return about if about.startswith(each) or each == "sku" else f"{each}-{about}"
    return str(event["message_id"])


def _starters(house: House) -> dict[str, list[Starter]]:
    """Return who starts on which event; found once for a house."""
    known: dict[str, list[Starter]] | None = house.__dict__.get("starters")
    if known is None:
        known = house.__dict__["starters"] = {}
        for automation in house.live.values():
            for start in automation.starts:
                if isinstance(start, StartOnEvent):
                    known.setdefault(start.when, []).append((automation, start))
    return known


def _with_own_ids(runs: list[Run]) -> tuple[Run, ...]:
    """Return the runs, no two of one id: ids of one millisecond have only so many ends."""
    seen: set[int] = set()
    found = []
    for run in runs:
        number = run.run_id
        while number in seen:
            number += 1
        seen.add(number)
        found.append(run if number == run.run_id else msgspec.structs.replace(run, run_id=number))
    return tuple(found)


class _Seed:
    """One start of one automation, about to grow runs."""

    __slots__ = (
        "automation",
        "counted",
        "customer",
        "event",
        "found",
        "house",
        "last",
        "now",
        "start",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - what a start consists of
        self,
        automation: Automation,
        start: StartOnEvent,
        customer: Customer,
        house: House,
        event: Event,
        now: datetime,
    ) -> None:
        self.automation = automation
        self.start = start
        self.customer = customer
        self.house = house
        self.event = event
        self.now = now
        self.found: list[Run] = []
        self.counted: dict[str, int] = {}
        self.last: dict[str, tuple[str, datetime | None]] = {}

    def runs(self, said: dict[str, Any]) -> list[Run]:
        """Return the runs for every item and unit whose condition holds."""
        start, found = self.start, self.found
        for item in self._items(said) if start.each else (None,):
            event = said if item is None else _less_the_list(said, start)
            context: dict[str, Any] = {"event": event}
            if item is not None:
                context["item"] = item
            scene = Scene(self.customer, self.house, self.now, context)
            if start.condition is not ALWAYS and not holds(start.condition, scene):
                continue
            found += list(self._units(scene, context))[: MOST_RUNS - len(found)]
        return found

    def _items(self, said: dict[str, Any]) -> Iterator[Any]:
        each = self.start.each
        items = find(said["properties"], each.path) if each else None
        if isinstance(items, list):
            yield from items[:MOST_ITEMS]

    def _units(self, scene: Scene, context: dict[str, Any]) -> Iterator[Run]:
        subject = self._subject(scene, context)
        wait = drawer.stocked(self.automation)
        stock = as_about(scene.look_up(wait.stock)) if wait and wait.stock else None
        for unit in self._numbers(subject, scene):
            name = f"{subject}/{unit}" if self.start.units else subject
            if self._under_way(name):
                continue
            more: dict[str, Any] = {"unit": unit}
            if wait is None or not stock:
                yield self._run(name, context | more, "")
                continue
            last = self.last.get(stock) or self._end_of_drawer(wait, stock)
            more[drawer.FOLLOWS], more[drawer.BEGINS] = last
            run = self._run(name, context | more, stock)
            self.last[stock] = (name, self._used_up(run, wait))
            yield run

    def _numbers(self, subject: str, scene: Scene) -> range:
        """Return the numbers of the units; a second line about the same thing counts on."""
        first = self.counted.get(subject, 0) + 1 if self.start.units else 1
        self.counted[subject] = first + self._how_many(scene) - 1
        return range(first, min(self.counted[subject], MOST_UNITS) + 1)

    def _end_of_drawer(self, wait: Wait, stock: str) -> tuple[str, datetime | None]:
        """Return what is used up last of what is in the drawer, and when."""
        waiting = drawer.drawer(self.customer.runs, self.automation.name, stock)
        try:
            planned = drawer.dates(waiting, wait, self.customer, self.house)
        except drawer.NoSuchDate:
            planned = {}
        return max(planned.items(), key=lambda pair: pair[1], default=("", None))

    def _used_up(self, run: Run, wait: Wait) -> datetime | None:
        try:
            return drawer.dates([run], wait, self.customer, self.house).get(run.subject)
        except drawer.NoSuchDate:
            return None

    def _how_many(self, scene: Scene) -> int:
        if self.start.units is None:
            return 1
        number = as_number(scene.look_up(self.start.units))
        return 1 if number is None else int(max(0, min(MOST_UNITS, number)))

    def _subject(self, scene: Scene, context: dict[str, Any]) -> str:
        said = [as_about(scene.look_up(name)) for name in self.start.subject]
        parts = [part for part in said if part] or [subject_of(context["event"])]
        item = context.get("item")
        if item is not None:
            sku = as_about(find(item, ("sku",)) if isinstance(item, dict) else item)
            parts.append(sku or "")
        return "/".join(part for part in parts if part)

    def _under_way(self, subject: str) -> bool:
        name, runs = self.automation.name, (*self.customer.runs, *self.found)
        return any(run.subject == subject and run.automation == name for run in runs)

    def _run(self, subject: str, context: dict[str, Any], stock: str) -> Run:
        name, key = self.automation.name, self.customer.key
        at = min(self.event.at, self.now)  # ids end in 2069, and sources say any year
        return Run(
            key=key,
            run_id=id_from(at, "run", name, key.customer_id, subject),
            automation=name,
            version=self.automation.version,
            subject=subject,
            state=RunState.READY,
            place=START,
            started_at=self.now,
            started_by=self.event.name,
            context=context | {"subject": subject},
            stock=stock,
        )


def _less_the_list(said: dict[str, Any], start: StartOnEvent) -> dict[str, Any]:
    """Return the event without the list whose items each have a run of their own."""
    path = start.each.path if start.each else ()
    left_out = {*path, "items", "products", "line_items"}
    kept = {key: value for key, value in said["properties"].items() if key not in left_out}
    return said | {"properties": kept}
