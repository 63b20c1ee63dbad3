"""Needs as rows: where each stands, and that what a person decided stays."""

from psycopg import Connection

from terrain.core.need import Need
from terrain.flow import needs as gathering
from terrain.store import needs
from tests.oversight import DAY, MINUTE, customers
from tests.people import NOON

SAID = ("Evening delivery", "delivery in the evening", "an invoice for my company")


def told(db: Connection, *words: str) -> list[Need]:
    keys = customers(db, len(words))
    some = [
        Need(node=key, need_id=place + 1, at=NOON + place * MINUTE, words=text)
        for place, (key, text) in enumerate(zip(keys, words, strict=True))
    ]
    assert needs.keep(db, some) == len(some)
    return some


def test_they_are_gathered_by_likeness_and_each_once(db: Connection) -> None:
    some = told(db, *SAID)

    assert gathering.gather(db, NOON) == 3
    assert gathering.gather(db, NOON) == 0
    assert needs.keep(db, some) == 0
    assert [one.needs for one in needs.groups(db, NOON - DAY)] == [2, 1]


def test_the_order_in_which_they_came_decides_which_group_is_older(db: Connection) -> None:
    told(db, *SAID)
    gathering.gather(db, NOON, most=1)
    (first,) = needs.groups(db, NOON - DAY)

    gathering.gather(db, NOON)

    assert needs.groups(db, NOON - DAY)[0].group_id == first.group_id


def test_a_group_says_by_which_words_it_holds(db: Connection) -> None:
    told(db, *SAID)
    gathering.gather(db, NOON)

    found = gathering.listed(db, NOON - DAY)
    assert found[0].words == ("delivery", "evening")
    assert found[0].said == SAID[:2]


def test_what_was_parted_by_hand_is_not_put_back(db: Connection) -> None:
    first, *_ = told(db, *SAID)
    gathering.gather(db, NOON)
    alone = gathering.part(db, first.need_id, NOON)

    gathering.gather(db, NOON)

    kept = needs.find(db, first.need_id)
    assert kept
    assert (kept.group_id, kept.by_hand) == (alone, True)


def test_merging_in_small_steps_moves_all(db: Connection) -> None:
    told(db, *SAID)
    gathering.gather(db, NOON)
    evening, invoice = (one.group_id for one in needs.groups(db, NOON - DAY))

    assert needs.merge(db, evening, invoice, most=1) == 1
    assert gathering.merge(db, evening, invoice) == 1
    assert len(needs.of_group(db, invoice)) == 3


def test_merging_a_group_with_itself_moves_nothing(db: Connection) -> None:
    told(db, *SAID)
    gathering.gather(db, NOON)
    evening = needs.groups(db, NOON - DAY)[0].group_id

    assert gathering.merge(db, evening, evening) == 0


def test_one_customer_who_says_it_often_is_one_customer(db: Connection) -> None:
    (key,) = customers(db, 1)
    often = [
        Need(node=key, need_id=number, at=NOON + number * MINUTE, words="Evening delivery")
        for number in range(1, 5)
    ]
    needs.keep(db, often)
    gathering.gather(db, NOON)

    (group,) = needs.groups(db, NOON - DAY)
    assert (group.needs, group.customers) == (4, 1)


def test_old_needs_are_not_shown_and_nothing_is_nothing(db: Connection) -> None:
    assert needs.groups(db, NOON - DAY) == []
    assert needs.keep(db, []) == 0
    told(db, *SAID)
    gathering.gather(db, NOON)
    assert needs.groups(db, NOON + DAY) == []
