"""What chance alone does: the few distributions that bounds, intervals and comparisons stand on.

Promise: exact to the digits that people read, in plain Python, for counts up to many millions.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

_SMALLEST = 1e-300
_CLOSE = 1e-15
_MOST_TERMS = 20_000
_HALVINGS = 200  # until two neighbouring numbers of this machine are left
_HALF = 0.5


def normal_quantile(share: float) -> float:
    """Return what a standard normal value stays under with this chance."""
    return NormalDist().inv_cdf(share)


def beta_below(x: float, a: float, b: float) -> float:
    """Return the chance that a Beta(a, b) value is below x: the regularised incomplete beta."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction below converges quickly on this side only
        return 1 - beta_below(1 - x, b, a)
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(logs + a * math.log(x) + b * math.log1p(-x)) / a * _fraction(x, a, b)


@lru_cache(maxsize=4096)
def beta_quantile(share: float, a: float, b: float) -> float:
    """Return what a Beta(a, b) value stays under with this chance."""
    return _root(lambda x: beta_below(x, a, b) >= share)


@lru_cache(maxsize=4096)
def student_quantile(share: float, freedom: float) -> float:
    """Return what a Student t value with so much freedom stays under with this chance."""
    if share < _HALF:
        return -student_quantile(1 - share, freedom)
    x = beta_quantile(2 * (1 - share), freedom / 2, _HALF)
    return math.sqrt(freedom * (1 - x) / x) if x else math.inf


def drawn_as_many(found: int, drawn: int, marked: int, of: int) -> float:
    """Return the mid-p chance of at least `found` marked among `drawn` out of `of`, by luck alone.

    The chance of exactly so many counts half: without that, few people would say too seldom what is there.
    """
    most = min(drawn, marked)
    least = max(0, drawn + marked - of)
    if found < least:
        return 1.0
    here = math.exp(_log_drawn(found, drawn, marked, of))
    total, term = here / 2, here
    for more in range(found, most):
        term *= (marked - more) * (drawn - more)
        term /= (more + 1) * (of - marked - drawn + more + 1)
        total += term
        if term < total * _CLOSE:
            break
    return min(1.0, total)


def _log_drawn(found: int, drawn: int, marked: int, of: int) -> float:
    return _log_ways(marked, found) + _log_ways(of - marked, drawn - found) - _log_ways(of, drawn)


def _log_ways(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _root(is_above: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if is_above(middle) else (middle, high)
    return high


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta, by Lentz."""
    c, d = 1.0, 1 / _kept(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for each in (even, odd):
            d = 1 / _kept(1 + each * d)
            c = _kept(1 + each / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _kept(number: float) -> float:
    return number if abs(number) > _SMALLEST else _SMALLEST
