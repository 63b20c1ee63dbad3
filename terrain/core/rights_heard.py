"""What events about somebody's rights teach: that they are to be left alone, or that things may go on.

Promise: as with every event of ours, it is taken as theirs, whichever system carries it.
"""

from __future__ import annotations

from collections.abc import Callable

from terrain.core import rights
from terrain.core.lesson import Lesson
from terrain.core.own_events import theirs


def _freeze(about: str, *, held: bool) -> Callable[[Lesson], None]:
    def read(lesson: Lesson) -> None:
        lesson.says(rights.WISH, value=held, about=about, kind=theirs(lesson))

    return read


def _asked(lesson: Lesson) -> None:
    if rights.stops_at_once(lesson.event):
        lesson.says(rights.WISH, value=True, kind=theirs(lesson))


EVENTS: dict[str, Callable[[Lesson], None]] = {
    rights.FROZEN: _freeze(rights.OWN.about, held=True),
    rights.GOES_ON: _freeze(rights.OWN.about, held=False),
    rights.ERASURE_ASKED: _freeze(rights.UNTIL_ERASED.about, held=True),
    rights.ERASURE_TAKEN_BACK: _freeze(rights.UNTIL_ERASED.about, held=False),
    rights.ASKED: _asked,
}
