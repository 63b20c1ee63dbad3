"""Counts what is seen of every process, month by month, a page of cases at a time: the worker's work.

Promise: no page waits for it and no turn pays for it. A month is counted again every hour while something may
still come back about it, then never again; each page is one transaction, so a kill costs one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from psycopg import Connection

from terrain.config import Settings
from terrain.core import matters, seen, served
from terrain.core.decision import DONE_TO
from terrain.core.identifier import BUCKETS
from terrain.core.process import Process, Served
from terrain.core.signal import LONGEST
from terrain.flow.processes import known
from terrain.store import matters as stored
from terrain.store import processes
from terrain.store import served as needs
from terrain.store.processes import Look, Month

PAGE = 500
AN_HOUR = timedelta(hours=1)
# So far back a count begins; what was counted earlier stays.
MONTHS_BACK = 18
# After this nothing that is counted comes back any more: the longest signal, then two days to make good.
STAYS_OPEN = LONGEST + seen.MADE_GOOD_IN
# An automation's acts are found by what let them go.
FIRST, THEN = (verdict.value for verdict in DONE_TO)
NEEDS = "needs"
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def count(
    db: Connection, settings: Settings, now: datetime, may_go_on: Callable[[], bool] = lambda: True
) -> int:
    """Count every month that is due, the latest first; return how many pages were read."""
    pages = 0
    for process, month in list(due(db, settings, now)):
        while may_go_on():
            pages += 1
            if _page(db, process, month, now):
                break
    return pages


def due(db: Connection, settings: Settings, now: datetime) -> Iterator[tuple[Process, date]]:
    """Yield each month of each process that is to be counted, or counted again."""
    back = list(months_back(now, MONTHS_BACK))
    done = {(row.process, row.month): row.counted_at for row in processes.months(db, back[-1])}
    everything = known(db, settings)
    for month in back:
        for process in everything:
            counted_at = done.get((process.name, month))
            if counted_at is None or _is_stale(counted_at, month, now):
                yield process, month


def months_back(now: datetime, many: int) -> Iterator[date]:
    """Yield the first day of this month, then of those before it."""
    month = now.astimezone(UTC).date().replace(day=1)
    for _ in range(many):
        yield month
        month = (month - timedelta(days=1)).replace(day=1)


def begins(month: date) -> datetime:
    return datetime.combine(month, time(), UTC)


def ends(month: date) -> datetime:
    return begins((month + timedelta(days=31)).replace(day=1))


def _is_stale(counted_at: datetime, month: date, now: datetime) -> bool:
    # A count that lies ahead was made by a clock that was.
    is_old = not now - AN_HOUR < counted_at <= now
    return is_old and (counted_at < ends(month) + STAYS_OPEN or counted_at > now)


def _page(db: Connection, process: Process, month: date, now: datetime) -> bool:
    """Count one page; say whether it was the last."""
    with db.transaction():
        look = processes.hold(db, process.name, month) or _begun(process, month)
        counted, after, is_all = _COUNT[process.served is Served.AUTOMATION](db, look, now)
        look = look._replace(
            after_at=after[0], after_id=after[1], counts=seen.added([look.counts, counted])
        )
        if not is_all:
            processes.go_on(db, look)
            return False
        following = THEN if look.what == FIRST else None
        if following:
            processes.go_on(db, look._replace(what=following, after_at=_EVER, after_id=0))
            return False
        processes.save(db, Month(process.name, month, now, look.counts))
        return True


def _begun(process: Process, month: date) -> Look:
    what = FIRST if process.served is Served.AUTOMATION else NEEDS
    return Look(process.name, month, what, _EVER, 0, {})


def _from(look: Look) -> tuple[datetime, int]:
    return (max(look.after_at, begins(look.month) - timedelta(microseconds=1)), look.after_id)


Counted = tuple[Mapping[str, float], tuple[datetime, int], bool]


def _acts(db: Connection, look: Look, _now: datetime) -> Counted:
    of, after = (look.process, look.what), _from(look)
    page = stored.decided(db, of, (*after, ends(look.month)), range(BUCKETS), PAGE)
    evidence = stored.evidence(db, look.process, {one.key for one in page})
    found = seen.count(matters.matters(evidence, {one.decision_id for one in page}))
    if page:
        after = (page[-1].at, page[-1].decision_id)
    return found, after, len(page) < PAGE


def _needs(db: Connection, look: Look, now: datetime) -> Counted:
    after = _from(look)
    page = needs.of_process(db, look.process, after, ends(look.month), PAGE)
    ripe = [one for one in page if served.is_ripe(one.need, now)]
    found = served.count(one.need for one in ripe)
    found["bought_again"] = needs.bought_again(db, ripe)
    if page:
        after = (page[-1].need.first.at, page[-1].served_id)
    return found, after, len(page) < PAGE


_COUNT: dict[bool, Callable[[Connection, Look, datetime], Counted]] = {True: _acts, False: _needs}
