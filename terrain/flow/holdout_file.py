"""Reads who was treated and who was held out from a table, one person a row, and compares them.

Promise: nothing is guessed. A column that is not there, an arm that nobody is in, a word where a number
should be is refused, with its line; so that no report rests on half a file.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.arms import Arm, Group, Report, report, told
from terrain.core.interval import Amounts, amounts
from terrain.core.mapping import Row
from terrain.errors import Refusal, did_you_mean
from terrain.flow.finding import sentences
from terrain.flow.table import Line as TableLine
from terrain.flow.table import lines_of

_YES, _NO = frozenset({"1", "true", "yes", "oui"}), frozenset({"0", "false", "no", "non"})
_ANY = ZoneInfo("UTC")  # no sentence of these names a moment
EVERYBODY = "–"


class NobodyHeldOut(Refusal):
    """Nobody is in the arm that is said to be held out, or there is no other."""

    code = "nobody_held_out"


class NotAnOutcome(Refusal):
    """A cell that should say whether somebody did something, or how much they spent, says something else."""

    code = "not_an_outcome"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which columns say what: the arm, what people did (1 or 0), what they spent, of what kind they are."""

    arm: str
    held_out: str
    did: tuple[str, ...] = ()
    spent: tuple[str, ...] = ()
    kind: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        named = (self.arm, *self.did, *self.spent, self.kind)
        return tuple(dict.fromkeys(name for name in named if name))


class _Counting(msgspec.Struct):
    """One kind of people of one arm, while the rows are read."""

    people: int = 0
    did: dict[str, int] = {}
    spent: dict[str, list[float]] = {}

    def group(self) -> Group:
        spent: dict[str, Amounts] = {name: amounts(each) for name, each in self.spent.items()}
        return Group(people=self.people, did=self.did, spent=spent)


def report_of(path: Path, asked: Asked) -> Report:
    """Return what each arm brought beside those held out."""
    arms = _arms(path, asked)
    held_out = arms.pop(asked.held_out, None)
    if held_out is None or not arms:
        right = did_you_mean(asked.held_out, list(arms), at_least=0) if arms else ""
        raise NobodyHeldOut(field=asked.arm, value=asked.held_out, right=right)
    return report(list(arms.values()), held_out)


def report_said(found: Report, language: str) -> list[str]:
    """Return the report in sentences: first where the groups are not alike, then each difference."""
    return sentences(told(found), language, _ANY)


def _arms(path: Path, asked: Asked) -> dict[str, Arm]:
    counted: defaultdict[str, defaultdict[str, _Counting]] = defaultdict(
        lambda: defaultdict(_Counting)
    )
    for line in lines_of(path, asked.columns, ()):
        if line.refusal is not None:
            raise line.refusal
        kind = str(line.row.get(asked.kind) or EVERYBODY) if asked.kind else EVERYBODY
        group = counted[str(line.row.get(asked.arm) or "")][kind]
        group.people += 1
        for name in asked.did:
            group.did[name] = group.did.get(name, 0) + _yes(line, name)
        for name in asked.spent:
            group.spent.setdefault(name, []).append(_amount(line, name))
    return {
        name: Arm(name=name, kinds={kind: each.group() for kind, each in kinds.items()})
        for name, kinds in sorted(counted.items())
    }


def _yes(line: TableLine, name: str) -> bool:
    said = _cell(line.row, name).casefold()
    if said not in _YES | _NO:
        raise NotAnOutcome(field=f"{name}:{line.number}", value=said, right="1, 0")
    return said in _YES


def _amount(line: TableLine, name: str) -> float:
    said = _cell(line.row, name)
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise NotAnOutcome(field=f"{name}:{line.number}", value=said, right="0, 29.99")
    return value


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()
