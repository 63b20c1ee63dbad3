"""Conditions that read as sentences: one tree, four uses.

`country: FR`, `order.total: {over: 50}`, `tags: {without: vip}`, `last_order: {within: 90 days}`, `email: known`;
all, any and none combine, and a list means all. Promise: running it, counting with it, saying it and listing
the facts it relies on can never disagree, because they read the same tree.
"""

from enum import StrEnum
from typing import Any

import msgspec

from terrain.core.name import Name


class Op(StrEnum):
    """What a test asks of a value."""

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
    """One value held against one expectation. For `known`, False means unknown; for `within`, a Span."""

    name: Name
    op: Op
    value: Any = True


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
