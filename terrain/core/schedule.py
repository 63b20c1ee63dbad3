"""Who starts when, for automations that start by the calendar: on a schedule, by a segment, on a date.

Promise: pure, and once a period. Each start has a *period* of the company's day; whoever is looked at
in it starts at most once, however often the look is repeated.
"""

import calendar
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.automation import (
    Automation,
    StartOnDate,
    StartOnEvent,
    StartOnSchedule,
    StartOnSegment,
)
from terrain.core.condition import holds
from terrain.core.customer import Customer
from terrain.core.duration import Span
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.name import MORNING, as_moment
from terrain.core.path import START
from terrain.core.rights import is_frozen
from terrain.core.run import Run, RunState
from terrain.core.scene import Scene

# A look that was missed is made up for: a schedule's a few days later, never a birthday's.
LATE = 3
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Calendar = StartOnSchedule | StartOnSegment | StartOnDate


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One start of one automation on one day: everybody is looked at once for it."""

    automation: str
    start: int
    day: date

    @property
    def name(self) -> str:
        return f"{self.start}/{self.day.isoformat()}"


class Earlier(msgspec.Struct, frozen=True):
    """A run of the same automation that this customer had before, over or not."""

    subject: str
    started_at: datetime


def periods(house: House, now: datetime) -> Iterator[Period]:
    """Yield the periods that are open now, over all automations that run and are not paused."""
    today = now.astimezone(house.company.zone).date()
    for automation in house.live.values():
        if automation.name in house.paused:
            continue
        for number, start in enumerate(automation.starts):
            day = None if isinstance(start, StartOnEvent) else _day_of(start, today)
            if day is not None:
                yield Period(automation=automation.name, start=number, day=day)


def run_for(
    period: Period, customer: Customer, earlier: tuple[Earlier, ...], house: House, now: datetime
) -> Run | None:
    """Return the run that this customer starts in this period, if they do."""
    automation = house.live[period.automation]
    start = automation.starts[period.start]
    if isinstance(start, StartOnEvent) or is_frozen(customer):
        return None
    scene = Scene(customer, house, now, {})
    found = _WHEN[type(start)](start, period, scene)
    if found is None or not holds(start.condition, scene):
        return None
    subject, due = found
    if _had_it(start, subject, earlier, now) or _under_way(automation, subject, customer):
        return None
    return _run(automation, subject, max(due, now), customer, now)


def _day_of(start: Calendar, today: date) -> date | None:
    """Return the day a start is looked at for: today, or the day that was missed of late."""
    if not isinstance(start, StartOnSchedule) or start.every == "day":
        return today
    for late in range(LATE + 1):
        day = today - timedelta(days=late)
        if _falls_on(start, day):
            return day
    return None


def _falls_on(start: StartOnSchedule, day: date) -> bool:
    if start.every in _WEEKDAYS:
        return day.weekday() == _WEEKDAYS.index(start.every)
    last = calendar.monthrange(day.year, day.month)[1]
    if start.every == "year" and day.month != start.month:
        return False
    return day.day == min(start.day, last)


def _on_schedule(
    start: StartOnSchedule, period: Period, scene: Scene
) -> tuple[str, datetime] | None:
    due = datetime.combine(period.day, start.at, tzinfo=scene.zone)
    return f"{start.every}/{period.day.isoformat()}", due.astimezone(UTC)


def _by_segment(
    _start: StartOnSegment,
    period: Period,
    scene: Scene,
) -> tuple[str, datetime] | None:
    return f"segment/{period.day.isoformat()}", scene.now


def _on_date(start: StartOnDate, period: Period, scene: Scene) -> tuple[str, datetime] | None:
    """Return the occurrence that falls on the period's day, by the customer's clock."""
    said = as_moment(scene.look_up(start.date), scene.zone)
    if said is None:
        return None
    local = said.astimezone(scene.zone)
    at = start.at or (local.time() if local.time() != time(0) else MORNING)
    for year in _years(start, local.date(), period.day):
        day = _moved(_in_year(local.date(), year), start, at, scene)
        if day is not None and day.astimezone(scene.zone).date() == period.day:
            return f"{start.date.fact or start.date.text}/{year}", day.astimezone(UTC)
    return None


def _years(start: StartOnDate, said: date, day: date) -> tuple[int, ...]:
    return (day.year - 1, day.year, day.year + 1) if start.yearly else (said.year,)


def _in_year(said: date, year: int) -> date | None:
    """Return the same day of another year; who was born on 29 February has it on the 28th."""
    if not MINYEAR <= year <= MAXYEAR:
        return None
    last = calendar.monthrange(year, said.month)[1]
    return said.replace(year=year, day=min(said.day, last))


def _moved(day: date | None, start: StartOnDate, at: time, scene: Scene) -> datetime | None:
    if day is None:
        return None
    moment = datetime.combine(day, at, tzinfo=scene.zone)
    try:
        later = start.after.after(moment, scene.zone)
        return _back(start.before).after(later, scene.zone)
    except (ValueError, OverflowError):
        return None


def _back(span: Span) -> Span:
    return span.times(-1)


def _had_it(start: Calendar, subject: str, earlier: tuple[Earlier, ...], now: datetime) -> bool:
    if not isinstance(start, StartOnSegment):
        return any(run.subject == subject for run in earlier)
    since = start.again_after.times(-1).after(now, ZoneInfo("UTC"))
    return any(run.started_at > since for run in earlier)


def _under_way(automation: Automation, subject: str, customer: Customer) -> bool:
    """Tell whether a run about the same is live; a segment never has two at once."""
    kind = subject.partition("/")[0]
    return any(
        run.automation == automation.name
        and (run.subject == subject or (kind == "segment" and run.subject.startswith("segment/")))
        for run in customer.runs
    )


def _run(
    automation: Automation, subject: str, due: datetime, customer: Customer, now: datetime
) -> Run:
    return Run(
        key=customer.key,
        run_id=id_from(now, "run", automation.name, customer.key.customer_id, subject),
        automation=automation.name,
        version=automation.version,
        subject=subject,
        state=RunState.READY,
        place=START,
        started_at=now,
        started_by="calendar",
        due_at=due,
        context={"subject": subject},
    )


_WHEN: dict[type, Callable[..., tuple[str, datetime] | None]] = {
    StartOnSchedule: _on_schedule,
    StartOnSegment: _by_segment,
    StartOnDate: _on_date,
}
