"""Reads a mapping file: how the rows of an archive become events.

Promise: a mapping with a mistake is refused as a whole, each mistake with its line and what was
likely meant.
"""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

from terrain.core.fact import SourceKind
from terrain.core.identifier import Kind
from terrain.core.mapping import As, Condition, EventRule, Field, LeftOut, Mapping, Time, Total
from terrain.errors import Refusal, did_you_mean
from terrain.flow.yaml_file import FileRefusal, Node, Reading, read

SHIPPED = Path(__file__).parent.parent / "mappings"
TOP = (
    *("source", "kind", "customer", "time", "events", "once", "leave_out", "missing"),
    *("group", "within"),
)
FIELD = ("column", "text", "always", "as", "values", "otherwise")
CONDITION = ("is", "missing", "starts", "under", "over", "busier_than", "counting")
EVENT = ("event", "when", "properties", "lists", "totals", "assumed")

Word = TypeVar("Word", bound=StrEnum)


class NoMapping(Refusal):
    """No file there, and none of that name is shipped."""

    code = "no_mapping"


def find(name: str) -> Path:
    """Return the mapping of this name: a file, or one that is shipped."""
    shipped = {file.stem: file for file in sorted(SHIPPED.glob("*.yaml"))}
    path = Path(name)
    if not path.is_file() and name in shipped:
        return shipped[name]
    if not path.is_file():
        raise NoMapping(field="--as", value=name, right=did_you_mean(name, shipped) or [*shipped])
    return path


def mapping_of(path: Path) -> tuple[Mapping | None, list[FileRefusal]]:
    """Return the mapping, or what is wrong with it."""
    root, reading = read(path)
    if root is None:
        return None, reading.problems
    top = reading.keys(root, TOP, "mapping")
    for needed in ("source", "customer", "time", "events"):
        if needed not in top:
            reading.missing(root, needed)
    if reading.problems:
        return None, reading.problems
    found = _mapping(top, reading)
    return (None, reading.problems) if reading.problems else (found, [])


def _mapping(top: dict[str, Node], reading: Reading) -> Mapping:
    group, within = top.get("group"), top.get("within")
    return Mapping(
        source=_text(top["source"], "source", reading),
        kind=_word(top.get("kind"), SourceKind, "kind", reading) or SourceKind.THIRD_PARTY,
        customer=_customer(top["customer"], reading),
        time=_time(top["time"], reading),
        events=tuple(_event(each, reading) for each in reading.items(top["events"])),
        once=tuple(_event(each, reading) for each in _list(top.get("once"), reading)),
        leave_out=tuple(_left_out(each, reading) for each in _list(top.get("leave_out"), reading)),
        missing=tuple(
            _text(each, "missing", reading) for each in _list(top.get("missing"), reading)
        )
        or ("",),
        group=_text(group, "group", reading) if group else "",
        within=_whole(within, "within", reading) if within else 1000,
    )


def _customer(node: Node, reading: Reading) -> dict[Kind, Field]:
    kinds = [kind.value for kind in Kind]
    given = reading.keys(node, kinds, "customer")
    if not given:
        reading.missing(node, "customer", kinds)
    return {Kind(kind): _field(each, reading) for kind, each in given.items()}


def _time(node: Node, reading: Reading) -> Time:
    given = reading.keys(node, ("column", "written", "zone"), "time")
    column, written, zone = (given.get(name) for name in ("column", "written", "zone"))
    if not column:
        reading.missing(node, "column")
    if zone and zone.value not in available_timezones():
        reading.unknown(zone.line, str(zone.value), available_timezones())
    return Time(
        column=_text(column, "column", reading) if column else "",
        written=_text(written, "written", reading) if written else "",
        zone=_text(zone, "zone", reading) if zone else "UTC",
    )


def _event(node: Node, reading: Reading) -> EventRule:
    given = reading.keys(node, EVENT, "events")
    if "event" not in given:
        reading.missing(node, "event", "order.placed")
        return EventRule(event="")
    lists = reading.mapping(given["lists"], "lists") if "lists" in given else {}
    totals = reading.mapping(given["totals"], "totals") if "totals" in given else {}
    return EventRule(
        event=_text(given["event"], "event", reading),
        when=_conditions(given.get("when"), reading),
        properties=_fields(given.get("properties"), "properties", reading),
        lists={name: _fields(each, name, reading) for name, each in lists.items()},
        totals={name: _total(each, lists, reading) for name, each in totals.items()},
        assumed=tuple(
            _text(each, "assumed", reading) for each in _list(given.get("assumed"), reading)
        ),
    )


