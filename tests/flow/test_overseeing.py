"""What a worker does beside its turns when something is wrong: tells staff, gathers needs, makes good."""

from msgspec.structs import replace

from terrain.config import read
from terrain.core.recall import Fate
from terrain.flow.worker import Worker
from terrain.store import needs, trips
from tests.flow.conftest import Sending
from tests.flow.test_recall import EVERY, Faulty
from tests.outside import PostOffice
from tests.oversight import DAY, DEPUTY, HOUR, MANAGER, OWNER, tripped
from tests.people import NOON
from tests.store.test_needs import told


def a_worker(sending: Sending, **settings: object) -> Worker:
    working = Worker(sending.record, replace(read(), **settings))
    working.buckets = list(EVERY)
    return working


def test_it_tells_staff_and_the_next_ones_up_when_nobody_answers(
    sending: Sending, post_office: PostOffice
) -> None:
    faulty = Faulty(sending)
    with faulty.record.local() as db, db.transaction():
        tripped(db)
    worker = a_worker(sending)

    for hour in range(4):
        worker.oversee(NOON + hour * HOUR)

    assert post_office.recipients[:2] in ([OWNER, DEPUTY], [DEPUTY, OWNER])
    assert post_office.recipients[2:4] == [DEPUTY, MANAGER]


def test_one_without_a_way_out_leaves_that_to_another(
    sending: Sending, post_office: PostOffice
) -> None:
    faulty = Faulty(sending)
    with faulty.record.local() as db, db.transaction():
        tripped(db)

    a_worker(sending, sends=False).oversee(NOON)
    assert post_office.mail == []
    a_worker(sending).oversee(NOON)
    assert len(post_office.mail) == 2


def test_one_that_does_not_tend_the_first_bucket_tells_nobody_but_makes_good(
    sending: Sending, post_office: PostOffice
) -> None:
    faulty = Faulty(sending)
    faulty.touched("lea")
    one = faulty.ready()
    worker = a_worker(sending)
    worker.buckets = list(range(1, 256))

    worker.oversee(NOON)

    assert [each.state for each in faulty.found(one)] == [Fate.MADE]
    assert post_office.mail == []


def test_it_looks_for_everybody_without_anybody_at_a_terminal(sending: Sending) -> None:
    faulty = Faulty(sending)
    faulty.touched("lea")
    one = faulty.opens()
    worker = a_worker(sending)

    while worker.oversee(NOON):
        pass

    assert faulty.knows(one).found_at == NOON
    assert len(faulty.found(one)) == 1


def test_it_gathers_needs(sending: Sending) -> None:
    with sending.record.local() as db, db.transaction():
        told(db, "Evening delivery", "delivery in the evening")

    assert a_worker(sending).oversee(NOON) == 2
    with sending.record.local() as db:
        assert [one.needs for one in needs.groups(db, NOON - DAY)] == [2]
        assert trips.open_ones(db) == []
