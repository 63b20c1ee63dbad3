"""Every process with its grade: what was declared in files, with what was counted of it in the record.

Promise: pages and commands only read rows here, twelve a process; counting is the worker's (`flow/seeing.py`).
A grade is made of the last twelve months, the tail of one spot for each of them that saw enough.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.drift import Heading, heading
from terrain.core.efficiency import for_the_business, for_the_customer, own_cost
from terrain.core.grade import ENOUGH_SEEN, Grade, graded
from terrain.core.process import Basis, Figure, Light, Process, Seen, Served
from terrain.core.quadrant import BringsBack, Corner, Named, Spot, in_order
from terrain.core.quadrant_picture import Standing
from terrain.core.seen import added, answers, light_of, seen, size
from terrain.core.voices import Moved, Voice, moved
from terrain.core.watch import State
from terrain.errors import Refusal, did_you_mean
from terrain.flow import watching
from terrain.flow.processes import known
from terrain.flow.seeing import months_back
from terrain.store import processes

MONTHS = 12
# As many names as have room on one picture.
MOST_DRAWN = 20
# A month in which fewer were seen says too little to be a spot of the tail.
A_MONTH_SEES = 10
# So many grades are kept at hand, about 20 KB each.
MOST_KEPT = 2_000
_LIGHTS = {State.CLEAR: Light.GREEN, State.AMBER: Light.AMBER, State.RED: Light.RED}


class UnknownProcess(Refusal):
    """Nothing of that name is declared, neither as an automation nor in `processes.yaml`."""

    code = "unknown_process"
    status = 404

    def __init__(self, name: str, known_names: Sequence[str]) -> None:
        right = did_you_mean(name, known_names) or ", ".join(known_names)
        super().__init__(field="process", value=name, right=right)


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One process: `spot` is where it stands now (None: nothing seen), `tail` a spot a month, the latest last.

    `months` says which month each spot of the tail is; `counted_at`, when the youngest was counted (None: never);
    `voices`, how answers moved from the first half of the year to the second, those who were asked and the others
    apart.
    """

    process: Process
    seen: Seen
    grade: Grade
    spot: Spot | None = None
    tail: tuple[Spot, ...] = ()
    months: tuple[date, ...] = ()
    heading: Heading | None = None
    counted_at: datetime | None = None
    voices: dict[Voice, Moved] = {}
    brings_back: BringsBack | None = None


def graded_all(db: Connection, settings: Settings, now: datetime) -> list[Graded]:
    """Return every process, the dangerous corner first; those of which nothing was seen last."""
    found = _all(db, known(db, settings), now)
    placed = [Named(name=name, spot=one.spot) for name, one in found.items() if one.spot]
    first = [found[each.name] for each in in_order(placed)]
    return [*first, *(one for one in found.values() if one.spot is None)]


def graded_one(db: Connection, settings: Settings, name: str, now: datetime) -> Graded:
    """Return one process, or refuse a name that nobody declared."""
    everything = {each.name: each for each in known(db, settings)}
    if name not in everything:
        raise UnknownProcess(name, list(everything))
    return _all(db, [everything[name]], now)[name]


def grades(
    db: Connection, settings: Settings, names: Collection[str], now: datetime
) -> dict[str, Grade]:
    """Return the grades of these processes, by name, for lists."""
    some = [each for each in known(db, settings) if each.name in names]
    return {name: one.grade for name, one in _all(db, some, now).items()}


def _all(db: Connection, some: Sequence[Process], now: datetime) -> dict[str, Graded]:
    rows = _months(db, now, some[0].name if len(some) == 1 else "")
    states = watching.marks(db, now, [each.name for each in some if is_automation(each)])
    return {
        each.name: _graded(each, rows[each.name], states.get(each.name, State.GREY), now)
        for each in some
    }


def _months(db: Connection, now: datetime, name: str = "") -> Mapping[str, list[processes.Month]]:
    found: defaultdict[str, list[processes.Month]] = defaultdict(list)
    for row in processes.months(db, since(now), name):
        found[row.process].append(row)
    return found


class _Known:
    """What was made of the same rows before: they change once a month and when the worker counts anew."""

    made: ClassVar[dict[str, tuple[tuple[object, ...], Graded]]] = {}


