"""What a process is worth to the customer, in points of a hundred, and to the business, as a share of cost.

Promise: one formula for everything, each sum with its parts, each part with the counts it was made of.
A need counts as met when the customer says so or did not have to come back: that no person was needed
is never counted as a success, for either side. The points and weights are explained, with worked
examples, in `docs/why/grades.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from terrain.core import effort
from terrain.core.act import Reach
from terrain.core.interval import Share, at_least
from terrain.core.process import (
    HARMS,
    Basis,
    CameBack,
    Control,
    Figure,
    Process,
    Said,
    Seen,
    SeenActs,
    SeenNeeds,
    Served,
    Tried,
)
from terrain.core.signal import Signal, default_bound

# Points of a need that a customer brought ...
MET, LITTLE_EFFORT, TO_A_PERSON, NO_HARM = 40.0, 30.0, 15.0, 15.0
# ... and of an act that nobody asked for.
OF_USE, SURE, EACH_CONTROL, A_PERSON_IN_REACH = 40.0, 20.0, 5.0, 10.0
# Nobody takes up every letter: where two in three do, nothing more is asked of usefulness.
OF_USE_ENOUGH = 2 / 3
# Twice the harm that the bounds allow together leaves no points for it.
TOO_MUCH_HARM = 2.0
# Of the points lost on harm, so many come back when all of it was made good within 48 hours.
MADE_GOOD_RETURNS = 0.5
# A control works when it was there on nearly every act, and was heeded nearly every time.
NEARLY_ALWAYS = 0.95
# One process costs so much of the company's own money for each need or act, where it does not know.
OWN_COST = 0.1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a sum: what it earned, the most it could have, and what it was made of."""

    code: str
    earned: float
    most: float
    figures: tuple[Figure, ...] = ()

    @property
    def lost(self) -> float:
        """How much is missing from the most it could have, in the unit of its axis."""
        return self.most - self.earned

    def figure(self, what: str) -> Figure:
        """Return one of the numbers it was made of, by what it counts."""
        return next(each for each in self.figures if each.what == what)


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """One axis of the quadrant, opened."""

    parts: tuple[Part, ...]

    @property
    def value(self) -> float:
        """The sum: points of a hundred for the customer, a share of what a person costs for the business."""
        return round(sum(part.earned for part in self.parts), 9)

    def part(self, code: str) -> Part:
        """Return one of its parts."""
        return next(each for each in self.parts if each.code == code)


# -- for the customer ------------------------------------------------------------------------------


def for_the_customer(process: Process, seen: Seen) -> Axis:
    """Return the hundred points, part by part."""
    if isinstance(seen, SeenNeeds):
        return Axis(parts=tuple(_of_a_need(process, seen)))
    return Axis(parts=tuple(_of_an_act(process, seen)))


def _of_a_need(process: Process, seen: SeenNeeds) -> Iterator[Part]:
    yield Part(
        code="met",
        earned=MET * _share(seen.resolved, seen.needs),
        most=MET,
        figures=(
            Figure(what="resolved", value=seen.resolved, of=seen.needs),
            Figure(what="confirmed", value=seen.confirmed, of=seen.needs),
            Figure(what="quiet", value=seen.quiet, of=seen.needs),
            Figure(what="repeated", value=seen.repeated, of=seen.needs),
        ),
    )
    yield _effort(process, seen)
    yield _to_a_person(seen, TO_A_PERSON)
    yield _no_harm(process, seen)


def _effort(process: Process, seen: SeenNeeds) -> Part:
    each = effort.minutes(seen.effort) / seen.needs if seen.needs else 0.0
    promised = process.effort.value
    share = max(0.0, 1 - each / promised)
    troubles = effort.by_trouble(seen.effort)
    return Part(
        code="little_effort",
        earned=LITTLE_EFFORT * share,
        most=LITTLE_EFFORT,
        figures=(
            Figure(what="minutes", value=each),
            Figure(what="promised_minutes", value=promised, basis=process.effort.basis),
            *(
                Figure(what=f"minutes.{name}", value=minutes / seen.needs)
                for name, minutes in troubles.items()
                if minutes
            ),
        ),
    )