def _left_out(node: Node, reading: Reading) -> LeftOut:
    given = reading.keys(node, ("because", "when"), "leave_out")
    because = given.get("because")
    if not because or "when" not in given:
        reading.missing(node, "when" if because else "because")
        return LeftOut("", ())
    return LeftOut(_text(because, "because", reading), _conditions(given["when"], reading))


def _conditions(node: Node | None, reading: Reading) -> tuple[Condition, ...]:
    if node is None:
        return ()
    given = reading.mapping(node, "when")
    return tuple(_condition(column, each, reading) for column, each in given.items())


def _condition(column: str, node: Node, reading: Reading) -> Condition:
    if node.value == "missing":
        return Condition(column=column, missing=True)
    if not isinstance(node.value, dict):
        return Condition(column=column, among=_among(node, reading))
    given = reading.keys(node, CONDITION, column)
    plain = {name: each.value for name, each in given.items()}
    if not given:
        reading.missing(node, column, CONDITION)
    return Condition(
        column=column,
        among=_among(given["is"], reading) if "is" in given else frozenset(),
        missing=bool(plain.get("missing")),
        starts=str(plain.get("starts", "")),
        under=_number(given.get("under"), "under", reading),
        over=_number(given.get("over"), "over", reading),
        busier_than=_whole(given["busier_than"], "busier_than", reading)
        if "busier_than" in given
        else None,
        counting=str(plain.get("counting", "")),
    )


def _among(node: Node, reading: Reading) -> frozenset[str]:
    return frozenset(_text(each, "is", reading) for each in reading.items(node))


def _fields(node: Node | None, name: str, reading: Reading) -> dict[str, Field]:
    given = reading.mapping(node, name) if node else {}
    return {key: _field(each, reading) for key, each in given.items()}


def _field(node: Node, reading: Reading) -> Field:
    """Read a field: the name of a column, or a mapping that says more."""
    if not isinstance(node.value, dict):
        return Field(column=_text(node, "column", reading))
    given = reading.keys(node, FIELD, "field")
    if len(given.keys() & {"column", "text", "always"}) != 1:
        reading.missing(node, "column", "column / text / always")
    plain = {name: each.plain() for name, each in given.items()}
    return Field(
        column=str(plain.get("column", "")),
        text=str(plain.get("text", "")),
        always=plain.get("always"),
        read=_word(given.get("as"), As, "as", reading) or As.TEXT,
        values={str(key): value for key, value in (plain.get("values") or {}).items()},
        otherwise=plain.get("otherwise"),
    )


def _total(node: Node, lists: Collection[str], reading: Reading) -> Total:
    given = reading.keys(node, ("over", "of"), "totals")
    over = given.get("over")
    if not over or "of" not in given:
        reading.missing(node, "of" if over else "over")
        return Total("", ())
    if over.value not in lists:
        reading.unknown(over.line, str(over.value), lists)
    return Total(
        str(over.value), tuple(_text(each, "of", reading) for each in reading.items(given["of"]))
    )


def _list(node: Node | None, reading: Reading) -> list[Node]:
    return reading.items(node) if node else []


def _text(node: Node, field: str, reading: Reading) -> str:
    if isinstance(node.value, dict | list) or node.value is None:
        reading.wrong(node, field, "text")
        return ""
    return str(node.value)


def _word(node: Node | None, words: type[Word], field: str, reading: Reading) -> Word | None:
    if node is None:
        return None
    known = {word.value: word for word in words}
    if node.value not in known:
        reading.wrong(node, field, did_you_mean(str(node.value), known) or ", ".join(known))
    return known.get(node.value)


def _whole(node: Node, field: str, reading: Reading) -> int:
    number: Any = node.value
    if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
        return number
    reading.wrong(node, field, "1000")
    return 0


def _number(node: Node | None, field: str, reading: Reading) -> float | None:
    if node is None:
        return None
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    reading.wrong(node, field, "0")
    return None