def _graded(
    process: Process, months: Sequence[processes.Month], state: State, now: datetime
) -> Graded:
    """Return the grade of one process, made anew only where something that it is made of has changed."""
    made_of = (process, tuple(months), state, next(months_back(now, 1)))
    last = _Known.made.get(process.name)
    if last is None or last[0] != made_of:
        if len(_Known.made) >= MOST_KEPT:
            _Known.made.clear()
        last = _Known.made[process.name] = (made_of, _grade_of(process, months, state, now))
    return last[1]


def _grade_of(
    process: Process, months: Sequence[processes.Month], state: State, now: datetime
) -> Graded:
    all_counts = [row.counts for row in months]
    counted = seen(process, added(all_counts), _LIGHTS.get(state) or _light(process, months))
    grade = graded(process, counted)
    tail = _tail(process, months, now)
    spots = tuple(spot for _, spot in tail)
    return Graded(
        process=process,
        seen=counted,
        grade=grade,
        spot=_spot(process, counted) if counted.seen else None,
        tail=spots,
        months=tuple(month for month, _ in tail),
        heading=heading(spots) if counted.seen >= ENOUGH_SEEN else None,
        counted_at=max((row.counted_at for row in months), default=None),
        voices=_voices(months),
        brings_back=_brings_back(process, added(all_counts)),
    )


def _voices(months: Sequence[processes.Month]) -> dict[Voice, Moved]:
    middle = len(months) // 2
    before, after = (
        answers(added(row.counts for row in some)) for some in (months[:middle], months[middle:])
    )
    return moved(before, after)


def _brings_back(process: Process, counts: Mapping[str, float]) -> BringsBack | None:
    """Return what a way that people serve costs and what came after it; None where none of it was counted."""
    if "bought_again" not in counts:
        return None
    needs, again = counts.get("needs", 0), counts["bought_again"]
    own, purchase = own_cost(process), process.costs.purchase
    unknown = Figure(what="unknown", value=0, basis=Basis.DEFAULT)
    return BringsBack(
        cost=Figure(what="cost", value=needs * own.value, basis=own.basis),
        repeat_purchases=Figure(what="bought_again", value=again, of=needs),
        kept=unknown,
        recommendations=unknown,
        worth=Figure(what="worth", value=again * purchase.value, basis=purchase.basis),
    )


def _light(process: Process, months: Sequence[processes.Month]) -> Light:
    """Return what the meters read of what nothing watches day by day: from its months."""
    counts = [row.counts for row in months if size(row.counts)]
    a_year = sum(map(size, counts)) * MONTHS / max(1, len(counts))
    return light_of(process, counts, a_year)


def _tail(
    process: Process, months: Sequence[processes.Month], now: datetime
) -> list[tuple[date, Spot]]:
    """Return where it stood in each month that is over and saw enough."""
    this_month = next(months_back(now, 1))
    some = [(row.month, seen(process, row.counts)) for row in months if row.month < this_month]
    return [(month, _spot(process, each)) for month, each in some if each.seen >= A_MONTH_SEES]


def _spot(process: Process, counted: Seen) -> Spot:
    return Spot(
        business=for_the_business(process, counted).value,
        customer=for_the_customer(process, counted).value,
        seen=counted.seen,
    )


def with_room(placed: Sequence[Graded], most: int = MOST_DRAWN) -> list[Graded]:
    """Return those that a picture has room for, in their order: of every corner the first ones."""
    seen: Counter[Corner | None] = Counter()
    ranked = []
    for place, each in enumerate(placed):
        corner = each.spot.corner if each.spot else None
        ranked.append((seen[corner], place))
        seen[corner] += 1
    return [placed[place] for place in sorted(place for _, place in sorted(ranked)[:most])]


def standing(each: Graded) -> Standing:
    """Return what is drawn of one process that stands somewhere."""
    assert each.spot is not None  # whoever asks has looked
    return Standing(
        name=each.process.name,
        spot=each.spot,
        tail=each.tail,
        letter=each.grade.letter or "",
        is_heading=each.heading is not None,
    )


def is_automation(process: Process) -> bool:
    return process.served is Served.AUTOMATION


def since(now: datetime) -> date:
    """Return the first day of the months that a grade is made of."""
    *_, first = months_back(now, MONTHS)
    return first
