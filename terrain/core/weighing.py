"""The arithmetic of the guard: four losses, the smallest wins, ties to the gentler.

Promise: exactly the rule of the guard's design, in the customer's annoyance points; what the firm
would gain appears nowhere. Every loss is a straight line in the certainty P, and the gentler the
verdict the flatter its line: as P grows the verdict only ever moves hold, ask, hand, act.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec

from terrain.core.decision import Verdict

# The gentler first: what comes earlier wins a tie.
GENTLER_FIRST = (Verdict.HOLD, Verdict.ASK, Verdict.HAND, Verdict.ACT)
HOLD, ASK, HAND, ACT = range(4)

# Losses nearer to each other than this are a tie; it is far below any digit that is shown.
_TIE = 1e-9


class Scale(msgspec.Struct, frozen=True, gc=False):
    """All that is weighed besides the certainty, in points: H, I, B, O of the rule, and asking."""

    harm: float
    intrusion: float
    benefit: float
    silence: float
    ask_cost: float
    answered: float
    hand_cost: float
    may_ask: bool
    may_hand: bool


def losses(p: float, s: Scale) -> dict[str, float]:
    """Return the loss of every verdict that can be had, and of acting, also where it is barred."""
    worth = s.benefit - s.intrusion
    found = {"act": (1 - p) * s.harm - p * s.benefit + s.intrusion, "hold": s.silence}
    if s.may_hand:
        found["hand"] = s.hand_cost - p * max(0.0, worth)
    if s.may_ask and worth > 0:
        found["ask"] = s.ask_cost - s.answered * p * worth + (1 - s.answered) * s.silence
    return found


def smallest(p: float, s: Scale) -> int:
    """Return the place, in GENTLER_FIRST, of the verdict with the smallest loss."""
    best, least = HOLD, s.silence
    worth = s.benefit - s.intrusion
    if s.may_ask and worth > 0:
        loss = s.ask_cost - s.answered * p * worth + (1 - s.answered) * s.silence
        if loss < least - _TIE:
            best, least = ASK, loss
    if s.may_hand:
        loss = s.hand_cost - p * worth if worth > 0 else s.hand_cost
        if loss < least - _TIE:
            best, least = HAND, loss
    # Without a benefit to the customer nothing is done unasked, whatever the arithmetic.
    if s.benefit > 0 and (1 - p) * s.harm - p * s.benefit + s.intrusion < least - _TIE:
        best = ACT
    return best


def lines(s: Scale) -> list[tuple[int, float, float]]:
    """Return (verdict, loss at P = 0, fall per P) of each verdict to be had, the gentlest first."""
    worth = s.benefit - s.intrusion
    found = [(HOLD, s.silence, 0.0)]
    if s.may_ask and worth > 0:
        found.append((ASK, s.ask_cost + (1 - s.answered) * s.silence, s.answered * worth))
    if s.may_hand:
        found.append((HAND, s.hand_cost, max(0.0, worth)))
    if s.benefit > 0:
        found.append((ACT, s.harm + s.intrusion, s.harm + s.benefit))
    return found


def reign(verdict: int, s: Scale) -> tuple[float, float]:
    """Return between which certainties this verdict is the smallest loss; (1, 0) means never."""
    found = lines(s)
    mine = next(((start, fall) for which, start, fall in found if which == verdict), None)
    if mine is None:
        return 1.0, 0.0
    low, high = 0.0, 1.0
    for which, start, fall in found:
        steeper, dearer = mine[1] - fall, mine[0] - start
        if steeper > 0:
            low = max(low, dearer / steeper)
        elif steeper < 0:
            high = min(high, dearer / steeper)
        elif dearer > 0 or (dearer == 0 and which < verdict):
            return 1.0, 0.0
    return low, high


def needed(s: Scale) -> float:
    """Return (H + I) / (H + B): the certainty needed when nobody waits and nothing is asked."""
    return (s.harm + s.intrusion) / (s.harm + s.benefit) if s.harm + s.benefit else 1.0


def turning(s: Scale) -> float | None:
    """Return the certainty above which acting is the smallest loss; None where none would do."""
    low, high = reign(ACT, s)
    return low if low < high else None


def stability(s: Scale, confidences: Sequence[float], draws: int, seed: int) -> dict[str, float]:
    """Return how often each verdict comes out when harm and odds may be off by a factor of two.

    Made for the explanation page only; the same seed always draws the same.
    """
    chance = Random(seed)  # noqa: S311 - a sample, not a secret
    counts = dict.fromkeys(range(4), 0)
    for _ in range(draws):
        p = 1.0
        for confidence in confidences:
            odds = confidence * 2 ** chance.uniform(-1, 1)
            p *= odds / (odds + 1 - confidence) if odds else 0.0
        harm = s.harm * 2 ** chance.uniform(-1, 1)
        counts[smallest(p, msgspec.structs.replace(s, harm=harm))] += 1
    return {GENTLER_FIRST[which].value: n / draws for which, n in counts.items() if n}