def _of_an_act(process: Process, seen: SeenActs) -> Iterator[Part]:
    # One wrong assumption undoes what one useful act did.
    net = max(0.0, _share(seen.useful - seen.wrong, seen.acts))
    yield Part(
        code="of_use",
        earned=OF_USE * min(1.0, net / OF_USE_ENOUGH),
        most=OF_USE,
        figures=(
            Figure(what="useful", value=seen.useful, of=seen.acts),
            Figure(what="wrong", value=seen.wrong, of=seen.acts),
            Figure(what="enough", value=OF_USE_ENOUGH, basis=Basis.DEFAULT),
        ),
    )
    yield Part(
        code="sure",
        earned=SURE * _share(seen.sure, seen.acts),
        most=SURE,
        figures=(Figure(what="sure", value=seen.sure, of=seen.acts),),
    )
    for control in Control:
        yield _control(control, seen.controls.get(control, Tried()), seen.acts)
    yield _to_a_person(seen, A_PERSON_IN_REACH)
    yield _no_harm(process, seen)


def _control(control: Control, tried: Tried, acts: int) -> Part:
    is_there = bool(acts) and _share(tried.offered, acts) >= NEARLY_ALWAYS
    works = is_there and tried.heeded >= NEARLY_ALWAYS * tried.used
    return Part(
        code=f"control.{control}",
        earned=EACH_CONTROL if works else 0.0,
        most=EACH_CONTROL,
        figures=(
            Figure(what=f"{control}.offered", value=tried.offered, of=acts),
            Figure(what=f"{control}.heeded", value=tried.heeded, of=tried.used),
        ),
    )


def _to_a_person(seen: Seen, most: float) -> Part:
    """Of those who asked for a person, the share that had one; nobody asked: the share that could have."""
    person = seen.person
    share = (
        _share(person.in_time, person.asked) if person.asked else _share(person.offered, seen.seen)
    )
    return Part(
        code="to_a_person",
        earned=most * share,
        most=most,
        figures=(
            Figure(what="person.offered", value=person.offered, of=seen.seen),
            Figure(what="person.in_time", value=person.in_time, of=person.asked),
        ),
    )


def _no_harm(process: Process, seen: Seen) -> Part:
    came_back, bounds = seen.came_back, bounds_of(process)
    lost = NO_HARM * min(1.0, harm(came_back, seen.seen, bounds) / TOO_MUCH_HARM)
    # Without anybody hurt there is nothing to make good, and what was lost stays lost.
    returned = MADE_GOOD_RETURNS * lost * _share(came_back.made_good, came_back.hurt)
    return Part(
        code="no_harm",
        earned=NO_HARM - lost + returned,
        most=NO_HARM,
        figures=(
            *(
                Figure(what=f"signal.{name}", value=came_back.signals.get(name, 0), of=seen.seen)
                for name in HARMS
            ),
            *(
                Figure(what=f"bound.{name}", value=bound.value, basis=bound.basis)
                for name, bound in bounds.items()
            ),
            Figure(what="made_good", value=came_back.made_good, of=came_back.hurt),
        ),
    )


def bounds_of(process: Process) -> dict[Signal, Said]:
    """Return the bounds that harm is measured by: the declared ones, never looser than the defaults."""
    found: dict[Signal, Said] = {}
    for name in HARMS:
        declared, usual = process.bounds.get(name), _usual(name, process.reach)
        if declared is not None and 0 < declared <= usual:
            found[name] = Said(value=declared)
        else:
            found[name] = Said(value=usual, basis=Basis.DEFAULT)
    return found


