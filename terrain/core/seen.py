"""What was done about one matter and what came back, counted: from cases to sums that a grade is made of.

Promise: pure, and every count adds up: a month and a month are two months. The unit is the *matter* (one
run: one automation, one customer, one subject), so a question and the act that followed count once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from terrain.core import meter
from terrain.core.act import ActKind
from terrain.core.automation import Offer
from terrain.core.efficiency import bounds_of
from terrain.core.effort import TROUBLES, Effort
from terrain.core.meter import Bound, Cohort
from terrain.core.process import (
    HARMS,
    APerson,
    CameBack,
    Control,
    Light,
    Process,
    Seen,
    SeenActs,
    SeenNeeds,
    Served,
    Tried,
)
from terrain.core.signal import GOOD, Signal
from terrain.core.voices import Answers, Voice

MADE_GOOD_IN = timedelta(hours=48)
# What is on its way already when she says stop is not held against the stop.
ON_ITS_WAY = timedelta(days=1)
LETTERS = frozenset({ActKind.SEND, ActKind.ASK})
DONE_TO_HER = frozenset({ActKind.DO, ActKind.CHANGE})
# The guard was sure, or asked first; a wish of hers makes it sure.
CERTAIN = frozenset({"sure_enough", "better_asked"})

# Those who took it up are happier to begin with.
TOOK_IT_UP, LEFT_IT = "took_it_up", "left_it"

Counts = Mapping[str, float]
_LIGHTS = ((meter.RED, Light.RED), (meter.AMBER, Light.AMBER))


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One act that left."""

    at: datetime
    kind: ActKind
    offers: frozenset[str] = frozenset()


