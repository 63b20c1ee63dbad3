"""Chance that can be repeated: every draw has a name, so asking in another order changes nothing.

Promise: no state. The careful and the naive shop meet the same people with the same luck, because a
draw depends on whom and what it is about and on nothing that was drawn before.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Choice = TypeVar("Choice")
_RANGE = 2**64
_IN_A_ROW = 20


def draw(seed: str, *about: object) -> float:
    """Return a number from 0 up to 1, always the same for the same seed and subject."""
    name = "\x1f".join((seed, *map(str, about)))
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") / _RANGE


def in_turn(number: int, seed: str, *about: object) -> float:
    """Return a draw for this number such that any twenty in a row share out all chances between them.

    So a few hundred people are as mixed as many thousands would be, whatever the seed.
    """
    first = number - number % _IN_A_ROW
    drawn = [draw(seed, *about, each) for each in range(first, first + _IN_A_ROW)]
    mine = drawn[number - first]
    return (sum(each < mine for each in drawn) + mine) / _IN_A_ROW


def happens(share: float, seed: str, *about: object) -> bool:
    """Say whether something that happens in this share of cases happens in this one."""
    return draw(seed, *about) < share


def pick(choices: Sequence[Choice], seed: str, *about: object) -> Choice:
    return choices[int(draw(seed, *about) * len(choices))]


def between(low: int, high: int, seed: str, *about: object) -> int:
    """Return a whole number from low to high, both included."""
    return low + int(draw(seed, *about) * (high - low + 1))
