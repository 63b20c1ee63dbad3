"""What a meter found, as sentences to say: codes, and the values that go into their gaps.

Promise: every figure in a sentence is computed from the counts it speaks of; luck is never called less likely than
one year in 10,000, whatever the meter reads.
"""

import math
from collections.abc import Sequence

import msgspec

from terrain.core import watch as watching
from terrain.core.blindness import Blindness, time_for
from terrain.core.cohorts import Day
from terrain.core.explanation import Line
from terrain.core.interval import Share, of_share
from terrain.core.watch import Because, Reading, Strongest, Watch

RAREST = 10_000
_DIGITS = 2
# The codes there are; each has its words in `flow/finding.py`.
CODES = frozenset(
    {
        *("strays", "within", "one_is_too_many", "enough_once", "gap", "no_acts", "no_bound"),
        *("worse", "no_worse", "nobody_held_out"),
        *("blind", "never_proven", "pilot", "false_reds", "over_budget"),
    }
)


def told(watch: Watch, reading: Reading, year: Sequence[Day]) -> tuple[Line, ...]:
    """Return what there is to say about how a watch stands; `year`: the days of the last year at most."""
    strongest = watching.strongest(watch, year) if reading.strength >= 1 else None
    return said(watch, msgspec.structs.replace(reading, strongest=strongest))


def said(watch: Watch, reading: Reading) -> tuple[Line, ...]:
    """Return what there is to say about how a watch stands, by what was read already."""
    found = [_state(watch, reading)]
    if reading.deaf_since is not None and reading.because is not Because.GAP:
        found.append(_gap(watch, reading))
    return tuple(found)


def one_year_in(strength: float) -> int:
    """Return in how many years a healthy automation would show this once at most: rounded down, two digits.

    1,640 is "fewer than one year in 1,600"; rounding up would promise more than was proven.
    """
    years = math.floor(min(strength, RAREST))
    unit = int(10 ** max(0, len(str(years)) - _DIGITS))
    return max(1, years // unit * unit)


def blind(seen: Blindness, acts_a_month: float) -> Line:
    """Return how long so great a fault stays unproven: "at 200 acts a month, a tripling takes …"."""
    values = {"acts": acts_a_month, "times": seen.times, "share": seen.share}
    if seen.half is None or acts_a_month <= 0:
        return Line("never_proven", values)
    return Line("blind", {**values, "span": time_for(seen.half, acts_a_month)})


def pilot(seen: Blindness) -> Line:
    """Return how many people a pilot needs to see so great a fault."""
    if seen.half is None:
        return Line("never_proven", {"acts": 0, "times": seen.times, "share": seen.share})
    return Line("pilot", {"times": seen.times, "half": seen.half, "nearly_all": seen.nearly_all})


def false_reds(expected: float, budget: float) -> Line:
    """Return how many pauses a year may be mistakes, beside what the manager allows."""
    code = "false_reds" if expected <= budget else "over_budget"
    return Line(code, {"expected": expected, "budget": budget})


def _state(watch: Watch, reading: Reading) -> Line:
    if reading.because is Because.GAP:
        return _gap(watch, reading)
    if reading.because is Because.NO_ACTS:
        return Line("no_acts", {"signal": watch.signal})
    values = {"signal": watch.signal, "acts": reading.acts, "bad": reading.bad}
    if reading.because in (Because.ONE_IS_TOO_MANY, Because.NO_BOUND, Because.NOBODY_HELD_OUT):
        return Line(str(reading.because), values)
    if reading.held_out is not None:
        return _beside(watch, reading, reading.held_out)
    share = watch.agreed.share
    if reading.strength >= 1 and watch.by_counting and reading.strongest:
        return _strays(watch, reading, reading.strongest)
    return Line("within", {**values, "share": share, "expected": share * reading.acts})


def _beside(watch: Watch, reading: Reading, held_out: Share) -> Line:
    values = {"signal": watch.signal, "acts": reading.acts, "bad": reading.bad}
    treated = Share(reading.bad, reading.acts)
    mine, theirs = of_share(treated), of_share(held_out)
    values |= {"treated": treated, "low": mine.low, "high": mine.high}
    values |= {"held_acts": held_out.of, "held_bad": held_out.of_them, "held_out": held_out}
    values |= {"held_low": theirs.low, "held_high": theirs.high}
    values |= {"expected": held_out.value * reading.acts}
    if reading.because is Because.WORSE:
        return Line("worse", {**values, "times": one_year_in(reading.strength)})
    return Line("no_worse", values)


def _strays(watch: Watch, reading: Reading, since: Strongest) -> Line:
    return Line(
        "strays",
        {
            "signal": watch.signal,
            "since": since.day,
            "acts": since.acts,
            "bad": since.bad,
            "expected": since.acts * watch.agreed.share,
            "share": watch.agreed.share,
            "years": one_year_in(reading.strength),
        },
    )


def _gap(watch: Watch, reading: Reading) -> Line:
    return Line("gap", {"signal": watch.signal, "since": reading.deaf_since})
