"""Reads the values that files are made of: shares, spans, times, words, names, conditions.

Promise: each reader gives the value; or it complains, with the line and what would be right, and
gives None or something empty.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from terrain.core.condition import All, AnyOf, Condition, Holds, NoneOf, Op
from terrain.core.duration import Span, span_of
from terrain.core.name import Name
from terrain.errors import did_you_mean
from terrain.flow.names import NameRefused, Names
from terrain.flow.yaml_file import Node, Reading

E = TypeVar("E", bound=StrEnum)

YES_NO = {"yes": True, "no": False, "true": True, "false": False, "oui": True, "non": False}
A_SPAN = "6 months, 90 days, 6 hours"
A_SHARE = "1 in 1000, 0.1 %"
LANGUAGES = ("en", "fr")
LONGEST_TEXT = 2000

_ONE_IN = re.compile(r"(\d+(?:[.,]\d+)?)\s+(?:in|sur)\s+(\d[\d   ]*)")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_TIME = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")
_COMBINED: dict[str, type[All | AnyOf | NoneOf]] = {"all": All, "any": AnyOf, "none": NoneOf}


def text(node: Node, reading: Reading, field: str) -> str:
    if isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
        said = str(node.value).strip()
        if said and len(said) <= LONGEST_TEXT:
            return said
    reading.wrong(node, field, "text")
    return ""


def words(node: Node, reading: Reading, field: str) -> dict[str, str]:
    """Return the words by language; both languages have to be there."""
    mapping = reading.keys(node, LANGUAGES, field)
    for language in LANGUAGES:
        if language not in mapping:
            reading.missing(node, f"{field}.{language}", "en, fr")
    return {language: text(each, reading, field) for language, each in mapping.items()}


def yes_no(node: Node, reading: Reading, field: str) -> bool:
    value = node.value if isinstance(node.value, bool) else YES_NO.get(str(node.value).lower())
    if value is None:
        reading.wrong(node, field, "yes, no")
    return bool(value)


def number(node: Node, reading: Reading, field: str) -> float | None:
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    reading.wrong(node, field, "1, 2.5")
    return None


def share(node: Node, reading: Reading, field: str) -> float | None:
    """Return "1 in 1000", "0.1 %" or 0.001 as a share of one."""
    value = _share(node.value)
    if value is None or not 0 <= value <= 1:
        reading.wrong(node, field, A_SHARE)
        return None
    return value


def span(node: Node, reading: Reading, field: str) -> Span | None:
    found = span_of(node.value)
    if found is None:
        reading.wrong(node, field, A_SPAN)
    return found


def time_of_day(node: Node, reading: Reading, field: str) -> time | None:
    match = _TIME.fullmatch(str(node.value).strip())
    if match is None:
        reading.wrong(node, field, "10:00")
        return None
    return time(int(match[1]), int(match[2]))


def choice(node: Node, reading: Reading, field: str, kind: type[E]) -> E | None:
    """Return one of the words that a key may have."""
    try:
        return kind(str(node.value))
    except ValueError:
        known = [str(each) for each in kind]
        nearest = did_you_mean(str(node.value), known)
        reading.wrong(node, field, nearest or ", ".join(known))
        return None


def name(node: Node, reading: Reading, names: Names) -> Name | None:
    """Return a name, resolved against the catalogue."""
    if not isinstance(node.value, str):
        reading.wrong(node, "name", "customer.country, event.at, item.sku")
        return None
    return named(node.value, node.line, reading, names)


def named(said: str, line: int, reading: Reading, names: Names) -> Name | None:
    try:
        return names.resolve(said)
    except NameRefused as refused:
        reading.unknown(line, refused.word, refused.known)
        return None


def event(node: Node, reading: Reading, names: Names) -> str:
    """Return our own name of an event, also where the file says a foreign one."""
    said = str(node.value)
    known = names.catalogue.event_names
    found = known.get(said) or known.get(said.casefold())
    if found is None:
        reading.unknown(node.line, said, known)
    return found or said


def condition(node: Node, reading: Reading, names: Names) -> Condition:
    """Return the condition: a name that must be yes, a mapping, or a list; everything must hold."""
    if isinstance(node.value, str):
        one = name(node, reading, names)
        return Holds(name=one, op=Op.IS, value=True) if one else All()
    if isinstance(node.value, list):
        return All(tuple(condition(each, reading, names) for each in node.value))
    parts = [_part(key, each, reading, names) for key, each in reading.mapping(node, "if").items()]
    found = tuple(part for part in parts if part is not None)
    return found[0] if len(found) == 1 else All(found)


def _part(key: str, node: Node, reading: Reading, names: Names) -> Condition | None:
    if key in _COMBINED:
        each = tuple(condition(one, reading, names) for one in _alternatives(node, reading))
        return _COMBINED[key](each)
    one = named(key, node.line, reading, names)
    if one is None:
        return None
    if not isinstance(node.value, dict):
        return _expected(one, node, reading)
    tests = [_test(one, op, each, reading) for op, each in node.value.items()]
    found = tuple(test for test in tests if test is not None)
    return found[0] if len(found) == 1 else All(found)


def _alternatives(node: Node, reading: Reading) -> Iterable[Node]:
    """Return the alternatives of any, all, none; of a mapping, each of its sentences is one."""
    if isinstance(node.value, dict):
        return [Node({key: each}, each.line) for key, each in node.value.items()]
    return reading.items(node)


def _expected(one: Name, node: Node, reading: Reading) -> Condition | None:
    """Read `country: FR`, `country: [FR, BE]`, `email: known`."""
    if isinstance(node.value, list):
        return _test(one, Op.IN, node, reading)
    if node.value in ("known", "unknown"):
        return Holds(name=one, op=Op.KNOWN, value=node.value == "known")
    return _test(one, Op.IS, node, reading)


def _test(one: Name, op: str, node: Node, reading: Reading) -> Holds | None:
    if op not in list(Op):
        reading.unknown(node.line, op, [str(each) for each in Op])
        return None
    if op == Op.WITHIN:
        length = span(node, reading, one.text)
        return Holds(name=one, op=Op.WITHIN, span=length) if length else None
    value = _READERS.get(Op(op), _comparable)(one, node, reading)
    return None if value is None else Holds(name=one, op=Op(op), value=value)


def _plain(one: Name, node: Node, reading: Reading) -> Any:
    if isinstance(node.value, dict | list) or node.value is None:
        reading.wrong(node, one.text, "FR, 50, yes")
        return None
    if isinstance(node.value, date):
        return node.value.isoformat()
    if one.type not in ("text", "choice") and str(node.value).lower() in YES_NO:
        return YES_NO[str(node.value).lower()]
    return node.value


def _list(one: Name, node: Node, reading: Reading) -> Any:
    found = tuple(_plain(one, each, reading) for each in reading.items(node))
    return None if None in found else found


def _comparable(one: Name, node: Node, reading: Reading) -> Any:
    value = node.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    reading.wrong(node, one.text, "50, 12.5, 2026-12-31")
    return None


def _two(one: Name, node: Node, reading: Reading) -> Any:
    match reading.items(node):
        case [low, high]:
            found = _comparable(one, low, reading), _comparable(one, high, reading)
            return None if None in found else found
    reading.wrong(node, one.text, "[10, 50]")
    return None


def _known(one: Name, node: Node, reading: Reading) -> Any:
    return yes_no(node, reading, one.text)


def _share(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    said = str(value).strip()
    if match := _ONE_IN.fullmatch(said):
        many = float(re.sub(r"\D", "", match[2]))
        return _float(match[1]) / many if many else None
    if match := _PERCENT.fullmatch(said):
        return _float(match[1]) / 100
    return None


def _float(said: str) -> float:
    return float(said.replace(",", "."))


_READERS = {
    Op.IS: _plain,
    Op.WITHOUT: _plain,
    Op.IN: _list,
    Op.BETWEEN: _two,
    Op.KNOWN: _known,
}
