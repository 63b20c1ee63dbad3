"""One customer's turn: what only the whole of it can show."""

from datetime import UTC, datetime, timedelta

from terrain.core import rights
from terrain.core.customer import Customer
from terrain.core.decision import Verdict
from terrain.core.event import Event
from terrain.core.identifier import key_of
from terrain.core.run import Run, RunState
from terrain.core.task import TaskKind
from terrain.core.turn import live
from terrain.demo import shop
from tests.journeys import PROOF
from tests.people import an_event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HALF_A_YEAR = timedelta(days=185)
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


def known(at: datetime) -> Event:
    return an_event("customer.identified", at=at, properties={"email": "lea@example.org"})


def yes_or_no(name: str) -> Event:
    said = {"purpose": "prospecting", "channel": "email", "identifier": "lea@example.org"}
    return an_event(name, at=NOON, source="page", properties=PROOF | said)


def delivered(at: datetime) -> Event:
    told = {"order": "o-1", "items": [{"sku": "filter-a", "quantity": 1}]}
    return an_event("order.delivered", at=at, properties=told)


def test_a_yes_that_comes_in_together_with_an_old_delivery_is_known_by_then() -> None:
    heard = [known(NOON), yes_or_no("consent.given"), delivered(NOON - HALF_A_YEAR)]

    changes = live(LEA, heard, shop.house(), NOON)

    assert [decision.verdict for decision in changes.decisions] == [Verdict.ACT]


def test_a_no_that_comes_in_together_with_an_old_delivery_is_known_by_then() -> None:
    before = live(LEA, [known(NOON), yes_or_no("consent.given")], shop.house(), NOON).customer
    heard = [yes_or_no("consent.withdrawn"), delivered(NOON - HALF_A_YEAR)]

    changes = live(before, heard, shop.house(), NOON)

    assert [decision.because for decision in changes.decisions] == ["consent_withdrawn"]


def test_what_comes_while_lea_is_left_alone_starts_nothing_though_she_goes_on_in_the_same_turn() -> (
    None
):
    hours = [NOON - timedelta(hours=ago) for ago in (3, 2, 1)]
    frozen = an_event("processing.frozen", at=hours[0], source="page")
    goes_on = an_event("processing.resumed", at=hours[2], source="page")

    changes = live(LEA, [frozen, delivered(hours[1]), goes_on], shop.house(), NOON)

    assert not changes.runs
    assert not rights.is_frozen(changes.customer)
