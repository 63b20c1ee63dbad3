"""What went wrong by our own doing: runs that fail, get stuck or are not in time, sends tried again, silence.

Promise: each is counted once, in the transaction in which it happens, at the hour in which it happens: a run
under its own number, an act under its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from psycopg import Connection

from terrain.core.act import Act
from terrain.core.run import Run, RunState
from terrain.core.signal import EXCEPTIONS, Signal
from terrain.core.turn import Changes
from terrain.flow.finding import SIGNALS
from terrain.store import signals
from terrain.store.counters import Counted, hour_of
from terrain.store.signals import Case
from terrain.words import _

OURSELVES = "terrain"
_NOT_IN_TIME = ("held_too_long", "no_person_in_time")
# What is counted of it, in words; what could not be done waits in a tray (`flow/aftermath.py`).
WORDS = {
    **{f"signal.{each}": SIGNALS[each] for each in Signal if each in EXCEPTIONS},
    "act.failed": _("acts that could not be done"),
    "act.unknown": _("acts of which nobody knows whether they were done"),
}
_STUCK = "goes_round_in_circles"


def of_runs(one: Changes, now: datetime) -> Iterator[Case]:
    """Yield which runs failed, got stuck, or waited in vain in this turn."""
    before = {run.run_id: run for run in one.before.runs}
    for run in one.runs.values():
        if run.state is RunState.FAILED:
            yield _case(run, Signal.RUN_STUCK if run.because == _STUCK else Signal.RUN_FAILED, now)
        elif _waited_in_vain(before.get(run.run_id), run):
            yield _case(run, Signal.TIMED_OUT, now)


def unanswered(one: Changes, now: datetime) -> list[int]:
    """Return the decisions to ask of those whose answer did not come by the deadline, in this turn."""
    open_ones = {
        str(question.question_id): question.decision_id
        for question in one.customer.questions
        if question.answered_at is None
    }
    return [
        open_ones[number]
        for run in one.before.runs
        if run.state is RunState.ASKED and run.due_at is not None and run.due_at <= now
        if run.run_id in one.runs and one.runs[run.run_id].state is not RunState.ASKED
        if (number := str(run.context.get("question_id"))) in open_ones
    ]


def failed(db: Connection, runs: Iterable[Run], now: datetime) -> None:
    """Count that these runs met a bug."""
    signals.save(db, [_case(run, Signal.RUN_FAILED, now) for run in runs])


def retried(db: Connection, acts: Iterable[Act], now: datetime) -> None:
    """Count that these acts did not leave at the first try; later tries are the same trouble."""
    signals.save(db, [_case(act, Signal.SEND_RETRIED, now) for act in acts])


def lately(counted: Iterable[Counted]) -> dict[str, int]:
    """Return how often each went wrong among what was counted, as `WORDS` calls it; what never did is left out."""
    found: Counter[str] = Counter()
    for each in counted:
        if each.what in WORDS:
            found[each.what] += each.n
    return dict(found)


def _waited_in_vain(before: Run | None, run: Run) -> bool:
    """Say whether what it waited for, a person or an open gate, did not come in time."""
    if before is None or before.state not in (RunState.HELD, RunState.WITH_PERSON):
        return False
    left_out = run.context.get("skipped", ())[len(before.context.get("skipped", ())) :]
    if any(one["because"] in _NOT_IN_TIME for one in left_out):
        return True
    was, outcome = (each.context.get("outcome") for each in (before, run))
    return outcome == "not_in_time" != was


def _case(of: Run | Act, signal: Signal, now: datetime) -> Case:
    return Case(
        bucket=of.key.bucket,
        counted=True,
        invited=False,
        version=of.version,
        customer_id=of.key.customer_id,
        act_id=of.run_id if isinstance(of, Run) else of.act_id,
        hour=hour_of(now),
        at=now,
        learned_at=now,
        kind=signal,
        automation=of.automation,
        source=OURSELVES,
        message_id="",
    )
