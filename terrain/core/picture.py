"""The steps of an automation as a picture: where each stands and which path leads to the next.

Promise: pure, and the same for the same version; every step is in it once, under the place at which
runs stand (`core/path.py`), so that a picture and the record always speak of the same thing.

Drawn like a walk on a map: it begins at the top, goes down, parts where the customer decides, and what
comes together again meets below.
"""

import textwrap
from collections.abc import Iterator

import msgspec

from terrain.core.automation import (
    Ask,
    Automation,
    Branch,
    Do,
    DoTask,
    End,
    Repeat,
    Send,
    Split,
    Step,
    Wait,
)
from terrain.core.path import Place, inside, words
from terrain.core.retelling import Tongue, kind_of

WIDE, LINE = 240.0, 19.0  # a box, a line of its words
PAD, GAP, APART, MARGIN = 13.0, 40.0, 28.0, 24.0
LANE = 132.0  # a way in which nothing happens
LETTERS, MOST_LINES = 25, 6
OF_A_WAY, LINES_OF_A_WAY = 19, 3
SMALL = 16.0  # a line of the words beside a way


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One step, one start or one end; `place` is empty where no run can stand."""

    kind: str
    x: float
    y: float
    high: float = 0.0
    lines: tuple[str, ...] = ()
    place: str = ""
    name: str = ""
    reach: str = ""
    wide: float = WIDE

    @property
    def middle(self) -> float:
        return self.x + self.wide / 2

    @property
    def foot(self) -> float:
        return self.y + self.high


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A way from one point to another; `back` where it returns to what is done again."""

    x1: float
    y1: float
    x2: float
    y2: float
    back: bool = False


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """What is written where ways part."""

    lines: tuple[str, ...]
    x: float
    y: float


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything there is to draw, in units that are about a pixel."""

    wide: float
    high: float
    boxes: tuple[Box, ...]
    trails: tuple[Trail, ...]
    signs: tuple[Sign, ...]


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """The same as lines to be read: how deep a step lies, and on what ground one comes there."""

    place: str
    deep: int
    ground: str
    kind: str
    said: str


Ways = tuple[tuple[str, tuple[Step, ...]], ...]


def picture(automation: Automation, tongue: Tongue) -> Picture:
    """Return the picture of an automation in one language."""
    draw = _Drawing(tongue)
    starts = [tongue.said(start) for start in automation.starts] or ["—"]
    wide = max(_block_wide(automation.steps), len(starts) * (WIDE + APART) - APART)
    centre = MARGIN + wide / 2
    foot = draw.starts(starts, centre, MARGIN)
    end = draw.block(automation.steps, (), (centre, foot))
    if end is not None:
        draw.end(centre, end)
    return draw.picture(wide + 2 * MARGIN)


def telling(automation: Automation, tongue: Tongue) -> tuple[Telling, ...]:
    """Return the steps as lines, in the order of the file."""
    return tuple(_told(automation.steps, (), 0, "", tongue))


def ways_of(step: Step) -> Ways:
    """Return the ways that part at a step, empty ones too where going on is one of them."""
    if isinstance(step, Branch):
        ways = [f"way:{number}" for number in range(len(step.ways))]
        return tuple((label, inside(step, label)) for label in (*ways, "otherwise"))
    if isinstance(step, Split):
        return tuple((f"part:{part.label}", part.steps) for part in step.parts)
    if isinstance(step, Repeat):
        return (("steps", step.steps),)
    if isinstance(step, Wait | DoTask) and (step.then or step.or_else):
        return (("then", step.then), ("or_else", step.or_else))
    if isinstance(step, Send | Ask | Do) and step.or_else:
        return (("", ()), ("or_else", step.or_else))
    return ()


def _told(
    steps: tuple[Step, ...], into: Place, deep: int, ground: str, tongue: Tongue
) -> Iterator[Telling]:
    for number, step in enumerate(steps):
        place = (*into, number)
        said = tongue.step(step)
        yield Telling(place=words(place), deep=deep, ground=ground, kind=kind_of(step), said=said)
        ground = ""
        for label, inner in ways_of(step):
            if label:
                yield from _told(
                    inner, (*place, label), deep + 1, tongue.block(step, label), tongue
                )


class _Drawing:
    """What was drawn so far."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.boxes: list[Box] = []
        self.trails: list[Trail] = []
        self.signs: list[Sign] = []

    def picture(self, wide: float) -> Picture:
        high = max(box.foot for box in self.boxes) + MARGIN
        return Picture(
            wide=wide,
            high=high,
            boxes=tuple(self.boxes),
            trails=tuple(self.trails),
            signs=tuple(self.signs),
        )

    def starts(self, said: list[str], centre: float, top: float) -> float:
        """Draw what starts it, side by side; return where the first step may begin."""
        left = centre - (len(said) * (WIDE + APART) - APART) / 2
        drawn = [
            self._box(Box(kind="start", x=left + number * (WIDE + APART), y=top), text)
            for number, text in enumerate(said)
        ]
        foot = max(box.foot for box in drawn)
        for box in drawn:
            self._trail((box.middle, box.foot), (centre, foot + GAP))
        return foot + GAP

    def end(self, centre: float, top: float) -> None:
        """Draw where the run is over by itself."""
        self.boxes.append(Box(kind="over", x=centre - 9, y=top, high=18, wide=18))

    def block(self, steps: tuple[Step, ...], into: Place, at: tuple[float, float]) -> float | None:
        """Draw steps one under the other; return where one goes on, or None where nobody does."""
        centre, top = at
        for number, step in enumerate(steps):
            foot = self._step(step, (*into, number), (centre, top))
            if foot is None:
                return None
            self._trail((centre, foot), (centre, foot + GAP))
            top = foot + GAP
        return top

    def _step(self, step: Step, place: Place, at: tuple[float, float]) -> float | None:
        centre, top = at
        box = self._box(
            Box(
                kind=kind_of(step),
                x=centre - WIDE / 2,
                y=top,
                place=words(place),
                name=step.name,
                reach=str(step.terms.reach) if isinstance(step, Send | Ask | Do) else "",
            ),
            self.tongue.step(step),
        )
        if isinstance(step, End):
            return None
        ways = ways_of(step)
        return self._ways(step, place, box, ways) if ways else box.foot

    def _ways(self, step: Step, place: Place, box: Box, ways: Ways) -> float | None:
        widths = [_way_wide(steps) for _, steps in ways]
        left = box.middle - (sum(widths) + APART * (len(ways) - 1)) / 2
        drawn = len(self.boxes)
        ends: list[tuple[float, float]] = []
        signs = [self._sign(step, label) for label, _ in ways]
        top = box.foot + GAP + SMALL * max(len(lines) for lines in signs) + 6
        for (label, steps), wide, lines in zip(ways, widths, signs, strict=True):
            x = left + wide / 2
            self._trail((box.middle, box.foot), (x, box.foot + GAP - 8))
            if lines:
                self.signs.append(Sign(lines=lines, x=x, y=box.foot + GAP + 6))
            else:
                self._trail((x, box.foot + GAP - 8), (x, top))
            end = self.block(steps, (*place, label), (x, top))
            if end is not None:
                ends.append((x, end if steps else top))
            left += wide + APART
        if isinstance(step, Repeat) and ends:
            self.trails.append(
                Trail(x1=ends[0][0], y1=ends[0][1], x2=box.x, y2=box.y + box.high / 2, back=True)
            )
        if not ends:
            return None
        low = max(*(each.foot for each in self.boxes[drawn - 1 :]), *(y for _, y in ends))
        for x, y in ends:
            self._trail((x, y), (x, low))
            self._trail((x, low), (box.middle, low + GAP))
        return low + GAP

    def _sign(self, step: Step, label: str) -> tuple[str, ...]:
        text = self.tongue.block(step, label) if label else ""
        return _lines(text, OF_A_WAY, LINES_OF_A_WAY) if text else ()

    def _box(self, bare: Box, said: str) -> Box:
        lines = _lines(said[:1].upper() + said[1:], LETTERS, MOST_LINES)
        high = 2 * PAD + LINE * max(len(lines), 1) + SMALL
        box = msgspec.structs.replace(bare, lines=lines, high=high)
        self.boxes.append(box)
        return box

    def _trail(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.trails.append(Trail(x1=start[0], y1=start[1], x2=end[0], y2=end[1]))


def _lines(text: str, letters: int, most: int) -> tuple[str, ...]:
    """Break a text into lines; what is too long ends in a sign that there is more."""
    lines = textwrap.wrap(text, letters, break_long_words=True)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: letters - 1].rstrip(" ,;:") + "…"]
    return tuple(lines)


def _block_wide(steps: tuple[Step, ...]) -> float:
    return max((_step_wide(step) for step in steps), default=WIDE)


def _step_wide(step: Step) -> float:
    ways = ways_of(step)
    if not ways:
        return WIDE
    together = sum(_way_wide(steps) for _, steps in ways) + APART * (len(ways) - 1)
    # What is done again needs room at its left for the way back.
    return max(WIDE, together + (2 * APART if isinstance(step, Repeat) else 0))


def _way_wide(steps: tuple[Step, ...]) -> float:
    return _block_wide(steps) if steps else LANE
