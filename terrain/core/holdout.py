"""No bound to compare with: those who were treated are compared with those who were held out, day by day.

Promise: if treated people are no worse off than those held out, this alarms in fewer than one case out of a
hundred, however often it is looked at (`watch.md` 3.4). Each day a bet is placed on "treated people are worse off",
from what the days before showed; the bets' winnings multiply, and grow large only by luck or because it is true.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from terrain.core.interval import Interval, Share, of_difference
from terrain.core.meter import as_number, log_mean

# How many times worse off treated people are suspected to be; each suspicion weighs the same.
TIMES = (1.25, 1.5, 2.0, 3.0, 5.0)
ALARM = 100.0
_MOST = 0.999  # a share beyond is no bet but a certainty


class Block(NamedTuple):
    """One day: those treated, those held out, and how many of each got the signal."""

    treated: Share
    held_out: Share


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All blocks so far, and the winnings of each suspicion, in logarithms: a state to go on from."""

    treated: Share = Share(0, 0)
    held_out: Share = Share(0, 0)
    winnings: tuple[float, ...] = (0.0,) * len(TIMES)

    @property
    def strength(self) -> float:
        """How strongly it speaks against the automation; from 100 on it is paused."""
        return as_number(log_mean(self.winnings))

    @property
    def difference(self) -> Interval:
        """How much more often treated people got the signal: for show, not for the alarm."""
        return of_difference(self.treated, self.held_out)


def compare(blocks: Iterable[Block], so_far: Comparison | None = None) -> Comparison:
    """Return the comparison with these blocks added, in order of time."""
    found = so_far or Comparison()
    for block in blocks:
        bets = [bet(block, usual(found), times) for times in TIMES]
        won = [log_evidence(block, *each) if each else 0.0 for each in bets]
        found = Comparison(
            treated=_sum(found.treated, block.treated),
            held_out=_sum(found.held_out, block.held_out),
            winnings=tuple(before + more for before, more in zip(found.winnings, won, strict=True)),
        )
    return found


def usual(so_far: Comparison) -> float | None:
    """Return the share of all people so far, treated or not, who got the signal; None before the first."""
    both = _sum(so_far.treated, so_far.held_out)
    return (both.of_them + 0.5) / (both.of + 1) if both.of else None


def bet(block: Block, share: float | None, times: float) -> tuple[float, float] | None:
    """Return the shares bet on, of treated and of held out: `times` as many, and together as usual."""
    treated, held_out = block.treated.of, block.held_out.of
    if share is None or not treated or not held_out:
        return None
    low = min(share * (treated + held_out) / (times * treated + held_out), _MOST / times)
    return times * low, low


def log_evidence(block: Block, if_treated: float, if_not: float) -> float:
    """Return what one block says for the bet and against "no difference", as a logarithm.

    Its expectation is never above one where treated people are no worse off (Turner, Ly and Grünwald).
    """
    treated, held_out = block
    together = _sum(treated, held_out)
    alike = (treated.of * if_treated + held_out.of * if_not) / together.of
    return (
        _log_chance(treated, if_treated)
        + _log_chance(held_out, if_not)
        - _log_chance(together, alike)
    )


def _log_chance(share: Share, p: float) -> float:
    return share.of_them * math.log(p) + (share.of - share.of_them) * math.log1p(-p)


def _sum(one: Share, other: Share) -> Share:
    return Share(one.of_them + other.of_them, one.of + other.of)
