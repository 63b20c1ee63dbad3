"""When the things in somebody's drawer are used up, one after the other.

Promise: buying early moves later dates and cancels none. What is in the drawer keeps its date, what is
bought now begins when that is used up, and a date that the customer moved moves those that follow.
"""

from collections.abc import Iterable
from datetime import datetime

from terrain.core.automation import Automation, DateOf, Step, Wait
from terrain.core.customer import Customer
from terrain.core.duration import Span
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.name import as_moment, as_span
from terrain.core.run import Run
from terrain.core.scene import Scene

# The keys under which a run remembers its place in the drawer.
FOLLOWS = "follows"
BEGINS = "begins"


class NoSuchDate(Exception):
    """The calendar ends before the date does (year 9999)."""


def stocked(automation: Automation) -> Wait | None:
    """Return the wait that counts what is in the drawer, where the automation has one."""
    if "stocked" not in automation.__dict__:
        automation.__dict__["stocked"] = _first_stocked(automation.steps)
    found: Wait | None = automation.__dict__["stocked"]
    return found


def drawer(runs: Iterable[Run], automation: str, stock: str) -> list[Run]:
    """Return the runs about the same thing, in the order in which it is used up."""
    about_it = [run for run in runs if run.stock == stock and run.automation == automation]
    after = {run.context.get(FOLLOWS, ""): run for run in about_it}
    known = {run.subject for run in about_it}
    ordered: dict[str, Run] = {}
    for head in about_it:
        if head.context.get(FOLLOWS, "") in known:
            continue
        run: Run | None = head
        while run is not None and run.subject not in ordered:
            ordered[run.subject] = run
            run = after.get(run.subject)
    # Nobody is left out, whatever was told in which order.
    return list((ordered | {run.subject: run for run in about_it}).values())


def dates(runs: list[Run], wait: Wait, customer: Customer, house: House) -> dict[str, datetime]:
    """Return when each is used up, by subject: the date that was moved, else a lifetime later."""
    found: dict[str, datetime] = {}
    for run in runs:
        scene = Scene(customer, house, run.started_at, run.context)
        begins = beginning(run, found.get(run.context.get(FOLLOWS, "")), wait, scene)
        moment = moment_of(wait, scene, begins)
        if moment is not None:
            found[run.subject] = moment
    return found


def beginning(run: Run, before: datetime | None, wait: Wait, scene: Scene) -> datetime | None:
    """Return when this one comes into use: when the one before it is used up, never before it came."""
    said = run.context.get(BEGINS)
    came = as_moment(scene.look_up(wait.until[-1].after), scene.zone)
    known = [moment for moment in (before or said, came) if isinstance(moment, datetime)]
    return max(known, default=None)


def moment_of(wait: Wait, scene: Scene, begins: datetime | None) -> datetime | None:
    """Return the first date of the wait that is known; the last one counts from `begins`."""
    for date in wait.until[:-1]:
        moment = moment_from(date, scene, as_moment(scene.look_up(date.after), scene.zone, date.at))
        if moment is not None:
            return moment
    return moment_from(wait.until[-1], scene, begins)


def moment_from(date: DateOf, scene: Scene, start: datetime | None) -> datetime | None:
    """Return `start` moved by what the date adds and takes away; None where something is unknown."""
    if start is None:
        return None
    for moved, sign in ((date.plus, 1), (date.minus, -1)):
        if moved is None:
            continue
        span = moved if isinstance(moved, Span) else as_span(scene.look_up(moved))
        if span is None:
            return None
        start = after(start, span.times(sign), scene)
    return as_moment(start, scene.zone, date.at)


def after(start: datetime, span: Span, scene: Scene) -> datetime:
    """Return the moment a span later, by the customer's calendar; refuse what no calendar holds."""
    try:
        moved = span.after(start, scene.zone)
    except (ValueError, OverflowError):
        raise NoSuchDate from None
    return moved


def keys_of_wishes(runs: list[Run], wait: Wait) -> tuple[str, ...]:
    """Return the facts that may move these dates, as a run says what it relies on."""
    facts = [date.after.fact for date in wait.until if date.after.per_subject]
    return tuple(str(FactKey(fact, run.subject)) for run in runs for fact in facts)


def _first_stocked(steps: tuple[Step, ...]) -> Wait | None:
    return next((step for step in steps if isinstance(step, Wait) and step.stock), None)
