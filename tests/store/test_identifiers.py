"""Which node a name leads to, whoever asks and however many at once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import Connection

from terrain.core.identifier import Identifier, Kind, key_of
from terrain.store import customers, identifiers
from terrain.store.identifiers import resolve
from tests.people import LEA, NOON, OMAR


def test_a_name_leads_to_the_same_node_for_ever(db: Connection) -> None:
    first = resolve(db, [LEA, OMAR], NOON)
    again = resolve(db, [OMAR, LEA, LEA], NOON)

    assert first == again
    assert first[LEA] != first[OMAR]


def test_a_new_node_is_its_own_survivor_and_knows_its_name(db: Connection) -> None:
    node = resolve(db, [LEA], NOON)[LEA]

    assert customers.survivors(db, [node]) == {node: node}
    assert customers.names(db, [node]) == {node: LEA}


def test_the_same_value_of_two_kinds_is_two_names(db: Connection) -> None:
    names = [Identifier(Kind.USER_ID, "7"), Identifier(Kind.CARD, "7")]

    assert len(set(resolve(db, names, NOON).values())) == 2


def test_an_id_that_belongs_to_somebody_else_is_given_back(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = resolve(db, [OMAR], NOON)[OMAR]
    proposals = iter([{taken.customer_id}, {12345}])
    monkeypatch.setattr(identifiers, "_fresh_ids", lambda *_: list(next(proposals)))

    assert resolve(db, [LEA], NOON)[LEA] == key_of(12345)
    assert resolve(db, [OMAR], NOON)[OMAR] == taken


def test_many_who_ask_at_once_are_told_the_same(fresh_database: str) -> None:
    names = [Identifier(Kind.USER_ID, str(number)) for number in range(200)]

    def ask(turn: int) -> list[object]:
        with psycopg.connect(fresh_database) as db:
            found = resolve(db, names[::-1] if turn % 2 else names, NOON)
            db.commit()
            return [found[name] for name in names]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0])) == 200


def test_whoever_crashed_before_the_node_was_written_is_repaired(db: Connection) -> None:
    db.execute(
        "INSERT INTO identifier (bucket, kind, value, customer_id) VALUES (%s, 'user_id', 'lea', 9)",
        [LEA.bucket],
    )
    identifiers._make(db, [LEA], NOON)

    assert customers.survivors(db, [key_of(9)]) == {key_of(9): key_of(9)}
