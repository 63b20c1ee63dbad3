"""What goes wrong by our own doing is counted once, where it happens."""

from typing import Any

import pytest
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.run import Run, RunState
from terrain.core.signal import Signal
from terrain.core.turn import Changes
from terrain.flow import mishaps, setbacks
from terrain.store import counters, people, runs, signals, trays
from tests.flow.conftest import Sending, a_shipment
from tests.outside import Receiving, answer
from tests.people import NOON, a_customer
from tests.returns import Returns


def a_run(state: RunState, **more: Any) -> Run:
    given = {
        "key": a_customer().key,
        "run_id": 7,
        "automation": "reminder",
        "version": 3,
        "subject": "order-1",
        "place": (0,),
        "started_at": NOON,
        "started_by": "m-1",
    }
    return Run(state=state, **{**given, **more})


def told(before: Run, after: Run) -> list[Signal]:
    changes = Changes(a_customer(runs=(before,)))
    changes.runs[after.run_id] = after
    return [case.kind for case in mishaps.of_runs(changes, NOON)]


WAITING, HELD = a_run(RunState.WAITING), a_run(RunState.HELD)
WITH_PERSON = a_run(RunState.WITH_PERSON)


def left_out(because: str) -> dict[str, Any]:
    return {"skipped": [{"step": "send", "because": because, "at": NOON}]}


@pytest.mark.parametrize(
    ("before", "after", "signals_"),
    [
        (WAITING, a_run(RunState.FAILED, because="question_gap"), [Signal.RUN_FAILED]),
        (WAITING, a_run(RunState.FAILED, because="goes_round_in_circles"), [Signal.RUN_STUCK]),
        (HELD, a_run(RunState.ENDED, context=left_out("held_too_long")), [Signal.TIMED_OUT]),
        (
            WITH_PERSON,
            a_run(RunState.READY, context=left_out("no_person_in_time")),
            [Signal.TIMED_OUT],
        ),
        (
            WITH_PERSON,
            a_run(RunState.READY, context={"outcome": "not_in_time"}),
            [Signal.TIMED_OUT],
        ),
        (WITH_PERSON, a_run(RunState.READY, context={"outcome": "called her"}), []),
        (HELD, a_run(RunState.ENDED, context=left_out("suppressed")), []),
        (WAITING, a_run(RunState.ENDED, because="done"), []),
    ],
)
def test_a_run_that_goes_wrong_says_how(before: Run, after: Run, signals_: list[Signal]) -> None:
    assert told(before, after) == signals_


def test_what_was_not_in_time_before_is_not_counted_again() -> None:
    before = a_run(RunState.HELD, context=left_out("held_too_long"))

    assert told(before, a_run(RunState.ENDED, context=left_out("held_too_long"))) == []


def test_a_run_that_meets_a_bug_is_counted_once(db: Connection) -> None:
    returns = Returns(db)
    lea = returns.customer()
    runs.save(db, [a_run(RunState.WAITING, key=lea, due_at=NOON)])
    for _ in range(2):
        setbacks.stop_runs(db, known(returns, lea), ValueError("odd"), NOON)

    assert returns.by_version("signal.run_failed") == {("reminder", 3): 1}


def known(returns: Returns, key: CustomerKey) -> Any:
    return people.load(returns.db, [key], NOON, secret="")[key]


def test_an_act_that_needs_five_tries_was_retried_once(
    sending: Sending, receiving: Receiving
) -> None:
    act = a_shipment(sending.customer("lea"))
    sending.queue(act)
    receiving.answers = [answer(503)] * 4
    for seconds in (0, 60, 600, 3600):
        sending.send(seconds)

    with sending.record.local() as db:
        counted = {each.what: each.n for each in counters.sums(db, counters.EVER)}
        (case,) = signals.of_customer(db, [act.key])
    assert counted == {"signal.send_retried": 1}
    assert (case.act_id, case.kind) == (act.act_id, Signal.SEND_RETRIED)


def test_what_went_wrong_lately_is_read_for_each_automation(
    sending: Sending, receiving: Receiving
) -> None:
    lea = sending.customer("lea")
    sending.queue(a_shipment(lea), a_shipment(lea, "nobody-declared-this", automation="gifts"))
    receiving.answers = [answer(503)]
    sending.send()

    with sending.record.local() as db:
        welcome = mishaps.lately(counters.sums(db, counters.EVER, "welcome"))
        gifts = mishaps.lately(counters.sums(db, counters.EVER, "gifts"))
        full = trays.count(db)
    assert welcome == {"signal.send_retried": 1}
    assert gifts == {"act.failed": 1}
    assert full == {"act": 1}
