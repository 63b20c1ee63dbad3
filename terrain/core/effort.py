"""What a need cost the customer in minutes: the real waits, and what stands for every other trouble.

Promise: one table of weights, the same for every process. Asking her the same thing twice, sending her
on, letting her come back, is counted as the time it takes her, not as the time it saves the house.
"""

from __future__ import annotations

import msgspec


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes for each trouble (`watch.md` 2.1), in the order of the counts of `Effort`."""

    said_again: float = 2.0
    transfers: float = 4.0
    contacts_again: float = 8.0
    channel_switches: float = 5.0
    sign_ins: float = 1.0
    fields: float = 0.3
    turns_after_a_failure: float = 1.0


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """Over all needs that were seen: the minutes really waited, and how often each trouble was met."""

    waited: float = 0.0
    said_again: int = 0
    transfers: int = 0
    contacts_again: int = 0
    channel_switches: int = 0
    sign_ins: int = 0
    fields: int = 0
    turns_after_a_failure: int = 0


WEIGHTS = Weights()
TROUBLES = Weights.__struct_fields__


def by_trouble(effort: Effort, weights: Weights = WEIGHTS) -> dict[str, float]:
    """Return the minutes of each kind, over all needs."""
    minutes = {name: getattr(effort, name) * getattr(weights, name) for name in TROUBLES}
    return {"waited": effort.waited, **minutes}


def minutes(effort: Effort, weights: Weights = WEIGHTS) -> float:
    """Return the minutes of all kinds together, over all needs."""
    return sum(by_trouble(effort, weights).values())
