"""Where a run stands among the steps of its automation, and which step comes next.

A place is a path: `(2,)` is the third step, `(2, "then", 0)` the first step of what it does then.
Promise: the same version of an automation always reads a place the same way.
"""

from terrain.core.automation import Automation, Branch, Repeat, Split, Step

Place = tuple[int | str, ...]

START: Place = (0,)


def words(place: Place) -> str:
    """Return a place as one word: `2.then.0`."""
    return ".".join(map(str, place))


def step_at(automation: Automation, place: Place) -> Step | None:
    """Return the step at a place, or None behind the last one of its block."""
    steps = block_at(automation, place)
    index = place[-1]
    return steps[index] if isinstance(index, int) and index < len(steps) else None


def block_at(automation: Automation, place: Place) -> tuple[Step, ...]:
    """Return the steps among which a place lies."""
    steps = automation.steps
    for depth in range(0, len(place) - 1, 2):
        index, label = place[depth], place[depth + 1]
        steps = inside(steps[int(index)], str(label))
    return steps


def inside(step: Step, label: str) -> tuple[Step, ...]:
    """Return one of the blocks of steps that a step holds."""
    kind, _, which = label.partition(":")
    if isinstance(step, Branch):
        return step.otherwise if kind == "otherwise" else step.ways[int(which)].steps
    if isinstance(step, Split):
        return next(part.steps for part in step.parts if part.label == which)
    found: tuple[Step, ...] = getattr(step, kind, ())
    return found


def into(place: Place, label: str) -> Place:
    """Return the first place of a block of the step at this place."""
    return (*place, label, 0)


def next_to(place: Place) -> Place:
    """Return the place after this one, in the same block."""
    return (*place[:-1], int(place[-1]) + 1)


def around(automation: Automation, place: Place) -> Place | None:
    """Return where to go on once a block is finished: at a repeat, or after what held the block."""
    outer = place[:-2]
    if not outer:
        return None
    return outer if isinstance(step_at(automation, outer), Repeat) else next_to(outer)
