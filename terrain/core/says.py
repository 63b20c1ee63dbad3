"""What a declared event says: the catalogue's `says`, read off one event.

Promise: whatever an outside system put into the event, what cannot be used is left out with a note;
nothing here ever fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from terrain.core.catalogue import EventKind, Says
from terrain.core.event import Event
from terrain.core.lesson import Lesson
from terrain.core.name import as_about, find

# More items than this in one event are no order but a mistake.
MOST_ITEMS = 1_000
_OF_EVERY_EVENT = frozenset({"at", "name", "source", "message_id"})


def read(lesson: Lesson, kind: EventKind) -> None:
    """Take down what this kind of event says."""
    for says in kind.says:
        for item in _items(says, lesson.event):
            _take_down(lesson, says, item)


def _items(says: Says, event: Event) -> Iterable[Any]:
    if not says.each:
        return (None,)
    items = _look(says.each, event, None)
    return items[:MOST_ITEMS] if isinstance(items, list) else ()


def _take_down(lesson: Lesson, says: Says, item: Any) -> None:
    event = lesson.event
    about = as_about(_look(says.about, event, item)) if says.about else ""
    if about is None:
        lesson.notes.append(f"nothing_to_be_about:{says.fact}")
        return
    value = says.constant if says.constant is not None else None
    if value is None and says.value:
        value = _look(says.value, event, item)
    if says.evidence is not None:
        lesson.shows(says.fact, value, about, says.evidence)
    elif value not in (None, ""):
        before = len(lesson.claims)
        lesson.says(says.fact, value, about, says.kind)
        lesson.mark_assumed(before, _steps(says.value)[-1])


def _look(path: str, event: Event, item: Any) -> Any:
    steps = _steps(path)
    root = steps[0]
    if root == "item" and item is not None:
        if len(steps) == 1:
            return item
        return find(item, steps[1:]) if isinstance(item, dict) else None
    if root == "event" and len(steps) > 1:
        return _of_event(event, steps[1:])
    if root in ("properties", "traits", "context") and len(steps) > 1:
        return find(getattr(event, root), steps[1:])
    found = find(event.properties, steps)
    return find(event.traits, steps) if found is None else found


def _of_event(event: Event, steps: tuple[str, ...]) -> Any:
    if len(steps) == 1 and steps[0] in _OF_EVERY_EVENT:
        value = getattr(event, steps[0])
        return value.isoformat() if steps[0] == "at" else value
    return find(event.properties, steps)


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))
