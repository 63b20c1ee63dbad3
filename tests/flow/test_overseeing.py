"""What a worker does beside its turns when something is wrong: tells staff, gathers needs, makes good."""

from datetime import timedelta

from msgspec.structs import replace

from terrain.config import read
from terrain.core.recall import Fate
from terrain.flow.worker import Worker
from terrain.store import automations, counters, needs, trips
from terrain.store.counters import What
from tests.flow.conftest import Sending
from tests.flow.test_recall import EVERY, Faulty
from tests.flow.test_weekly import MONDAY
from tests.outside import PostOffice, Receiving
from tests.oversight import (
    AUTOMATION,
    DAY,
    DEPUTY,
    HOUR,
    MANAGER,
    OWNER,
    a_house_that_watches,
    tripped,
)
from tests.people import NOON
from tests.store.test_needs import told
from tests.watched import an_automation


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


def test_from_the_counters_to_the_letter_the_webhook_and_the_monday_after(
    sending: Sending, post_office: PostOffice, receiving: Receiving
) -> None:
    """Nothing in between is ours to help with: acts and complaints are counted, and the worker looks."""
    with sending.record.local() as db:
        a_house_that_watches(db, now=NOON - 60 * DAY)
        automations.add_version(db, an_automation(AUTOMATION), "", NOON - 59 * DAY)
        for ago in range(48, 0, -1):
            seen = [What(AUTOMATION, 2, "act.left")] * 100
            seen += [What(AUTOMATION, 2, "signal.complaint")] * (3 if ago <= 8 else 0)
            counters.add(db, counters.counts(1, NOON - ago * DAY, seen))
    worker = a_worker(sending, watch_url=receiving.url)

    # Older days are read a part of the automations at a time.
    for look in range(24):
        worker.oversee(NOON + timedelta(seconds=5 * look))

    letter = next(one for one in post_office.messages if one["To"] == OWNER)
    text = letter.get_body(("plain",))
    assert letter["Subject"] == f"{AUTOMATION} is stopped"
    assert text is not None
    assert "24 of 800 (complaints); at most 2.4 expected" in text.get_content()
    assert [part for part in letter.walk() if part.get_content_type() == "image/png"]
    (call,) = receiving.heard
    assert b'"cause":"meter"' in call.body

    worker.oversee(MONDAY)
    weekly = [one for one in post_office.messages if one["Message-ID"].startswith("<weekly.")]
    assert {one["To"] for one in weekly} == {OWNER, DEPUTY, MANAGER}
