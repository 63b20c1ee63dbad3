"""Who answered and what they answered: a better average that comes from asking happier people is named.

Promise: those who were asked and those who spoke of their own accord are never added up together, and a
change of an average is taken apart without a rest: so much because others answered, so much because
people like them answered otherwise (Kitagawa's decomposition).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from terrain.core.word import Word

# From this share of a change on, it is called by what it mostly is.
MOSTLY = 0.5


class Voice(Word):
    """How an answer came about."""

    INVITED = "invited"
    SPONTANEOUS = "spontaneous"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Answers of one kind of people (`group`) in one period: how many, and what they add up to."""

    voice: Voice
    group: str
    count: int
    total: float

    @property
    def mean(self) -> float:
        """What they answered on average; 0 of nobody."""
        return self.total / self.count if self.count else 0.0


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """What one group adds to a change: by being more or fewer, and by answering otherwise."""

    group: str
    who: float
    what: float
    share_before: float
    share_after: float


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an average, taken apart."""

    voice: Voice
    before: float
    after: float
    shifts: tuple[Shift, ...]

    @property
    def change(self) -> float:
        """How much the average rose."""
        return self.after - self.before

    @property
    def who(self) -> float:
        """How much of that came of others answering."""
        return sum(shift.who for shift in self.shifts)

    @property
    def what(self) -> float:
        """How much of that came of people like them answering otherwise."""
        return sum(shift.what for shift in self.shifts)

    @property
    def flatters(self) -> bool:
        """Tell whether it got better mostly, or only, because happier people answered."""
        return self.change > 0 and self.who > MOSTLY * self.change


def moved(before: Iterable[Answers], after: Iterable[Answers]) -> dict[Voice, Moved]:
    """Return the change of each kind of voice by itself; one that was silent before or after has none."""
    old, new = _by_voice(before), _by_voice(after)
    return {
        voice: _moved(voice, old[voice], new[voice]) for voice in Voice if old[voice] and new[voice]
    }


def _by_voice(answers: Iterable[Answers]) -> dict[Voice, dict[str, Answers]]:
    found: dict[Voice, dict[str, Answers]] = {voice: {} for voice in Voice}
    for each in answers:
        if not each.count:
            continue
        group = found[each.voice].get(each.group)
        count = each.count + (group.count if group else 0)
        total = each.total + (group.total if group else 0.0)
        found[each.voice][each.group] = msgspec.structs.replace(each, count=count, total=total)
    return found


def _moved(voice: Voice, old: Mapping[str, Answers], new: Mapping[str, Answers]) -> Moved:
    of_old, of_new = _count(old), _count(new)
    shifts = [
        _shift(group, old.get(group), new.get(group), (of_old, of_new), _mean(old))
        for group in sorted({*old, *new})
    ]
    return Moved(voice=voice, before=_mean(old), after=_mean(new), shifts=tuple(shifts))


def _shift(
    group: str, old: Answers | None, new: Answers | None, of: tuple[int, int], usual: float
) -> Shift:
    """Return what a group adds. One that came or went has nothing to compare: all of it is who answered."""
    before, after = (old.count if old else 0) / of[0], (new.count if new else 0) / of[1]
    mean_before = old.mean if old else (new.mean if new else 0.0)
    mean_after = new.mean if new else mean_before
    # Measured from the average before: more of those who were above it is what lifts it.
    return Shift(
        group=group,
        who=(after - before) * ((mean_before + mean_after) / 2 - usual),
        what=(before + after) / 2 * (mean_after - mean_before),
        share_before=before,
        share_after=after,
    )


def _count(answers: Mapping[str, Answers]) -> int:
    return sum(each.count for each in answers.values())


def _mean(answers: Mapping[str, Answers]) -> float:
    return sum(each.total for each in answers.values()) / _count(answers)
