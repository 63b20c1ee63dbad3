"""Walks one run along the steps that need nobody's permission, up to an act, a wait or the end.

Promise: it always stops: at a wait, an act, a person, the end, or after so many steps that it must be
going round in circles.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from terrain.core import drawer, path
from terrain.core.automation import (
    Ask,
    Automation,
    Branch,
    Change,
    Do,
    DoTask,
    End,
    Repeat,
    Send,
    Split,
    Step,
    Wait,
)
from terrain.core.condition import holds
from terrain.core.customer import Customer
from terrain.core.duration import Span
from terrain.core.event import Event
from terrain.core.fact import Claim, SourceKind
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.name import as_about, as_moment, find
from terrain.core.run import Run, RunState
from terrain.core.scene import Scene, key_of_fact
from terrain.core.starting import as_context
from terrain.core.task import Task, TaskKind

MOST_STEPS = 500
TASK_DONE = "task.done"
# By these an event says which matter it is about; where both say one, they must agree.
_MATTERS = ("order", "parcel", "complaint", "return")


class Walk:
    """One run on its way. Everything it does is kept here until it stops."""

    def __init__(
        self, run: Run, automation: Automation, customer: Customer, house: House, now: datetime
    ) -> None:
        self.run = run
        self.automation = automation
        self.customer = customer
        self.house = house
        self.now = now
        self.place = run.place
        self.context: dict[str, Any] = dict(run.context)
        self.scene = Scene(customer, house, now, self.context)
        self.claims: list[Claim] = []
        self.tasks: list[Task] = []
        self.stopped: Run | None = None

    def to_an_act(self) -> Send | Ask | Do | None:
        """Go on to the next act and return it; None when the run waits, is with a person or ended."""
        for _ in range(MOST_STEPS):
            if self.stopped is not None:
                return None
            step = path.step_at(self.automation, self.place)
            if step is None:
                self._leave_block()
            elif isinstance(step, Send | Ask | Do):
                return step
            else:
                _TAKE[type(step)](self, step)
        self.stop(RunState.FAILED, because="goes_round_in_circles")
        return None

    def next(self) -> None:
        """Leave this step behind, and what it alone remembered."""
        for key in _OF_ONE_STEP:
            self.context.pop(key, None)
        self.place = path.next_to(self.place)

    def enter(self, label: str) -> None:
        """Go into one of the step's own blocks."""
        for key in _OF_ONE_STEP:
            self.context.pop(key, None)
        self.place = path.into(self.place, label)

    def skip(self, because: str, *, instead: bool = True) -> None:
        """Leave an act undone, and say so; or do what the automation does `instead`."""
        step = path.step_at(self.automation, self.place)
        name = step.name if step else ""
        left_out = {"step": name, "because": because, "at": self.now}
        self.context["skipped"] = [*self.context.get("skipped", ()), left_out]
        if instead and getattr(step, "or_else", None):
            self.enter("or_else")
        else:
            self.next()

    def stop(self, state: RunState, because: str = "", **more: Any) -> Run:
        """Stand still, and return the run as it stands. What ended has nothing left to wait for."""
        over = state in (RunState.ENDED, RunState.FAILED)
        usual: dict[str, Any] = {"due_at": None, "hears": (), "relies_on": (), "expires_at": None}
        if over:
            usual["ended_at"] = self.now
        else:
            usual["hears"] = (*more.pop("hears", ()), *_ending_events(self.automation))
        stopped = msgspec.structs.replace(
            self.run,
            state=state,
            because=because,
            place=self.place,
            context=self.context,
            **usual | more,
        )
        self.stopped = stopped
        return stopped

    def ready(self) -> Run:
        """Return the run as it stands before its next act."""
        return msgspec.structs.replace(
            self.run,
            state=RunState.READY,
            place=self.place,
            context=self.context,
            due_at=None,
            hears=(),
            relies_on=(),
            because="",
        )

    def after(self, start: datetime, span: Span) -> datetime:
        return drawer.after(start, span, self.scene)

    # -- waiting -----------------------------------------------------------------------------------

    def wait(self, step: Wait) -> None:
        """Begin to wait; a moment that is already past is no wait."""
        if step.span is not None:
            self._wait_until(self.after(self.now, step.span))
        elif step.event:
            until = self.after(self.now, step.within) if step.within else None
            self.stop(RunState.WAITING, due_at=until, hears=(step.event,))
        else:
            self.wait_for_date(step, moved=False)

    def wait_for_date(self, step: Wait, *, moved: bool) -> None:
        """Wait until the date as it stands now; whoever moves it wakes the run.

        Only when a date was `moved` are those before it in the drawer reckoned anew.
        """
        runs = self._drawer()
        if step.stock and self.run.stock:
            before = self._date_before(runs, step) if moved else None
            begins = drawer.beginning(self._as_it_is(), before, step, self.scene)
            self.context[drawer.BEGINS] = begins
        else:
            last = step.until[-1]
            begins = as_moment(self.scene.look_up(last.after), self.scene.zone)
        moment = drawer.moment_of(step, self.scene, begins)
        if moment is None:
            self.stop(RunState.ENDED, because="date_unknown")
            return
        wishes = drawer.keys_of_wishes(runs or [self.run], step)
        self._wait_until(moment, (*wishes, *self._facts_of(step)))

    def _facts_of(self, step: Wait) -> tuple[str, ...]:
        names = [date.after for date in step.until if not date.after.per_subject]
        keys = [key_of_fact(name, self.scene) for name in names if name.root == "fact"]
        return tuple(str(key) for key in keys if key)

    def _drawer(self) -> list[Run]:
        """Return what is in the drawer up to and with this run."""
        if not self.run.stock:
            return []
        others = [run for run in self.customer.runs if run.run_id != self.run.run_id]
        runs = drawer.drawer((*others, self.run), self.run.automation, self.run.stock)
        return runs[: [run.run_id for run in runs].index(self.run.run_id) + 1]

    def _date_before(self, runs: list[Run], step: Wait) -> datetime | None:
        planned = drawer.dates(runs[:-1], step, self.customer, self.house)
        return planned.get(self.context.get(drawer.FOLLOWS, ""))

    def _as_it_is(self) -> Run:
        return msgspec.structs.replace(self.run, context=self.context)

    def _wait_until(self, moment: datetime, relies_on: tuple[str, ...] = ()) -> None:
        if moment <= self.now:
            self.next()
        else:
            self.stop(RunState.WAITING, due_at=moment, relies_on=relies_on)

    # -- choosing ----------------------------------------------------------------------------------

    def branch(self, step: Branch) -> None:
        for number, way in enumerate(step.ways):
            if holds(way.when, self.scene):
                self.enter(f"way:{number}")
                return
        self.enter("otherwise")

    def split(self, step: Split) -> None:
        """Take the same part as ever: it hangs on who the customer is, and on nothing else."""
        point = sticky_point(self.customer.key.customer_id, self.automation.name, step.name)
        chosen = step.parts[-1]
        for part in step.parts:
            if point < part.share:
                chosen = part
                break
            point -= part.share
        self.context["part"] = chosen.label
        self.enter(f"part:{chosen.label}")

    def repeat(self, step: Repeat) -> None:
        """Begin the next round, wait for it, or go on when there is none left."""
        rounds = dict(self.context.get("rounds", {}))
        number, first = rounds.get(step.name, (0, self.now))
        over = number >= step.times or (step.until and holds(step.until, self.scene))
        if over:
            rounds.pop(step.name, None)
            self.context["rounds"] = rounds
            self.next()
            return
        if step.every and number:
            due = self.after(first, step.every.times(number))
            if due > self.now:
                self.stop(RunState.WAITING, due_at=due)
                return
        self.context["rounds"] = rounds | {step.name: (number + 1, first)}
        self.enter("steps")

    def _leave_block(self) -> None:
        outer = path.around(self.automation, self.place)
        if outer is None:
            self.stop(RunState.ENDED, because="done")
        else:
            self.place = outer

    # -- doing -------------------------------------------------------------------------------------

    def change(self, step: Change) -> None:
        key = key_of_fact(step.fact, self.scene)
        value = self.scene.look_up(step.named) if step.named else step.value
        if key is not None and value is not None:
            message_id = f"run:{self.run.run_id}:{step.name}:{self.now.isoformat()}"
            self.claims.append(
                Claim(
                    key=key,
                    value=value,
                    source=f"automation:{self.automation.name}",
                    kind=SourceKind.INFERRED,
                    first_at=self.now,
                    at=self.now,
                    message_id=message_id,
                )
            )
        self.next()

    def task(self, step: DoTask) -> None:
        """Give it to a person, and wait for them."""
        shown = {name.text: as_file(self.scene.look_up(name)) for name in step.shows}
        due = self.after(self.now, step.within) if step.within else None
        task = Task(
            key=self.run.key,
            task_id=id_from(self.now, "task", self.run.run_id, step.name),
            kind=TaskKind.STEP,
            title=step.title.get(self.house.company.language, next(iter(step.title.values()), "")),
            opened_at=self.now,
            due_at=due,
            automation=self.automation.name,
            run_id=self.run.run_id,
            file={"words": step.title, "subject": self.run.subject, "shows": shown},
        )
        self.tasks.append(task)
        self.context["task_id"] = task.task_id
        self.stop(RunState.WITH_PERSON, due_at=due, hears=(TASK_DONE,))

    def end(self, step: End) -> None:
        self.stop(RunState.ENDED, because=step.because)


