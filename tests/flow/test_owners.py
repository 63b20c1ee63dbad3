"""Who answers for which automation: somebody always does."""

import pytest
from psycopg import Connection

from terrain.core.breaker import Person
from terrain.core.staff import Role
from terrain.flow import breaker, owners
from terrain.store import automations
from tests.oversight import AUTOMATION, a_house_that_watches, an_automation
from tests.people import NOON


@pytest.fixture
def house(db: Connection) -> Connection:
    a_house_that_watches(db)
    automations.add_version(db, an_automation("orphan", owner="gone@example.org"), "", NOON)
    db.execute("UPDATE staff SET is_active = false WHERE name = 'Omar'")
    return db


def theirs(db: Connection, name: str, *names: str) -> set[str]:
    everybody = breaker.everybody(db)
    who = next(one for one in everybody if one.name == name)
    return owners.theirs(db, who, names, everybody)


def test_its_owner_answers_and_a_manager_for_all(house: Connection) -> None:
    assert theirs(house, "Camille", AUTOMATION) == {AUTOMATION}
    assert theirs(house, "Nadia", AUTOMATION, "orphan") == {AUTOMATION, "orphan"}
    assert theirs(house, "Ada", AUTOMATION, "orphan") == set()


def test_where_nobody_it_names_works_here_every_owner_does(house: Connection) -> None:
    assert theirs(house, "Camille", "orphan", "of another system") == {
        "orphan",
        "of another system",
    }


def test_of_nothing_nobody_has_to_answer(house: Connection) -> None:
    assert theirs(house, "Camille") == theirs(house, "Nadia") == set()


def test_a_name_is_as_good_as_an_address_however_it_is_written() -> None:
    camille = Person(staff_id=1, name="Camille", email="camille@example.org")
    for said in ("camille", " CAMILLE@example.org ", "Camille"):
        assert owners.is_theirs(camille, (said, ""), [camille])
        assert owners.is_theirs(camille, ("", said), [camille])
    assert not owners.is_theirs(camille, ("omar", "camille"), [])


def test_whoever_is_neither_does_not_answer_beside_one_who_is() -> None:
    camille = Person(staff_id=1, name="Camille", email="c@x", roles=frozenset({Role.OWNER}))
    omar = Person(staff_id=2, name="Omar", email="o@x", roles=frozenset({Role.OWNER}))

    assert not owners.is_theirs(omar, ("Camille", ""), [camille, omar])
    assert owners.is_theirs(omar, ("Zoé", ""), [camille, omar])
