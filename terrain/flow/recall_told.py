"""A recall as facts: what happened, to how many, what was stopped, what was done, by whom, what is still open.

Promise: nobody's data. Counts, times and what those who work here wrote; what was found stays counted also when
somebody is erased afterwards.
"""

from __future__ import annotations

from collections import Counter
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
        "found": _found(recall, sums, by_fate),
        **_remedied(recall),
        **_became(recall, sums, by_fate),
        "answered_by": dict(answers),
    }


def _found(recall: Recall, sums: list[Sum], by_fate: Mapping[Fate, int]) -> dict[str, Any]:
    """Return what the look found: as it was then, or so far. Whoever was found under two names is one."""
    so_far = recall.found_at is None
    people = sum(by_fate.values()) if so_far else recall.people
    return {
        "at": recall.found_at,
        "people": people - by_fate[Fate.SAME_PERSON],
        "acts_done": sum(one.done for one in sums) if so_far else recall.acts_done,
        "acts_stopped": sum(one.stopped for one in sums) if so_far else recall.acts_stopped,
    }


def _remedied(recall: Recall) -> dict[str, Any]:
    """Return what makes good, and whose word each step was."""
    stopped = {"at": recall.stopped_at, "by": recall.stopped_by, "because": recall.stopped_because}
    return {
        "remedy": msgspec.to_builtins(recall.remedy) if recall.remedy else None,
        "prepared": {"at": recall.prepared_at, "by": recall.prepared_by},
        "seen_on_real_customers": recall.previewed_at,
        "approved": {"at": recall.approved_at, "by": recall.approved_by},
        "sent": {"at": recall.sent_at, "by": recall.sent_by},
        "stopped": stopped,
    }


def _became(recall: Recall, sums: list[Sum], by_fate: Mapping[Fate, int]) -> dict[str, Any]:
    """Return what became of everybody, and how long it took."""
    last, erased = _first(sums, "last_reached", max), recall.people - sum(by_fate.values())
    return {
        "people": {fate.value: n for fate, n in by_fate.items() if n},
        "erased_since": max(erased, 0) if recall.found_at else 0,
        "open": _open(recall, by_fate),
        "answered": sum(one.answered for one in sums),
        "reasons": _reasons(sums),
        "first_reached": _first(sums, "first_reached", min),
        "last_reached": last,
        "hours_to_approval": _hours(recall.opened_at, recall.approved_at),
        "hours_to_the_last": _hours(recall.opened_at, last),
    }


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
    found: Counter[str] = Counter()
    for one in sums:
        if one.because:
            found[one.because] += one.people
    return dict(found)


def _about(scope: Scope) -> Mapping[str, Any]:
    said = {"fact": scope.fact, "value": scope.value, "segment": scope.words}
    return {name: value for name, value in said.items() if value not in ("", None)}


def _hours(begin: datetime, end: datetime | None) -> float | None:
    return None if end is None else round((end - begin).total_seconds() / 3600, 1)
