"""One customer's turn: what only the whole of it can show."""

from datetime import UTC, datetime, timedelta

from terrain.core.customer import Customer
from terrain.core.identifier import key_of
from terrain.core.run import Run, RunState
from terrain.core.task import TaskKind
from terrain.core.turn import live
from terrain.demo import shop
from tests.people import an_event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEA = Customer(key=key_of(1), nodes=(key_of(1), key_of(2)))


def a_run(number: int, *, days_ago: int) -> Run:
    return Run(
        key=key_of(number),
        run_id=number,
        automation="filter-reminder",
        version=1,
        subject="order-1/filter-a/1",
        state=RunState.WAITING,
        place=(0,),
        started_at=NOON - timedelta(days=days_ago),
        started_by=f"m-{number}",
        due_at=NOON + timedelta(days=30),
    )


def test_when_two_customers_turn_out_to_be_lea_she_is_reminded_once() -> None:
    twice = Customer(
        key=LEA.key, nodes=LEA.nodes, runs=(a_run(1, days_ago=9), a_run(2, days_ago=3))
    )

    changes = live(twice, [], shop.house(), NOON)

    assert [(run.run_id, run.because) for run in changes.runs.values()] == [(2, "merged")]
    assert [run.run_id for run in changes.customer.runs] == [1]


def test_nothing_stands_between_lea_and_a_person() -> None:
    changes = live(LEA, [an_event("person.wanted", at=NOON)], shop.house(), NOON)

    assert [task.kind for task in changes.tasks] == [TaskKind.A_PERSON_PLEASE]


def test_last_years_orders_come_in_without_a_reminder_that_is_long_past() -> None:
    told = {"order": "o-1", "items": [{"sku": "filter-a", "quantity": 3}]}
    year = timedelta(days=365)
    event = an_event("order.delivered", at=NOON - year, properties=told, context={"archive": True})

    changes = live(LEA, [event], shop.house(), NOON)

    # Of three units the first two are long past; the third falls due in half a year.
    assert [run.state for run in changes.runs.values()] == [RunState.WAITING]
    assert not changes.decisions
