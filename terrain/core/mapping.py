"""How the rows of an archive become events: what a mapping file says, and doing it.

Promise: pure. The same rows give the same messages with the same ids, so that importing twice changes
nothing; and what an archive cannot tell is named as assumed in every event that carries it.
"""

import math
import re
from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as Lookup
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.fact import SourceKind
from terrain.core.identifier import Kind
from terrain.errors import Refusal

Row = Lookup[str, Any]
IDENTIFIED = "customer.identified"
GAP = re.compile(r"{([^{}]+)}")
WIRE_NAME = {Kind.USER_ID: "userId", Kind.ANONYMOUS_ID: "anonymousId"}


class WrongCell(Refusal):
    """A cell does not hold what its column should."""

    code = "wrong_cell"


class NoEventForRow(Refusal):
    """The mapping has no event for a row like this."""

    code = "no_event_for_row"


class As(StrEnum):
    """What a cell is read as."""

    TEXT = "text"
    CODE = "code"  # in capitals, so that 85123a and 85123A are one thing
    WHOLE = "whole"
    COUNT = "count"  # a whole number without its sign
    NUMBER = "number"
    YES_NO = "yes_no"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value comes from: a column, a text with {columns} in it, or always the same.

    `values` leads from what the archive writes to what is meant; `otherwise` stands where there is
    nothing, or nothing known.
    """

    column: str = ""
    text: str = ""
    always: Any = None
    read: As = As.TEXT
    values: dict[str, Any] = {}
    otherwise: Any = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must be so in a row. `busier_than`: the value has more different `counting`."""

    column: str
    among: frozenset[str] = frozenset()
    missing: bool = False
    starts: str = ""
    under: float | None = None
    over: float | None = None
    busier_than: int | None = None
    counting: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """Rows that are no event, and why."""

    because: str
    when: tuple[Condition, ...]


class Total(msgspec.Struct, frozen=True):
    """A sum over the items, of the product of these of their fields."""

    over: str
    of: tuple[str, ...]


class EventRule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of event that rows may be. `lists` are made of all rows of the group."""

    event: str
    when: tuple[Condition, ...] = ()
    properties: dict[str, Field] = {}
    lists: dict[str, dict[str, Field]] = {}
    totals: dict[str, Total] = {}
    assumed: tuple[str, ...] = ()


class Time(msgspec.Struct, frozen=True, kw_only=True):
    """When it happened: a column, how it is written, and by which clock."""

    column: str
    written: str = ""
    zone: str = "UTC"


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A whole mapping file."""

    source: str
    kind: SourceKind
    customer: dict[Kind, Field]
    time: Time
    events: tuple[EventRule, ...]
    once: tuple[EventRule, ...] = ()
    leave_out: tuple[LeftOut, ...] = ()
    missing: tuple[str, ...] = ("",)
    group: str = ""
    within: int = 1000


def columns_of(mapping: Mapping) -> list[str]:
    """Return the columns that are read, each once."""
    found = [mapping.group, mapping.time.column, *_columns_of_fields(mapping.customer.values())]
    conditions = [condition for rule in mapping.leave_out for condition in rule.when]
    for rule in (*mapping.events, *mapping.once):
        conditions += rule.when
        found += _columns_of_fields(rule.properties.values())
        for fields in rule.lists.values():
            found += _columns_of_fields(fields.values())
    found += [name for each in conditions for name in (each.column, each.counting)]
    return [name for name in dict.fromkeys(found) if name]


def _columns_of_fields(fields: Collection[Field]) -> list[str]:
    named = [name for field in fields for name in GAP.findall(field.text)]
    return [field.column for field in fields if field.column] + named


def with_busy(mapping: Mapping, busy: Lookup[Condition, frozenset[str]]) -> Mapping:
    """Return the mapping with the values put in that were found to be busier than the rest."""
    return msgspec.structs.replace(
        mapping,
        leave_out=tuple(
            LeftOut(
                rule.because,
                tuple(
                    msgspec.structs.replace(each, among=busy[each], busier_than=None)
                    if each in busy
                    else each
                    for each in rule.when
                ),
            )
            for rule in mapping.leave_out
        ),
    )


def left_out(mapping: Mapping, row: Row) -> str | None:
    """Return why this row is no event, or None."""
    for rule in mapping.leave_out:
        if all(holds(condition, row) for condition in rule.when):
            return rule.because
    return None


def holds(condition: Condition, row: Row) -> bool:
    """Say whether this is so in the row."""
    value = row.get(condition.column)
    if value is None or condition.missing:
        return condition.missing and value is None
    if condition.under is not None or condition.over is not None:
        number = float(_read(condition.column, value, As.NUMBER))
        return (condition.under is None or number < condition.under) and (
            condition.over is None or number > condition.over
        )
    text = str(value)
    return text.startswith(condition.starts) if condition.starts else text in condition.among