def _usual(signal: Signal, reach: Reach) -> float:
    # A complaint in words weighs no less than a click on "spam"; whoever stops an act stops it as a letter.
    found = (
        default_bound(signal, reach)
        or default_bound(signal, Reach.INBOX)
        or default_bound(Signal.SPAM, reach)
    )
    assert found is not None  # "spam" has a bound wherever an act reaches
    return found.p0


def harm(came_back: CameBack, seen: int, bounds: Mapping[Signal, Said]) -> float:
    """Return how much of the harm that the bounds allow was done: 1 is all of it.

    All signals together against all bounds together, so that one complaint in a small number is not
    judged as if it were a habit; or, where that is worse, the one signal that exceeds its own bound
    beyond luck, so that a wide bound cannot hide a narrow one.
    """
    if not seen:
        return 0.0
    counts = {name: came_back.signals.get(name, 0) for name in bounds}
    together = sum(counts.values()) / (seen * sum(bound.value for bound in bounds.values()))
    proven = (at_least(Share(counts[name], seen)) / bound.value for name, bound in bounds.items())
    return max(together, *proven)


# -- for the business ------------------------------------------------------------------------------


def for_the_business(process: Process, seen: Seen) -> Axis:
    """Return what one need or act saves, less what it costs, as a share of what a person costs."""
    return Axis(parts=tuple(part(process, seen) for part in _BUSINESS))


def _saved(process: Process, seen: Seen) -> Part:
    """Count only what was truly solved: whoever gave up saved nobody anything."""
    count, what = (
        (seen.resolved, "resolved") if isinstance(seen, SeenNeeds) else (seen.useful, "useful")
    )
    share = _share(count, seen.seen)
    return Part(
        code="saved",
        earned=share,
        most=1.0,
        figures=(Figure(what=what, value=count, of=seen.seen), _cost("human", process.costs.human)),
    )


def _running(process: Process, _: Seen) -> Part:
    own = own_cost(process)
    return _costs("running", process, own.value, _cost("own", own))


def _again(process: Process, seen: Seen) -> Part:
    """Count contacts after the first return: the first already undid what the need would have saved."""
    more = max(0, seen.effort.contacts_again - seen.repeated) if isinstance(seen, SeenNeeds) else 0
    each = process.costs.human.value * _share(more, seen.seen)
    return _costs("again", process, each, Figure(what="contacts_again", value=more, of=seen.seen))


def _making_good(process: Process, seen: Seen) -> Part:
    made_good, cost = seen.came_back.made_good, process.costs.make_good
    each = cost.value * _share(made_good, seen.seen)
    figure = Figure(what="made_good", value=made_good, of=seen.seen)
    return _costs("making_good", process, each, figure, _cost("make_good", cost))


def _complaints(process: Process, seen: Seen) -> Part:
    count, cost = seen.came_back.signals.get("complaint", 0), process.costs.complaint
    each = cost.value * _share(count, seen.seen)
    figure = Figure(what="signal.complaint", value=count, of=seen.seen)
    return _costs("complaints", process, each, figure, _cost("complaint", cost))


_BUSINESS: tuple[Callable[[Process, Seen], Part], ...] = (
    *(_saved, _running, _again, _making_good, _complaints),
)


def own_cost(process: Process) -> Said:
    """Return what one need costs to serve this way: of people, what a person costs."""
    if process.costs.own is not None:
        return process.costs.own
    if process.served is Served.PEOPLE:
        return process.costs.human
    return Said(value=OWN_COST, basis=Basis.DEFAULT)


def _costs(code: str, process: Process, each: float, *figures: Figure) -> Part:
    share = -each / process.costs.human.value or 0.0  # nothing is not "minus nothing"
    return Part(code=code, earned=share, most=0.0, figures=figures)


def _cost(what: str, said: Said) -> Figure:
    return Figure(what=f"cost.{what}", value=said.value, basis=said.basis)


def _share(count: float, of: float) -> float:
    return count / of if of else 0.0
