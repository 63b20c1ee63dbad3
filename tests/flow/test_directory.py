"""People found in the record by whatever they are called, kept up by the worker."""

import random
import string
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from psycopg import Connection, Cursor

from terrain.config import read
from terrain.core.directory import fold, words_in
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey, key_of
from terrain.flow import customers, directory, reference
from terrain.flow.customers import Word
from terrain.flow.directory import search
from terrain.flow.identity import SEPARATED
from terrain.flow.take_in import Message, take_in
from terrain.flow.turn import turn
from terrain.store import directory as kept

NOW = datetime.now(UTC)
NAMES = (
    *("Léa Martin", "Omar Haddad", "Inès Lefèvre", "Camille Dupont", "Jean-Pierre Lévêque"),
    *("Anne-Sophie de La Tour", "Conan O’Brien", "Łukasz Wójcik", "Nguyễn Thị Hoa", "Søren Kierk"),
    *("Δημήτρης Παππάς", "Елена Иванова", "François L’Hôte", "Zoë Castaño", "Müller-Großmann Ute"),
)


@pytest.fixture
def house(db: Connection) -> House:
    return reference.house(db, read())


def hear(db: Connection, house: House, *messages: dict[str, Any]) -> list[CustomerKey]:
    raw = [Message(raw=msgspec.json.encode({"type": "identify", **each})) for each in messages]
    results = take_in(db, raw, "shop", NOW)
    while turn(db, house, range(BUCKETS), NOW).events:
        pass
    return [each.node for each in results if each.node]


def lea(db: Connection, house: House, **more: Any) -> CustomerKey:
    traits = {"name": "Léa Martin", "email": "lea.m@example.org", "phone": "0612345678"}
    (node,) = hear(db, house, {"userId": "u-17", "traits": {**traits, "card": "C 12-34", **more}})
    return node


def found(db: Connection, house: House, text: str) -> list[int]:
    return [hit.key.customer_id for hit in search(db, text, house).hits]


def slipped(word: str, chance: random.Random) -> str:
    at, letter = chance.randrange(len(word) - 1), chance.choice(string.ascii_lowercase)
    ways = (
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return chance.choice(ways)


@pytest.mark.parametrize(
    "text",
    [
        *("lea", "Léa Martin", "MARTIN", "Lea Marten", "martin léa", "art", "matrin", "Mme Martin"),
        *("lea.m@example.org", " LEA.M@Example.org ", "lea.m@ex", "lea@exa", "example"),
        *(
            "0612345678",
            "06 12 34 56 78",
            "+33 (0)6-12.34.56.78",
            "0033612345678",
            "tel:+33612345678",
        ),
        *("C1234", "c 12-34", "card:C1234", "u-17", "user_id:u-17", "email:lea.m@example.org"),
    ],
)
def test_lea_is_found_by_whatever_she_is_called(db: Connection, house: House, text: str) -> None:
    lea(db, house)
    hear(db, house, {"userId": "omar", "traits": {"name": "Omar Haddad"}})
    (survivor,) = kept.lines(db, [key_of(hit) for hit in found(db, house, "lea")])

    assert found(db, house, text) == [survivor.customer_id]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "%", "_", "a", "'; DROP TABLE directory; --", "<script>", "0", "-1", "9" * 400),
        *(
            "\\",
            "{1,2}",
            "lex%",
            "٣٤٥",
            "²³",
            "x" * 10_000,
            "a " * 5_000,
            "email:",
            ":",
        ),
        *("null", "undefined", "(((((", "\u202e", "🦊🦊🦊", "#", "##17", "00000000000000000"),
    ],
)
def test_nobody_is_found_by_what_is_nobodys_name(db: Connection, house: House, text: str) -> None:
    lea(db, house)

    assert found(db, house, text) == []


