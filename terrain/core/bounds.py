"""How much harm is too much: the bound of each signal, declared by the owner, usual, or learned.

Promise: every signal that can be watched has a bound that says where it comes from. An owner may always be
stricter than usual; to be looser, a reason has to be given, and it is kept.
"""

import math

import msgspec

from terrain.core.act import Reach
from terrain.core.interval import Share, at_most
from terrain.core.signal import Signal, default_bound
from terrain.core.word import Word
from terrain.errors import Refusal


class BoundWatchesNothing(Refusal):
    """A bound of everything, of less than nothing or of no number would watch nothing."""

    code = "bound_watches_nothing"

    def __init__(self, signal: str, share: float) -> None:
        super().__init__(field=signal, value=share)


class LooserWithoutReason(Refusal):
    """Whoever allows more harm than usual says why, for those who will read it."""

    code = "looser_without_reason"

    def __init__(self, signal: str, share: float, usual: float) -> None:
        super().__init__(field=signal, value=_percent(share), right=_percent(usual))


class Origin(Word):
    """Where a bound comes from."""

    DECLARED = "declared"  # in the automation's file
    USUAL = "usual"  # the default of the house
    LEARNED = "learned"  # the upper limit of what a pilot or healthy days showed
    NONE = "none"  # nobody said one, none is usual, and none is learned yet


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """A bound: this share of acts, 0 where one is too many; and why it is looser than usual, if it is."""

    share: float
    origin: Origin
    reason: str = ""


UNBOUND = Agreed(share=1.0, origin=Origin.NONE)
# A pilot is over after so many days and acts, whichever is later: three hundred good acts teach a bound of 1 %.
PILOT_DAYS, PILOT_ACTS = 90, 300


def agreed(signal: Signal, reach: Reach, declared: float | None, reason: str = "") -> Agreed | None:
    """Return the bound that holds, or refuse it; None where nobody declared one and none is usual.

    Without any it is learned, or those who were treated are compared with a holdout.
    """
    default = default_bound(signal, reach)
    usual = default.p0 if default else None
    if declared is None:
        return Agreed(share=usual, origin=Origin.USUAL) if usual is not None else None
    if not 0 <= declared < 1:  # also what is no number
        raise BoundWatchesNothing(signal, declared)
    looser = usual is not None and declared > usual and not math.isclose(declared, usual)
    if usual is not None and looser and not reason.strip():
        raise LooserWithoutReason(signal, declared, usual)
    return Agreed(share=declared, origin=Origin.DECLARED, reason=reason.strip() if looser else "")


def learned(bad: int, acts: int) -> Agreed | None:
    """Return the bound that a pilot teaches: the 95 % upper limit, since its bare share would cry wolf.

    None while it teaches nothing: no act yet, or nothing but bad ones.
    """
    limit = at_most(Share(bad, acts)) if acts else 1.0
    return Agreed(share=limit, origin=Origin.LEARNED) if limit < 1 else None


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
