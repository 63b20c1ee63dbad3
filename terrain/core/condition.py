"""Conditions that read as sentences: one tree, four uses.

`country: FR`, `order.total: {over: 50}`, `tags: {without: vip}`, `last_order: {within: 90 days}`,
`email: known`; all, any and none combine, and a list means all. Promise: running it (here), saying
it (`core/sentence.py`), counting with it (`store/segments.py`) and listing the facts it relies on
(here) can never disagree, because they read the same tree.
"""

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.duration import Span
from terrain.core.name import Name, Root, as_about, as_moment
from terrain.core.word import Word


class Op(Word):
    """What is asked of a value."""

    IS = "is"
    OVER = "over"
    AT_LEAST = "at_least"
    UNDER = "under"
    BETWEEN = "between"
    IN = "in"
    WITHOUT = "without"
    KNOWN = "known"
    WITHIN = "within"


class Holds(msgspec.Struct, frozen=True, kw_only=True, tag="holds", dict=True):
    """One value held against one expectation. For `known`, False means unknown.

    A date is an ISO text in `value`, and a length of time stands in `span`, so that a condition comes
    out of the record as it went in.
    """

    name: Name
    op: Op
    value: Any = True
    span: Span | None = None


class All(msgspec.Struct, frozen=True, tag="all", dict=True):
    """Everything must hold; of nothing, that is true."""

    of: tuple["Condition", ...] = ()


class AnyOf(msgspec.Struct, frozen=True, tag="any", dict=True):
    """One must hold."""

    of: tuple["Condition", ...]


class NoneOf(msgspec.Struct, frozen=True, tag="none", dict=True):
    """None may hold."""

    of: tuple["Condition", ...]


Condition = Holds | All | AnyOf | NoneOf
ALWAYS = All()


class Place(Protocol):
    """Where the names of a condition are looked up (`core/scene.py`)."""

    now: datetime

    @property
    def zone(self) -> ZoneInfo: ...

    def look_up(self, name: Name) -> Any: ...


Runner = Callable[[Place], bool]


def holds(condition: Condition, place: Place) -> bool:
    """Tell whether the condition holds there. The tree is made into one function the first time."""
    run: Runner | None = condition.__dict__.get("run")
    if run is None:
        run = condition.__dict__["run"] = _runner(condition)
    return run(place)


def names(condition: Condition) -> Iterator[Name]:
    """Yield every name the condition speaks of, also those that only say what a fact is about."""
    if not isinstance(condition, Holds):
        for each in condition.of:
            yield from names(each)
        return
    name: Name | None = condition.name
    while name is not None:
        yield name
        name = name.about


def facts(condition: Condition) -> tuple[Name, ...]:
    """Return the facts of the customer that the condition relies on: its list of assumptions."""
    return tuple(dict.fromkeys(name for name in names(condition) if name.root is Root.FACT))


# -- running ---------------------------------------------------------------------------------------


def _runner(condition: Condition) -> Runner:
    if isinstance(condition, Holds):
        expected = condition.span if condition.op is Op.WITHIN else condition.value
        return _RUNNERS[condition.op](condition.name, expected)
    parts = tuple(_runner(each) for each in condition.of)
    if isinstance(condition, All):
        return parts[0] if len(parts) == 1 else lambda place: all(part(place) for part in parts)
    if isinstance(condition, AnyOf):
        return lambda place: any(part(place) for part in parts)
    return lambda place: not any(part(place) for part in parts)


def _is(name: Name, expected: Any) -> Runner:
    return lambda place: same(place.look_up(name), expected)


def _without(name: Name, expected: Any) -> Runner:
    return lambda place: not same(place.look_up(name), expected)


def _in(name: Name, expected: tuple[Any, ...]) -> Runner:
    def run(place: Place) -> bool:
        value = place.look_up(name)
        return any(same(value, each) for each in expected)

    return run


def _known(name: Name, expected: bool) -> Runner:  # noqa: FBT001 - the value of a test
    return lambda place: (place.look_up(name) is not None) is expected


def _within(name: Name, span: Span) -> Runner:
    def run(place: Place) -> bool:
        moment = as_moment(place.look_up(name), place.zone)
        if moment is None:
            return False
        try:
            # Near in the past and near in the future both count: an order, a contract's end.
            earlier, later = sorted((moment, place.now))
            return later <= span.after(earlier, place.zone)
        except (ValueError, OverflowError):
            return True  # so long a span that the calendar ends before it does

    return run


def _compared(well: Callable[[Any, Any], bool]) -> Callable[[Name, Any], Runner]:
    def make(name: Name, limit: Any) -> Runner:
        def by_number(place: Place) -> bool:
            value = as_number(place.look_up(name))
            return value is not None and well(value, limit)

        def by_date(place: Place) -> bool:
            moment = as_moment(place.look_up(name), place.zone)
            return moment is not None and well(moment, as_moment(limit, place.zone))

        # A date is an ISO text in the condition; finding the customer's clock takes its time.
        return by_date if isinstance(limit, str) else by_number

    return make


def _between(name: Name, limits: tuple[Any, Any]) -> Runner:
    low, high = (_compared(well) for well in (_at_least, _at_most))
    at_least, at_most = low(name, limits[0]), high(name, limits[1])
    return lambda place: at_least(place) and at_most(place)


def _at_least(value: Any, limit: Any) -> bool:
    return bool(value >= limit)


def _at_most(value: Any, limit: Any) -> bool:
    return bool(value <= limit)


def same(value: Any, expected: Any) -> bool:
    """Tell whether a value is the expected one; a list is when it holds it. Case is nothing."""
    if isinstance(value, list | tuple):
        return any(same(each, expected) for each in value)
    if isinstance(expected, bool) or isinstance(value, bool):
        return value is expected
    if isinstance(expected, str) and isinstance(value, str):
        return value == expected or value.casefold() == expected.casefold()
    if isinstance(expected, int | float):
        return as_number(value) == expected
    if isinstance(expected, str):
        return as_about(value) == expected
    return bool(value == expected)


def as_number(value: Any) -> float | None:
    """Return the number that a value means; systems send "12.50" as often as 12.5."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return None if math.isnan(value) else value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        return None if math.isnan(number) else number
    return None


_RUNNERS: dict[Op, Callable[[Name, Any], Runner]] = {
    Op.IS: _is,
    Op.WITHOUT: _without,
    Op.IN: _in,
    Op.KNOWN: _known,
    Op.WITHIN: _within,
    Op.BETWEEN: _between,
    Op.OVER: _compared(lambda value, limit: bool(value > limit)),
    Op.AT_LEAST: _compared(_at_least),
    Op.UNDER: _compared(lambda value, limit: bool(value < limit)),
}