def concerns(run: Run, event: Event, house: House) -> bool:
    """Tell whether an event is about the same matter as a run, as far as both say."""
    return Matters(event, house).are_those_of(run)


class Matters:
    """Which matters an event says it is about, looked up once for all the runs that are asked."""

    __slots__ = ("begins", "named", "sku", "skus")

    def __init__(self, event: Event, house: House) -> None:
        kind = house.catalogue.events.get(event.name)
        self.begins = kind is not None and kind.begins
        said = event.properties
        found = {noun: as_about(find(said, (noun,))) for noun in _MATTERS}
        self.named = [(noun, about) for noun, about in found.items() if about]
        self.sku = as_about(find(said, ("sku",)))
        items = find(said, ("items",))
        some = items if isinstance(items, list) else []
        self.skus = {as_about(find(one, ("sku",))) for one in some if isinstance(one, dict)}

    def are_those_of(self, run: Run) -> bool:
        if self.begins:
            return True  # a new order is never the one that the run began with
        said = run.context.get("event", {}).get("properties", {})
        for noun, theirs in self.named:
            ours = as_about(find(said, (noun,)))
            if ours and ours != theirs:
                return False
        return not (self.sku or self.skus) or self._is_item_of(run, said)

    def _is_item_of(self, run: Run, said: Any) -> bool:
        item = run.context.get("item")
        ours = as_about(find(item if isinstance(item, dict) else said, ("sku",)))
        if self.sku:
            return not ours or ours == self.sku
        return not isinstance(item, dict) or ours in self.skus


