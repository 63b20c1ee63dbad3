"""How a source usually speaks, and when its silence is news.

Promise: a source that is quiet every night or every weekend is not called silent for it, and one
that stopped is called silent within three of its usual gaps.

Each gap between two hearings counts by its own length, in classes that double: the usual gap is the
one under which nine tenths of all silence was spent. A shop that sells every minute by day and
nothing by night spends most of its silence at night, so the night is its usual gap. Old gaps fade.
"""

from datetime import datetime, timedelta
from itertools import accumulate

CLASSES = 26
USUAL = 0.9
HALF_LIFE = timedelta(days=30).total_seconds()
# Who speaks once a month is known by a dozen months, not forgotten after one.
MOST_FADING = 1 / 16
# A rhythm is known once the source was followed over this many of its usual gaps,
GAPS_TO_KNOW = 4
# and missed after this many, though never within a minute.
GAPS_TO_MISS = 3
PATIENCE = 60.0

Gaps = tuple[float, ...]


def with_gap(gaps: Gaps, seconds: float) -> Gaps:
    """Return the gaps with one more, older ones faded by it."""
    if seconds <= 0:
        return gaps
    fading = 0.5 ** min(seconds / HALF_LIFE, MOST_FADING)
    faded = [each * fading for each in gaps] or [0.0] * CLASSES
    faded[_class_of(seconds)] += seconds
    return tuple(faded)


def usual_gap(gaps: Gaps) -> float | None:
    """Return the usual gap in seconds, or None while the source is too little known."""
    total = sum(gaps)
    for place, so_far in enumerate(accumulate(gaps)):
        usual = float(2 ** (place + 1))
        if total and so_far >= USUAL * total:
            return usual if total >= GAPS_TO_KNOW * usual else None
    return None


def is_silent(last_heard: datetime | None, usual: float | None, now: datetime) -> bool:
    """Say whether a source that normally talks does not."""
    if usual is None:
        return False
    if last_heard is None:
        return True
    return (now - last_heard).total_seconds() > max(PATIENCE, GAPS_TO_MISS * usual)


def _class_of(seconds: float) -> int:
    return min(CLASSES - 1, max(0, int(seconds).bit_length() - 1))
