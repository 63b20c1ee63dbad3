"""What needs somebody this morning: everything that waits for this one person, the worst first.

Promise: what harms customers now stands above what merely waits, and nobody begins a day with a hundred lines of
a kind. What lies on a desk is gathered in `flow/desk.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.drift import Heading
from terrain.core.signal import Signal
from terrain.core.staff import Staff
from terrain.flow import breaker
from terrain.flow.desk import DAY, LOOKS, Desk, Matter, What
from terrain.store import counters

EVENING = time(18)
OF_A_KIND = 8
_GOOD = ("act.left", "run.ended", f"signal.{Signal.HELPED}", f"signal.{Signal.TAKEN_UP}")
# What does nothing: its mishaps are part of why it was stopped, and nothing to do beside that.
_STANDS_STILL = frozenset({What.STOPPED, What.PAUSED})


class Well(msgspec.Struct, frozen=True, kw_only=True):
    """What went well since last evening: counts, nobody's data."""

    since: datetime
    left: int = 0
    ended: int = 0
    helped: int = 0
    taken_up: int = 0


class Morning(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to do for somebody, and what went well. `left_out`: how many more there are of a kind."""

    matters: tuple[Matter, ...]
    well: Well
    left_out: dict[What, int] = {}


def morning(
    db: Connection,
    staff: Staff,
    settings: Settings,
    now: datetime,
    drifting: Mapping[str, Heading] = MappingProxyType({}),
) -> Morning:
    """Return what needs this person; `drifting` are the processes that head for the dangerous corner."""
    desk = Desk(db, staff, settings, now, breaker.everybody(db), drifting)
    looks = [look for may, look in LOOKS if staff.may(may)]
    order = tuple(What)
    found = [matter for look in looks for matter in look(desk)]
    ordered = sorted(
        _with_their_mishaps(found),
        key=lambda one: (order.index(one.what), one.since or now, one.name),
    )
    shown, left_out = _some_of_each(ordered)
    return Morning(matters=shown, left_out=left_out, well=went_well(db, settings, now))


def _with_their_mishaps(found: Iterable[Matter]) -> Iterator[Matter]:
    """Yield what there is to do. What is stopped makes no more mishaps: its line says how many there were."""
    some = list(found)
    by_name = {one.name: one.n for one in some if one.what is What.TROUBLE}
    stopped = {one.name for one in some if one.what in _STANDS_STILL}
    for one in some:
        if one.what in _STANDS_STILL:
            yield msgspec.structs.replace(one, mishaps=by_name.get(one.name, 0))
        elif one.what is not What.TROUBLE or one.name not in stopped:
            yield one


def _some_of_each(ordered: Sequence[Matter]) -> tuple[tuple[Matter, ...], dict[What, int]]:
    """Return the first of each kind, and how many more there are."""
    seen: Counter[What] = Counter()
    shown: list[Matter] = []
    for one in ordered:
        seen[one.what] += 1
        if seen[one.what] <= OF_A_KIND:
            shown.append(one)
    return tuple(shown), {what: n - OF_A_KIND for what, n in seen.items() if n > OF_A_KIND}


def went_well(db: Connection, settings: Settings, now: datetime) -> Well:
    """Return what was done since the evening before by the company's clock."""
    zone = ZoneInfo(settings.time_zone)
    local = now.astimezone(zone)
    since = datetime.combine(local.date() - DAY, EVENING, zone)
    seen: Counter[str] = Counter()
    for each in counters.by_hour(db, counters.hour_of(since), _GOOD):
        seen[each.what] += each.n
    left, ended, helped, taken_up = (seen[what] for what in _GOOD)
    return Well(since=since, left=left, ended=ended, helped=helped, taken_up=taken_up)