def ends_it(walk: Walk, heard: Event | None) -> str | None:
    """Return why the run is over wherever it stands, if it is."""
    for end in walk.automation.ends:
        if end.event:
            if heard is None or heard.name != end.event:
                continue
            if not concerns(walk.run, heard, walk.house):
                continue
        context = walk.context | ({"heard": as_context(heard)} if heard else {})
        if holds(end.condition, Scene(walk.customer, walk.house, walk.now, context)):
            return end.event or "ends_when"
    return None


def sticky_point(customer_id: int, automation: str, step: str) -> float:
    """Return a point in [0, 1) that never changes for this customer and step."""
    said = f"{customer_id}\x1f{automation}\x1f{step}".encode()
    return int.from_bytes(blake2b(said, digest_size=7).digest(), "big") / 2**56


def as_file(value: Any) -> Any:
    """Return a value as a person reads it in a task's file."""
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _ending_events(automation: Automation) -> tuple[str, ...]:
    found: tuple[str, ...] | None = automation.__dict__.get("ending_events")
    if found is None:
        found = tuple(dict.fromkeys(end.event for end in automation.ends if end.event))
        automation.__dict__["ending_events"] = found
    return found


# What a run remembers only while it stands at one step.
_OF_ONE_STEP = ("question_id", "task_id", "agreed", "announced", "announcing", "held_since")
_TAKE: dict[type[Step], Callable[[Walk, Any], None]] = {
    Wait: Walk.wait,
    Branch: Walk.branch,
    Split: Walk.split,
    Change: Walk.change,
    DoTask: Walk.task,
    Repeat: Walk.repeat,
    End: Walk.end,
}
