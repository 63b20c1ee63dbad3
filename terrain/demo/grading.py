"""The grades of the demo: the same formula over the careful shop, the naive one, and two that differ by one thing.

Promise: only what was counted in a play is graded, and nothing in the formula knows which shop it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import msgspec

from terrain.core.automation import Automation, Offer, Step
from terrain.core.grade import Grade, graded
from terrain.core.house import House
from terrain.core.process import Process, SeenActs
from terrain.demo import telling
from terrain.demo.days import FASTER_PARCEL
from terrain.demo.measured import seen
from terrain.demo.play import Played, Stage, play
from terrain.demo.reactions import FILTER_REMINDER
from terrain.demo.returns import THE_FORM, seen_returns
from terrain.demo.world import CUSTOMERS, SEED, Person, people
from terrain.flow.processes import of_automation


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the demo with what was seen of it."""

    process: Process
    seen: SeenActs
    grade: Grade


class Grades(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo shows: the two stories, and what makes the difference."""

    filter: Graded
    filter_without_moving: Graded
    shoes: Graded
    naive_filter: Graded
    naive_shoes: Graded
    naive_shoes_unpaid: Graded  # the very same acts, had the money not come back
    only_way: Grade


def grades(house: House, opened: date, seed: str = SEED, customers: int = CUSTOMERS) -> Grades:
    """Play the shops and grade what happened in them."""
    everybody = people(opened, customers, seed)
    careful = play(everybody, telling.carefully(house, opened))
    unguarded = play(everybody, telling.naively(house, opened))
    without_moving = play(with_machines(everybody), _immovable(house, opened))
    of = partial(grade_of, house)
    naive_shoes = of(FASTER_PARCEL, unguarded)
    return Grades(
        filter=of(FILTER_REMINDER, careful),
        filter_without_moving=of(FILTER_REMINDER, without_moving),
        shoes=of(FASTER_PARCEL, careful),
        naive_filter=of(FILTER_REMINDER, unguarded),
        naive_shoes=naive_shoes,
        naive_shoes_unpaid=unpaid(naive_shoes),
        only_way=graded(THE_FORM, seen_returns(everybody, seed)),
    )


def grade_of(house: House, automation: str, everyone: Sequence[Played]) -> Graded:
    process = of_automation(house.live[automation])
    counted = seen(process, everyone)
    return Graded(process=process, seen=counted, grade=graded(process, counted))


def unpaid(was: Graded) -> Graded:
    """Return what the grade would be, had nothing been made good; all else as it was."""
    came_back = msgspec.structs.replace(was.seen.came_back, made_good=0)
    counted = msgspec.structs.replace(was.seen, came_back=came_back)
    return Graded(process=was.process, seen=counted, grade=graded(was.process, counted))


def with_machines(everybody: Sequence[Person]) -> list[Person]:
    return [person for person in everybody if person.buys_filters]


def _immovable(house: House, opened: date) -> Stage:
    """Return the careful shop in which only the filter is played, and its date cannot be moved."""
    found = without_moving(house.live[FILTER_REMINDER])
    versions = house.versions | {(found.name, found.version): found}
    house = msgspec.structs.replace(house, versions=versions, live={found.name: found})
    return telling.carefully(house, opened)


def without_moving(automation: Automation) -> Automation:
    return msgspec.structs.replace(automation, steps=tuple(map(_held_fast, automation.steps)))


def _held_fast(step: Step) -> Step:
    terms = getattr(step, "terms", None)
    if terms is None:
        return step
    offers = tuple(offer for offer in terms.offers if offer is not Offer.MOVE_THE_DATE)
    changed = msgspec.structs.replace(terms, offers=offers)
    held: Step = msgspec.structs.replace(step, terms=changed)
    return held