class Use(NamedTuple):
    """A control that she used, and whether it was heeded."""

    control: Control
    is_heeded: bool


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything done to one customer about one thing, and what came back of it.

    `heard`: when each signal came first. `asked` and `in_time`: she wanted a person, and had one.
    `answer`: whether it helped, as she said, asked or of her own accord.
    """

    deeds: tuple[Deed, ...]
    is_sure: bool = False
    heard: Mapping[Signal, datetime] = {}
    uses: tuple[Use, ...] = ()
    asked: bool = False
    in_time: bool = False
    answer: tuple[Voice, bool] | None = None

    @property
    def harms(self) -> tuple[Signal, ...]:
        """What hurt her, of all that counts as harm."""
        return tuple(name for name in HARMS if name in self.heard)

    @property
    def is_made_good(self) -> bool:
        """Say whether she was put right within two days of being hurt, or before she could say so."""
        paid = self.heard.get(Signal.MAKE_GOOD)
        hurt = [self.heard[name] for name in self.harms]
        return bool(hurt) and paid is not None and paid - min(hurt) <= MADE_GOOD_IN


def count(matters: Iterable[Matter]) -> Counter[str]:
    """Return the counts of these matters."""
    found: Counter[str] = Counter()
    for matter in matters:
        found.update(_counts(matter))
    return found


def _counts(matter: Matter) -> Iterator[str]:
    yield "acts"
    if GOOD & matter.heard.keys():
        yield "useful"
    if Signal.WRONG_ASSUMPTION in matter.heard:
        yield "wrong"
    if matter.is_sure:
        yield "sure"
    for control in controls_on(matter.deeds):
        yield f"{control}.offered"
    for use in matter.uses:
        yield f"{use.control}.used"
        if use.is_heeded:
            yield f"{use.control}.heeded"
    yield from _of_a_person(matter)
    yield from _of_harm(matter)
    yield from _of_her_answer(matter)


def _of_harm(matter: Matter) -> Iterator[str]:
    yield from (f"signal.{name}" for name in matter.harms)
    if matter.harms:
        yield "hurt"
    if matter.is_made_good:
        yield "made_good"


def _of_her_answer(matter: Matter) -> Iterator[str]:
    if matter.answer is None:
        return
    voice, helped = matter.answer
    group = TOOK_IT_UP if Signal.TAKEN_UP in matter.heard else LEFT_IT
    yield f"voice.{voice}.{group}"
    if helped:
        yield f"voice.{voice}.{group}.helped"


def answers(counts: Counts) -> list[Answers]:
    """Return who answered, asked or not, and how many were helped; apart by whether they took it up."""
    return [
        Answers(
            voice=voice,
            group=group,
            count=_n(counts, f"voice.{voice}.{group}"),
            total=_n(counts, f"voice.{voice}.{group}.helped"),
        )
        for voice in Voice
        for group in (TOOK_IT_UP, LEFT_IT)
    ]


def _of_a_person(matter: Matter) -> Iterator[str]:
    if any(Offer.A_PERSON in deed.offers for deed in matter.deeds):
        yield "person.offered"
    if matter.asked:
        yield "person.asked"
        if matter.in_time:
            yield "person.in_time"


def controls_on(deeds: Iterable[Deed]) -> set[Control]:
    """Return what she could do about it: each letter leads to her page, a question waits for her word."""
    some = list(deeds)
    found: set[Control] = set()
    if any(deed.kind in LETTERS for deed in some):
        found |= {Control.STOP, Control.CORRECT}
    if any(deed.kind is ActKind.ASK or Offer.MOVE_THE_DATE in deed.offers for deed in some):
        found.add(Control.DECIDE_WHEN)
    return found


# -- as the grade wants it -------------------------------------------------------------------------


def seen(process: Process, counts: Counts, light: Light = Light.GREY) -> Seen:
    """Return what the counts say, as the grade of this process reads it."""
    came_back = CameBack(
        signals={name: _n(counts, f"signal.{name}") for name in HARMS},
        hurt=_n(counts, "hurt"),
        made_good=_n(counts, "made_good"),
        light=light,
    )
    person = APerson(
        offered=_n(counts, "person.offered"),
        asked=_n(counts, "person.asked"),
        in_time=_n(counts, "person.in_time"),
    )
    if process.served is Served.AUTOMATION:
        return _acts(counts, person, came_back)
    return _needs(counts, person, came_back)


def _acts(counts: Counts, person: APerson, came_back: CameBack) -> SeenActs:
    return SeenActs(
        acts=_n(counts, "acts"),
        useful=_n(counts, "useful"),
        wrong=_n(counts, "wrong"),
        sure=_n(counts, "sure"),
        controls={control: _tried(counts, control) for control in Control},
        person=person,
        came_back=came_back,
    )


def _needs(counts: Counts, person: APerson, came_back: CameBack) -> SeenNeeds:
    troubles = {name: _n(counts, f"effort.{name}") for name in TROUBLES}
    return SeenNeeds(
        needs=_n(counts, "needs"),
        confirmed=_n(counts, "confirmed"),
        quiet=_n(counts, "quiet"),
        repeated=_n(counts, "repeated"),
        contained=_n(counts, "contained"),
        falsely_contained=_n(counts, "falsely_contained"),
        dead_ends=_n(counts, "dead_ends"),
        effort=Effort(waited=counts.get("effort.waited", 0.0), **troubles),
        person=person,
        came_back=came_back,
    )


def _tried(counts: Counts, control: Control) -> Tried:
    return Tried(
        offered=_n(counts, f"{control}.offered"),
        used=_n(counts, f"{control}.used"),
        heeded=_n(counts, f"{control}.heeded"),
    )


def _n(counts: Counts, name: str) -> int:
    return int(counts.get(name, 0))


def added(many: Iterable[Counts]) -> dict[str, float]:
    """Return the sum of several months, or cases: whole numbers, but for the minutes waited."""
    found: dict[str, float] = {}
    for counts in many:
        for name, n in counts.items():
            found[name] = found.get(name, 0) + n
    return found


def light_of(process: Process, cohorts: Iterable[Counts], a_year: float) -> Light:
    """Return what the meters of a process read over these cohorts, of so many acts or needs a year.

    Its evidence since the beginning is the same whether counted by days or by months.
    """
    some = [counts for counts in cohorts if size(counts)]
    if not some:
        return Light.GREY
    worst = max(_reading(process, name, some, a_year) for name in HARMS)
    return next((light for reading, light in _LIGHTS if worst >= reading), Light.GREEN)


def _reading(process: Process, signal: Signal, some: list[Counts], a_year: float) -> float:
    cohorts = [Cohort(size(counts), _n(counts, f"signal.{signal}")) for counts in some]
    bound = Bound(p0=bounds_of(process)[signal].value, acts_per_year=a_year)
    return meter.strength(meter.read(cohorts, bound), bound)


def size(counts: Counts) -> int:
    """Return how many acts or needs were seen."""
    return _n(counts, "acts") or _n(counts, "needs")
