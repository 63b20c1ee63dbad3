"""A recall as facts: what happened, to how many, what was stopped, what was done, by whom, what is still open.

Promise: nobody's data. Counts, times and what those who work here wrote; what was found stays counted also when
somebody is erased afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.recall import WAITING, Fate, Recall, Scope, State
from terrain.flow.recall import known
from terrain.store import recalled
from terrain.store.recalled import Recalled, Sum

CHUNK = 1_000


def everybody(db: Connection, recall_id: int) -> Iterator[Recalled]:
    """Yield everybody a recall is about, a page at a time."""
    after: CustomerKey | None = None
    while page := recalled.people(db, recall_id, CHUNK, after):
        yield from page
        after = page[-1].key


def facts(db: Connection, recall_id: int) -> dict[str, Any]:
    """Return one page of facts for a regulator or a board: dates, counts, remedy, times. Nobody's data."""
    recall = known(db, recall_id)
    return told(recall, recalled.sums(db, recall_id), recalled.answers(db, recall_id))


def told(recall: Recall, sums: list[Sum], answers: Mapping[str, int]) -> dict[str, Any]:
    """Return these facts of a recall whose people were counted already."""
    by_fate = {fate: sum(one.people for one in sums if one.state == fate) for fate in Fate}
    kept = sum(by_fate.values())
    first = _first(sums, "first_reached", min)
    last = _first(sums, "last_reached", max)
    looking = recall.found_at is None
    return {
        "recall": str(recall.recall_id),
        "automation": recall.automation,
        "version": recall.version or None,
        "state": recall.state.value,
        "because": recall.because,
        "from": recall.since,
        "until": recall.until,
        "about": _about(recall.scope),
        "first_act": _first(sums, "first_at", min),
        "last_act": _first(sums, "last_at", max),
        "opened": {"at": recall.opened_at, "by": recall.opened_by},
        "found": {
            "at": recall.found_at,
            "people": kept - by_fate[Fate.SAME_PERSON] if looking else _persons(recall, by_fate),
            "acts_done": sum(one.done for one in sums) if looking else recall.acts_done,
            "acts_stopped": sum(one.stopped for one in sums) if looking else recall.acts_stopped,
        },
        "remedy": msgspec.to_builtins(recall.remedy) if recall.remedy else None,
        "prepared": {"at": recall.prepared_at, "by": recall.prepared_by},
        "seen_on_real_customers": recall.previewed_at,
        "approved": {"at": recall.approved_at, "by": recall.approved_by},
        "sent": {"at": recall.sent_at, "by": recall.sent_by},
        "stopped": {
            "at": recall.stopped_at,
            "by": recall.stopped_by,
            "because": recall.stopped_because,
        },
        "people": {fate.value: n for fate, n in by_fate.items() if n},
        "erased_since": 0 if looking else max(recall.people - kept, 0),
        "open": _open(recall, by_fate),
        "answered": sum(one.answered for one in sums),
        "answered_by": dict(answers),
        "reasons": _reasons(sums),
        "first_reached": first,
        "last_reached": last,
        "hours_to_approval": _hours(recall.opened_at, recall.approved_at),
        "hours_to_the_last": _hours(recall.opened_at, last),
    }


def _persons(recall: Recall, by_fate: Mapping[Fate, int]) -> int:
    """Return how many people were found: whoever was found under two names is one."""
    return recall.people - by_fate[Fate.SAME_PERSON]


def _open(recall: Recall, by_fate: Mapping[Fate, int]) -> int:
    """Return how many people nothing final can be said of yet."""
    if recall.state is State.STOPPED:
        return by_fate[Fate.MADE]
    return sum(by_fate[fate] for fate in WAITING)


def _first(sums: list[Sum], what: str, which: Any) -> datetime | None:
    times = [at for one in sums if (at := getattr(one, what)) is not None]
    found: datetime | None = which(times, default=None)
    return found


def _reasons(sums: list[Sum]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in sums:
        if one.because:
            found[one.because] = found.get(one.because, 0) + one.people
    return found


def _about(scope: Scope) -> Mapping[str, Any]:
    said = {"fact": scope.fact, "value": scope.value, "segment": scope.words}
    return {name: value for name, value in said.items() if value not in ("", None)}


def _hours(begin: datetime, end: datetime | None) -> float | None:
    return None if end is None else round((end - begin).total_seconds() / 3600, 1)
