"""How many people a condition describes: the same tree, as SQL.

Promise: for counts and previews only; whether somebody is described is decided by `core/condition.py`.
Where sources disagree, the count takes the value of whoever is to be believed first: the customer of
late, then by kind of source, then the latest. A report (scale.md R13): it looks in every bucket.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.types.json import Jsonb

from terrain.core.catalogue import Catalogue
from terrain.core.condition import All, AnyOf, Condition, Holds, Op
from terrain.core.identifier import Kind
from terrain.core.name import Name, Root
from terrain.errors import Refusal

_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"
_KINDS = frozenset(kind.value for kind in Kind)
_FAR = 9998

PEOPLE = "FROM customer c WHERE c.survivor_id = c.customer_id AND"
Sql = tuple[str, dict[str, Any]]


class NotCountable(Refusal):
    """What an event or an item says is known only when it happens."""

    code = "not_countable"


class _Made:
    """One condition on its way to SQL: the parameters so far."""

    def __init__(self, catalogue: Catalogue, now: datetime) -> None:
        self.catalogue = catalogue
        self.now = now
        self.values: dict[str, Any] = {"year_ago": now.replace(year=now.year - 1, day=1)}

    def put(self, value: Any) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


def as_sql(condition: Condition, catalogue: Catalogue, now: datetime) -> Sql:
    """Return the condition over the customer row `c`, and its parameters."""
    made = _Made(catalogue, now)
    return _part(condition, made), made.values


def count(db: Connection, condition: Condition, catalogue: Catalogue, now: datetime) -> int:
    """Return how many people the condition describes now."""
    where, values = as_sql(condition, catalogue, now)
    row = db.execute(f"SELECT count(*) {PEOPLE} {where}".encode(), values).fetchone()
    return row[0] if row else 0


def _part(condition: Condition, made: _Made) -> str:
    if isinstance(condition, Holds):
        return _TESTS.get(condition.op, _compared)(condition, made)
    parts = [_part(each, made) for each in condition.of]
    if isinstance(condition, All):
        return f"({' AND '.join(parts)})" if parts else "true"
    joined = f"({' OR '.join(parts)})" if parts else "false"
    return joined if isinstance(condition, AnyOf) else f"(NOT {joined})"


def _value(name: Name, made: _Made) -> str:
    """Return what is believed of a fact: claimed, or the identifier itself, or what is supposed."""
    if name.root is not Root.FACT or name.about is not None or name.per_subject:
        raise NotCountable(value=name.text)
    fact = made.put(name.fact)
    found = [
        f"""(SELECT cl.value FROM {_NODES}
               JOIN claim cl ON cl.bucket = n.bucket AND cl.customer_id = n.customer_id
              WHERE cl.fact = {fact} AND cl.about = '' AND NOT {_DENIED}
              ORDER BY cl.kind = 'customer_said' AND cl.at > %(year_ago)s DESC,
                       array_position(ARRAY['customer_said', 'staff_heard', 'transaction',
                                            'behaviour', 'third_party', 'inferred'], cl.kind),
                       cl.at DESC
              LIMIT 1)"""
    ]
    if name.fact in _KINDS:
        found.append(
            f"""(SELECT to_jsonb(own.value) FROM {_NODES}
                   JOIN customer own ON own.bucket = n.bucket AND own.customer_id = n.customer_id
                  WHERE own.kind = {fact} LIMIT 1)"""
        )
    kind = made.catalogue.facts.get(name.fact)
    if kind is not None and kind.prior is not None:
        found.append(f"{made.put(Jsonb(kind.prior.value))}::jsonb")
    return f"coalesce({', '.join(found)})"


def _is(test: Holds, made: _Made) -> str:
    return _same(test.name, test.value, made)


def _same(name: Name, expected: Any, made: _Made) -> str:
    value = _value(name, made)
    equal = f"{value} @> {made.put(Jsonb(expected))}::jsonb"
    if isinstance(expected, str):
        equal = f"({equal} OR lower({value} #>> '{{}}') = {made.put(expected.lower())})"
    return f"coalesce({equal}, false)"


def _without(test: Holds, made: _Made) -> str:
    return f"(NOT {_is(test, made)})"


def _in(test: Holds, made: _Made) -> str:
    return f"({' OR '.join(_same(test.name, each, made) for each in test.value)})"


def _known(test: Holds, made: _Made) -> str:
    return f"({_value(test.name, made)} IS {'NOT ' if test.value else ''}NULL)"


def _within(test: Holds, made: _Made) -> str:
    assert test.span is not None  # the reader gives every `within` its span
    zone, now = ZoneInfo("UTC"), made.now
    try:
        low, high = test.span.times(-1).after(now, zone), test.span.after(now, zone)
    except (ValueError, OverflowError):
        low, high = now.replace(year=1), now.replace(year=_FAR)
    text = f"({_value(test.name, made)} #>> '{{}}')"
    limits = f"{made.put(low.isoformat())} AND {made.put(high.isoformat())}"
    return f"coalesce({text} ~ '{_DAY}' AND {text} BETWEEN {limits}, false)"


def _between(test: Holds, made: _Made) -> str:
    low, high = test.value
    return f"({_ordered(test.name, '>=', low, made)} AND {_ordered(test.name, '<=', high, made)})"


def _compared(test: Holds, made: _Made) -> str:
    return _ordered(test.name, _SIGNS[test.op], test.value, made)


def _ordered(name: Name, sign: str, limit: Any, made: _Made) -> str:
    text = f"({_value(name, made)} #>> '{{}}')"
    if isinstance(limit, str):
        return f"coalesce({text} ~ '{_DAY}' AND {text} {sign} {made.put(limit)}, false)"
    # The cast stands behind the test: a text that is no number must not stop the count.
    number = f"CASE WHEN {text} ~ '{_NUMBER}' THEN {text}::numeric END"
    return f"coalesce({number} {sign} {made.put(limit)}, false)"


_NODES = """(SELECT c.bucket, c.customer_id UNION
             SELECT a.alias_bucket, a.alias_id FROM alias a
              WHERE a.bucket = c.bucket AND a.customer_id = c.customer_id) n"""
# As `core/claims.py` reads it: a guess never comes back, what somebody says anew does.
_DENIED = f"""EXISTS (SELECT FROM {_NODES}
                JOIN evidence d ON d.bucket = n.bucket AND d.customer_id = n.customer_id
               WHERE d.fact = cl.fact AND d.about = cl.about AND d.value_key = cl.value_key
                 AND d.kind = 'denied'
                 AND (d.at >= cl.at OR cl.kind IN ('behaviour', 'third_party', 'inferred')))"""
_SIGNS = {Op.OVER: ">", Op.AT_LEAST: ">=", Op.UNDER: "<"}
_TESTS: dict[Op, Callable[[Holds, _Made], str]] = {
    Op.IS: _is,
    Op.WITHOUT: _without,
    Op.IN: _in,
    Op.KNOWN: _known,
    Op.WITHIN: _within,
    Op.BETWEEN: _between,
}