def test_everybody_is_found_by_each_of_their_names_and_by_each_word_with_a_slip(
    db: Connection, house: House
) -> None:
    chance = random.Random(11)  # noqa: S311 - the same slips each time
    said = [
        {
            "userId": f"user-{n}",
            "traits": {
                "name": name,
                "email": f"person{n}x@example.org",
                "phone": f"+336111111{n:02d}",
                "card": f"K{n:04d}",
            },
        }
        for n, name in enumerate(NAMES)
    ]
    hear(db, house, *said)
    for each in said:
        traits = each["traits"]
        assert isinstance(traits, dict)
        (home,) = found(db, house, str(each["userId"]))
        for text in traits.values():
            assert found(db, house, text)[:1] == [home], text
        for word in words_in(traits["name"]):
            if len(word) >= 5:
                typed = slipped(word, chance)
                assert home in found(db, house, typed), (word, typed)


def test_an_order_leads_to_whoever_placed_it(db: Connection, house: House) -> None:
    lea(db, house)
    (home,) = found(db, house, "lea")
    placed = {"type": "track", "event": "Order Completed", "userId": "u-17"}
    hear(db, house, {**placed, "properties": {"order_id": "A-1 7"}})

    for text in ("A-17", "a17", "#A-17", "order A-17", "commande n° A-17"):
        hits = search(db, text, house).hits
        assert [hit.key.customer_id for hit in hits] == [home]
        assert hits[0].fit.kind == "order"


def test_it_is_told_why_somebody_was_found(db: Connection, house: House) -> None:
    lea(db, house)

    (hit,) = search(db, "marten", house).hits
    assert (hit.called, hit.fit.kind, hit.fit.value) == ("Léa Martin", "name", "Léa Martin")
    (hit,) = search(db, "06 12 34 56 78", house).hits
    assert (hit.fit.kind, hit.fit.value, hit.fit.how) == ("phone", "+33612345678", "exact")


def test_who_is_meant_stands_before_who_is_called_nearly_so(db: Connection, house: House) -> None:
    for name in ("Anne Dupond", "Anne Dupont", "Anne Dupontel", "Paul Anne-Dupont"):
        hear(db, house, {"userId": name, "traits": {"name": name}})

    hits = [hit.called for hit in search(db, "anne dupont", house).hits]
    assert hits == ["Anne Dupont", "Paul Anne-Dupont", "Anne Dupontel", "Anne Dupond"]


def test_a_new_name_is_found_beside_the_old_one(db: Connection, house: House) -> None:
    lea(db, house)
    hear(db, house, {"userId": "u-17", "traits": {"name": "Léa Bernard"}})

    assert found(db, house, "bernard") == found(db, house, "martin") != []


def test_people_who_become_one_are_one_line_with_all_names(db: Connection, house: House) -> None:
    lea(db, house)
    hear(
        db, house, {"userId": "u-18", "traits": {"name": "Lea Bernard", "email": "lb@example.org"}}
    )
    assert len(found(db, house, "lea")) == 2
    word = Word(one="user_id:u-17", other="user_id:u-18", by="Inès", because="same person")

    customers.merge(db, word, house, NOW)
    assert found(db, house, "bernard") == found(db, house, "martin")
    assert len(found(db, house, "lea")) == 1

    customers.separate(db, word, house, NOW)
    assert found(db, house, "bernard") != found(db, house, "martin")
    assert len(found(db, house, "lea")) == 2


def test_people_whom_an_event_joins_are_one_line_at_once(db: Connection, house: House) -> None:
    hear(db, house, {"anonymousId": "v1", "traits": {"name": "Léa Martin"}})
    hear(db, house, {"userId": "u-17", "traits": {"card": "C1"}})
    hear(db, house, {"userId": "u-17", "anonymousId": "v1", "traits": {}})

    assert found(db, house, "martin") == found(db, house, "C1") == found(db, house, "v1")
    assert len(db.execute("SELECT FROM directory").fetchall()) == 1


