"""Inès looks Léa up, joins two of her accounts, and takes it back."""

from datetime import timedelta

import pytest
from psycopg import Connection

from terrain.core.event import Event
from terrain.core.identifier import BUCKETS, Identifier, Kind
from terrain.flow import customers, hearing, identity
from terrain.flow.customers import InOtherHands, NobodyOfThatName, SameName, Word
from terrain.flow.take_in import said, take_in
from terrain.store import claims, pending
from tests.people import LEA, NOON, OMAR, a_claim, a_house

HOUSE = a_house()
LATER = NOON + timedelta(hours=1)


def word(one: str = "user_id:lea", other: str = "user_id:omar") -> Word:
    return Word(one=one, other=other, by="ines", because="she told me so")


def heard(db: Connection, *events: tuple[str, list[Identifier]]) -> None:
    """Take in what these events say and let it hold, as a worker would."""
    take_in(db, [said("seen", who, NOON, message) for message, who in events], "shop", NOON)
    handle(db)


def handle(db: Connection) -> list[Event]:
    waiting = pending.first(db, range(BUCKETS), 100)
    taken = identity.take(db, {one.node for one in waiting})
    found = [hearing.event_of(one, HOUSE.catalogue, "FR") for one in pending.take(db, waiting)]
    assert identity.join(db, found, taken, HOUSE, NOON).deferred == frozenset()
    return found


def test_a_customer_is_found_by_any_name_and_by_number(db: Connection) -> None:
    heard(db, ("m1", [LEA, Identifier(Kind.EMAIL, "lea@example.org")]))
    by_mail = customers.find(db, "Lea@Example.org", HOUSE)
    found = customers.show(db, "lea", HOUSE, NOON)

    assert by_mail in found.customer.nodes
    assert customers.find(db, f"#{found.customer.key.customer_id}", HOUSE) == found.customer.key
    assert {edge.because for edge in found.edges} == {"seen_together"}


@pytest.mark.parametrize("name", ["lea@example.org", "123456789012345678", "#12", "", "user_id:x"])
def test_nobody_bears_a_name_that_nobody_bears(db: Connection, name: str) -> None:
    with pytest.raises(NobodyOfThatName):
        customers.find(db, name, HOUSE)


def test_what_is_known_is_shown_with_who_says_so(db: Connection) -> None:
    heard(db, ("m1", [LEA]))
    node = customers.find(db, "lea", HOUSE)
    claims.save(db, [(node, a_claim("cat", "page", fact="pet"))])
    (belief,) = customers.show(db, "lea", HOUSE, NOON).beliefs

    assert (belief.value, belief.holder.source) == ("cat", "page")


def test_accounts_are_joined_by_a_person_and_parted_again(db: Connection) -> None:
    heard(db, ("m1", [LEA]), ("m2", [OMAR]))

    assert customers.merge(db, word(), HOUSE, NOON)
    assert len(customers.show(db, "lea", HOUSE, NOON).customer.nodes) == 2
    assert customers.separate(db, word(), HOUSE, LATER)
    assert len(customers.show(db, "lea", HOUSE, NOON).customer.nodes) == 1


def test_the_word_is_an_event_and_the_worker_finds_it_done(db: Connection) -> None:
    heard(db, ("m1", [LEA]), ("m2", [OMAR]))
    customers.merge(db, word(), HOUSE, NOON)
    before = db.execute("SELECT * FROM identity_edge").fetchall()
    (event,) = handle(db)

    assert event.properties == {"other": "user_id:omar", "by": "ines", "because": "she told me so"}
    assert db.execute("SELECT * FROM identity_edge").fetchall() == before


def test_one_name_cannot_be_parted_from_itself(db: Connection) -> None:
    heard(db, ("m1", [LEA]))
    with pytest.raises(SameName):
        customers.separate(db, word(other="lea"), HOUSE, NOON)


def test_what_a_worker_holds_is_refused_for_now(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(db, ("m1", [LEA]), ("m2", [OMAR]))
    monkeypatch.setattr(identity, "take", lambda *_: {})
    with pytest.raises(InOtherHands):
        customers.merge(db, word(), HOUSE, NOON)