def messages_of(mapping: Mapping, rows: Sequence[Row], *, met: bool) -> list[dict[str, Any]]:
    """Return what these rows say; `met`: their customer was met before."""
    first = rows[0]
    who = {kind: value_of(field, first) for kind, field in mapping.customer.items()}
    at = moment(mapping.time, first)
    rule = _rule_for(mapping, first)
    rules = [rule] if met else [*mapping.once, rule]
    return [_message(mapping, each, rows, who, at) for each in rules]


def customer_of(mapping: Mapping, row: Row) -> tuple[object, ...]:
    """Return by what a row names its customer."""
    return tuple(value_of(field, row) for field in mapping.customer.values())


def moment(time: Time, row: Row) -> datetime:
    """Return when it happened (UTC)."""
    text = row.get(time.column)
    try:
        written = str(text)
        naive = (
            datetime.strptime(written, time.written)  # noqa: DTZ007 - the zone is put on below
            if time.written
            else datetime.fromisoformat(written)
        )
    except ValueError:
        raise WrongCell(field=time.column, value=text, right=time.written or "ISO 8601") from None
    aware = naive if naive.tzinfo else naive.replace(tzinfo=ZoneInfo(time.zone))
    return aware.astimezone(UTC)


def value_of(field: Field, row: Row) -> Any:
    """Return what the row says in this place."""
    if field.always is not None:
        return field.always
    if field.text:
        return _filled(field.text, row)
    value = row.get(field.column)
    if field.values:
        return field.values.get(str(value), field.otherwise)
    return field.otherwise if value is None else _read(field.column, value, field.read)


def _filled(text: str, row: Row) -> str | None:
    """Put the cells into the text; where one is missing, there is no text."""
    cells = {name: row.get(name) for name in GAP.findall(text)}
    if None in cells.values():
        return None
    return GAP.sub(lambda gap: str(cells[gap[1]]), text)


def _read(column: str, value: Any, read: As) -> Any:
    try:
        return READ[read](value)
    except (ValueError, TypeError, OverflowError):
        raise WrongCell(field=column, value=value, right=read.value) from None


def _number(value: Any) -> float | int:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return int(number) if number.is_integer() else number


def _whole(value: Any) -> int:
    number = _number(value)
    if isinstance(number, float):
        raise ValueError  # noqa: TRY004 - half a thing is a wrong value, not a wrong type
    return number


def _yes_no(value: Any) -> bool:
    word = str(value).strip().casefold()
    if word not in YES | NO:
        raise ValueError
    return word in YES


YES = frozenset({"true", "yes", "y", "1", "oui", "vrai"})
NO = frozenset({"false", "no", "n", "0", "non", "faux"})
READ: dict[As, Callable[[Any], Any]] = {
    As.TEXT: str,
    As.CODE: lambda value: str(value).upper(),
    As.WHOLE: _whole,
    As.COUNT: lambda value: abs(_whole(value)),
    As.NUMBER: _number,
    As.YES_NO: _yes_no,
}


def _rule_for(mapping: Mapping, row: Row) -> EventRule:
    for rule in mapping.events:
        if all(holds(condition, row) for condition in rule.when):
            return rule
    raise NoEventForRow(right=[rule.event for rule in mapping.events])


def _message(
    mapping: Mapping,
    rule: EventRule,
    rows: Sequence[Row],
    who: dict[Kind, Any],
    at: datetime,
) -> dict[str, Any]:
    """Return one message in the words of the wire, with an id that its content gives it."""
    named = {WIRE_NAME[kind]: value for kind, value in who.items() if kind in WIRE_NAME}
    traits = {kind.value: value for kind, value in who.items() if kind not in WIRE_NAME and value}
    context: dict[str, Any] = {"archive": True}
    if rule.assumed:
        context["assumed"] = list(rule.assumed)
    if traits:
        context["traits"] = traits
    said = _properties(rule, rows)
    message = {
        **_call(rule.event, said),
        **{name: value for name, value in named.items() if value is not None},
        "timestamp": at.isoformat(),
        "context": context,
    }
    return {"messageId": _id_of(mapping.source, message), **message}


def _call(event: str, said: dict[str, Any]) -> dict[str, Any]:
    if event == IDENTIFIED:
        return {"type": "identify", "traits": said}
    return {"type": "track", "event": event, "properties": said}


def _properties(rule: EventRule, rows: Sequence[Row]) -> dict[str, Any]:
    said = {name: value_of(field, rows[0]) for name, field in rule.properties.items()}
    for name, fields in rule.lists.items():
        items = [{key: value_of(field, row) for key, field in fields.items()} for row in rows]
        said[name] = [
            {key: value for key, value in item.items() if value is not None} for item in items
        ]
    for name, total in rule.totals.items():
        said[name] = _total(total, said)
    return {name: value for name, value in said.items() if value is not None}


def _total(total: Total, said: dict[str, Any]) -> float:
    amount = 0.0
    for item in said[total.over]:
        product = 1.0
        for name in total.of:
            product *= item.get(name, 0)
        amount += product
    return round(amount, 2)


def _id_of(source: str, message: dict[str, Any]) -> str:
    content = msgspec.json.encode((source, message), order="sorted")
    return f"archive-{blake2b(content, digest_size=16).hexdigest()}"
