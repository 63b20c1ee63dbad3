"""Léa asks to be left alone: from the word on nothing automated happens to her, until she says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core import rights
from terrain.core.act import Lane
from terrain.core.consent import Purpose
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, key_of
from terrain.flow import freezing, gating, own_page, reference
from terrain.flow.freezing import by_staff, freeze, go_on
from terrain.flow.own_page import NobodyThere
from terrain.store import acts, tasks
from tests.erased import Planted
from tests.flow.conftest import Sending, a_letter
from tests.people import NOON
from tests.reminded import ACT, Reminded

NOW = datetime.now(UTC)


@pytest.fixture
def lea(fresh_database: str) -> Iterator[Reminded]:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        yield Reminded(db)


def house(db: Connection) -> House:
    return reference.house(db, read())


def is_frozen(lea: Reminded) -> bool:
    customer = own_page.load(lea.db, lea.key, house(lea.db), datetime.now(UTC))
    return rights.is_frozen(customer)


def says_freeze(lea: Reminded) -> None:
    with lea.db.transaction():
        freeze(lea.db, lea.key, house(lea.db), datetime.now(UTC))


def says_go_on(lea: Reminded) -> None:
    with lea.db.transaction():
        go_on(lea.db, lea.key, house(lea.db), datetime.now(UTC))


def test_it_holds_before_any_worker_has_heard_of_it(lea: Reminded) -> None:
    says_freeze(lea)

    assert is_frozen(lea)


def test_a_worker_that_hears_of_it_learns_nothing_new(lea: Reminded) -> None:
    says_freeze(lea)
    before = lea.db.execute("SELECT count(*) FROM claim").fetchone()
    lea.work()

    assert lea.db.execute("SELECT count(*) FROM claim").fetchone() == before
    assert is_frozen(lea)


def test_what_was_queued_stays_and_what_a_sender_has_looked_at_does_not_leave(
    lea: Reminded,
) -> None:
    due = lea.now + timedelta(days=1, seconds=1)
    (standing,) = acts.ready(lea.db, range(BUCKETS), Lane.USUAL, due, 9)
    with lea.db.transaction():
        freeze(lea.db, lea.key, house(lea.db), due)

    assert acts.mark_leaving(lea.db, [standing.act], due, due + timedelta(minutes=2)) == {}
    assert lea.state_of_act() == "queued"


def test_at_the_door_the_gates_hold_it(lea: Reminded) -> None:
    says_freeze(lea)
    customer = own_page.load(lea.db, lea.key, house(lea.db), lea.now)
    standing = acts.find(lea.db, lea.key, ACT)
    assert standing is not None

    service = replace(standing.act, purpose=Purpose.SERVICE)
    ending = gating.held(service, customer, house(lea.db), lea.now)
    assert ending is not None
    assert (ending.state, ending.because) == ("queued", "frozen")


def test_she_lets_it_go_on(lea: Reminded) -> None:
    says_freeze(lea)
    says_go_on(lea)

    assert not is_frozen(lea)
    standing = acts.find(lea.db, lea.key, ACT)
    assert standing is not None
    assert standing.because == ""


def test_what_came_in_meanwhile_is_heard_then(lea: Reminded) -> None:
    lea.buys_a_filter()
    says_freeze(lea)
    lea.now = datetime.now(UTC)
    lea.hear("order.delivered", order="order-2", items=[{"sku": "filter-a", "quantity": 2}])
    frozen = lea.work().runs
    says_go_on(lea)
    after = lea.work().runs

    assert len(after) > len(frozen)


def test_letting_go_on_what_never_stopped_changes_nothing(lea: Reminded) -> None:
    says_go_on(lea)

    assert not is_frozen(lea)


def test_what_law_demands_leaves_all_the_same(lea: Reminded) -> None:
    standing = acts.find(lea.db, lea.key, ACT)
    assert standing is not None
    bound = replace(standing.act, act_id=77, purpose=Purpose.LEGAL_OBLIGATION)
    acts.queue(lea.db, [bound], lea.now)
    says_freeze(lea)

    due = lea.now + timedelta(days=1, seconds=1)
    assert acts.mark_leaving(lea.db, [bound], due, due + timedelta(minutes=2)) == {77: 1}


def test_a_letter_to_who_is_left_alone_stays_in_the_outbox(sending: Sending) -> None:
    key = sending.customer("lea")
    letter = a_letter(key)
    sending.queue(letter)
    with sending.record.local() as db, db.transaction():
        freeze(db, key, sending.house, NOON)
    sending.send_all()

    assert (sending.standing(letter).state, sending.standing(letter).because) == (
        "queued",
        "frozen",
    )


def test_staff_ask_on_her_behalf_and_their_name_is_kept(lea: Reminded) -> None:
    with lea.db.transaction():
        freeze(lea.db, lea.key, house(lea.db), NOW, by_staff("Inès"))

    rows = lea.db.execute(
        "SELECT source, payload FROM event WHERE name = 'processing.frozen'"
    ).fetchall()
    assert [(source, b'"by":"In\xc3\xa8s"' in payload) for source, payload in rows] == [
        ("desk", True)
    ]
    assert by_staff("Inès").kind is SourceKind.STAFF_HEARD


def test_nobody_cannot_be_left_alone(lea: Reminded) -> None:
    with pytest.raises(NobodyThere):
        freeze(lea.db, key_of(1), house(lea.db), NOW)


def test_a_right_asked_for_by_mail_is_a_task_due_within_a_month(lea: Reminded) -> None:
    lea.hear("right.asked", source="desk", right="access", text="by mail")
    lea.work()

    (task,) = [one for one in tasks.open_ones(lea.db) if one.kind == "right"]
    assert task.due_at is not None
    assert timedelta(days=27) < task.due_at - lea.now < timedelta(days=32)


def test_an_erasure_taken_back_leaves_her_own_wish_to_be_left_alone(
    fresh_database: str, tmp_path: Path
) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        planted = Planted(db, tmp_path)
        with db.transaction():
            freeze(db, planted.key, planted.house, datetime.now(UTC))
        planted.asks()
        with db.transaction():
            freezing.take_up(
                db,
                planted.key,
                planted.house,
                datetime.now(UTC),
                freezing.Word(rights.ERASURE_TAKEN_BACK),
            )
        customer = own_page.load(db, planted.key, planted.house, datetime.now(UTC))

    assert rights.is_frozen_by_wish(customer)