def test_people_whom_an_event_parts_are_two_lines_at_once(db: Connection, house: House) -> None:
    traits = {"name": "Léa Martin"}
    hear(db, house, {"userId": "u-17", "anonymousId": "v1", "traits": traits})
    parted = {"other": "anonymous_id:v1"}
    house = msgspec.structs.replace(house, sources={"shop": SourceKind.STAFF_HEARD})
    hear(db, house, {"type": "track", "event": SEPARATED, "userId": "u-17", "properties": parted})
    hear(db, house, {"anonymousId": "v1", "traits": {"name": "Omar Haddad"}})

    assert len(found(db, house, "martin")) == len(found(db, house, "haddad")) == 1
    assert found(db, house, "martin") != found(db, house, "haddad") == found(db, house, "v1")


def test_whom_a_turn_joins_it_reads_only_once(db: Connection, house: House) -> None:
    asked: list[str] = []

    class Listening(Cursor[Any]):
        def execute(self, query: Any, *given: Any, **how: Any) -> Any:
            asked.append(str(query))
            return super().execute(query, *given, **how)

    db.cursor_factory = Listening
    hear(db, house, {"userId": "u-17", "anonymousId": "v1", "traits": {"name": "Léa Martin"}})

    assert len([each for each in asked if "JOIN consent" in each]) == 1
    assert len(found(db, house, "martin")) == 1


def test_a_visitor_without_a_name_has_no_line_and_is_found_by_their_number(
    db: Connection, house: House
) -> None:
    seen = {"type": "page", "anonymousId": "v-4711", "name": "home"}
    (node,) = hear(db, house, seen)

    assert db.execute("SELECT FROM directory").fetchall() == []
    assert found(db, house, "v-4711") == [node.customer_id]
    assert found(db, house, str(node.customer_id)) == [node.customer_id]


def test_what_is_forgotten_is_not_found(db: Connection, house: House) -> None:
    lea(db, house)
    (home,) = found(db, house, "martin")
    kept.forget(db, [key_of(home)])

    assert found(db, house, "martin") == []


def test_the_directory_written_anew_is_the_same(db: Connection, house: House) -> None:
    lea(db, house)
    placed = {"type": "track", "event": "order.placed", "userId": "u-17"}
    hear(db, house, {**placed, "properties": {"order": "A-17"}})
    tables = ("SELECT * FROM directory", "SELECT * FROM directory_order")
    before = [db.execute(table).fetchall() for table in tables]
    db.execute("UPDATE directory SET called = 'x', names = '{}', keys = '{}'")
    db.execute("INSERT INTO directory VALUES (0, 1, 'nobody', '{}', '{}')")
    db.execute("DELETE FROM directory_order")

    people = sum(directory.index(db, bucket, house, NOW) for bucket in range(BUCKETS))
    assert people == 1
    assert [db.execute(table).fetchall() for table in tables] == before


def test_a_turn_that_teaches_no_name_writes_no_line(db: Connection, house: House) -> None:
    lea(db, house)
    (before,) = db.execute("SELECT xmin, ctid FROM directory").fetchall()
    hear(db, house, {"userId": "u-17", "traits": {"name": "Léa Martin", "country": "BE"}})

    assert db.execute("SELECT xmin, ctid FROM directory").fetchall() == [before]


def test_so_many_are_shown_and_no_more(db: Connection, house: House) -> None:
    people = [
        {"userId": f"u{n}", "traits": {"name": f"Léa Martin{chr(97 + n % 26)}"}} for n in range(40)
    ]
    hear(db, house, *people)

    result = search(db, "lea", house)
    assert len(result.hits) == directory.MOST_SHOWN
    assert result.more


def test_a_slip_in_a_folded_name_is_forgiven_too(db: Connection, house: House) -> None:
    hear(db, house, {"userId": "g", "traits": {"name": "Ute Großmann"}})

    assert fold("Großmann") == "grossmann"
    assert len(found(db, house, "grossman")) == 1
