"""Léa takes her data along: everything, and what she gave; nobody else's, and nothing that bites."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import psycopg
import pytest
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.flow import export, sources
from terrain.flow.export import Form, Order, Subject
from terrain.flow.forgetting import How
from terrain.flow.freezing import by_staff
from terrain.store import acts
from terrain.store.sources import Source
from tests.erased import EMAIL, OTHER_EMAIL, PHONE, USER_ID, WORD, Planted
from tests.reminded import Reminded


@pytest.fixture
def planted(fresh_database: str, tmp_path: Path) -> Iterator[Planted]:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        yield Planted(db, tmp_path)


def subject(planted: Planted) -> Subject:
    return export.of(planted.db, planted.key, planted.house, planted.now)


def whole_of(db: Connection, one: Subject) -> bytes:
    file = io.BytesIO()
    with db.transaction():
        export.write_whole(db, one, file)
    return file.getvalue()


def whole(planted: Planted) -> Any:
    return msgspec.json.decode(whole_of(planted.db, subject(planted)))


def tables(planted: Planted) -> dict[str, list[dict[str, str]]]:
    file = io.BytesIO()
    with planted.db.transaction():
        export.write_provided(planted.db, subject(planted), file)
    with ZipFile(file) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8-sig", newline=""))
            )
            for name in archive.namelist()
            if name.endswith(".csv")
        }


# -- everything


def test_the_whole_copy_has_a_chapter_for_everything_that_is_kept(planted: Planted) -> None:
    assert list(whole(planted)) == [
        *("format", "made_at", "customer", "facts", "wishes", "consents"),
        *("events", "decisions", "acts", "questions", "tasks", "runs"),
        *("signals", "flags", "needs", "recalls"),
    ]


# Which chapter tells what stands in each table that has customers.
TOLD_IN = {
    "customer": "customer alias identifier identity_edge erasure",
    "facts": "claim evidence",
    "consents": "consent",
    "events": "event pending",
    "decisions": "decision",
    "acts": "act",
    "questions": "question",
    "tasks": "task",
    "runs": "run",
    "signals": "signal loose_signal",
    "flags": "flag",
    "needs": "need",
    "recalls": "recalled",
    # By which she is found, and what is counted of her needs: made of what stands above.
    "": "directory directory_order served",
}


def test_every_table_with_customers_has_its_chapter(planted: Planted) -> None:
    rows = planted.db.execute(
        """
        SELECT table_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'customer_id'
        """
    )
    told = {table for tables in TOLD_IN.values() for table in tables.split()}

    assert {table for (table,) in rows} - {"audit"} == told
    assert set(TOLD_IN) - {""} <= set(whole(planted))


def test_what_came_back_names_its_act_where_one_is_known(planted: Planted) -> None:
    came_back = {each["kind"]: each for each in whole(planted)["signals"]}

    assert came_back["complaint"]["act_id"]
    assert came_back["spam"]["automation"] == ""


def test_of_a_flag_it_does_not_say_who_pulled_it(planted: Planted) -> None:
    (flag,) = whole(planted)["flags"]

    assert flag["words"] == WORD
    assert not flag.keys() & {"puller", "answered_by", "said_by"}


def test_every_chapter_says_something_of_her(planted: Planted) -> None:
    said = whole(planted)

    assert [name for name in said if not said[name]] == []


def test_merged_names_are_all_hers(planted: Planted) -> None:
    names = {name["value"] for name in whole(planted)["customer"]["names"]}

    assert {EMAIL, USER_ID, PHONE} <= names


def test_each_fact_says_who_says_it_and_since_when(planted: Planted) -> None:
    facts = {fact["fact"]: fact for fact in whole(planted)["facts"]}

    assert {claim["value"] for claim in facts["email"]["claims"]} >= {EMAIL, OTHER_EMAIL.lower()}
    assert facts["name"]["claims"][0]["source"] == "shop"
    assert facts["name"]["believed"]["value"] == WORD


def test_each_event_stands_there_as_it_came(planted: Planted) -> None:
    events = {event["message_id"]: event for event in whole(planted)["events"]}

    assert events["p7"]["said"]["properties"] == {"text": WORD}
    assert list(events) == sorted(events, key=lambda name: (events[name]["at"], name))


def test_a_consent_stands_there_with_its_proof(planted: Planted) -> None:
    (consent,) = whole(planted)["consents"]

    assert (consent["wording"], consent["identifier"], consent["given"]) == (WORD, EMAIL, True)


def test_a_decision_stands_there_with_every_reason(planted: Planted) -> None:
    lea = Reminded(planted.db, "lea-too", "Léa")
    known = export.of(planted.db, lea.key, planted.house, planted.now)
    (decision,) = msgspec.json.decode(whole_of(planted.db, known))["decisions"]

    assert (decision["verdict"], decision["because"]) == ("act", "sure_enough")
    assert decision["facts"][0]["value"] == "12 rue des Lilas"


def test_nothing_of_another_customer_is_in_it(planted: Planted) -> None:
    assert b"omar" not in whole_of(planted.db, subject(planted)).lower()


def test_of_staff_it_says_only_that_it_was_staff(planted: Planted) -> None:
    sources.declare(planted.db, [Source(name="desk", kind=SourceKind.STAFF_HEARD)])
    took = {"who": "Inès Bernard", "by": "Inès Bernard"}
    planted.hears(
        {
            "type": "track",
            "event": "person.took_charge",
            "userId": USER_ID,
            "messageId": "s1",
            "properties": took,
        },
        source="desk",
    )
    planted.works()

    text = whole_of(planted.db, subject(planted)).decode()
    assert "Inès" not in text
    assert '"who":"staff"' in text


def test_the_name_of_whom_she_was_taken_for_is_not_in_it(planted: Planted) -> None:
    sources.declare(planted.db, [Source(name="desk", kind=SourceKind.STAFF_HEARD)])
    apart = {"other": "user_id:omar", "by": "Inès", "because": "two people"}
    planted.hears(
        {
            "type": "track",
            "event": "identity.separated",
            "userId": USER_ID,
            "messageId": "s2",
            "properties": apart,
        },
        source="desk",
    )
    planted.works()

    assert b"omar" not in whole_of(planted.db, subject(planted))


def test_no_address_or_key_of_a_system_is_in_it(planted: Planted) -> None:
    standing = acts.find(planted.db, planted.key, 103)
    assert standing is not None
    content = {"url": "https://secret.example/hook?key=1", "payload": {"order": "A-1"}}
    act = msgspec.structs.replace(standing.act, act_id=999, content=content)
    acts.queue(planted.db, [act], planted.now)

    text = whole_of(planted.db, subject(planted)).decode()
    assert "secret.example" not in text
    assert '"order":"A-1"' in text


def test_the_same_record_gives_the_same_bytes(planted: Planted) -> None:
    one = subject(planted)

    assert whole_of(planted.db, one) == whole_of(planted.db, one)


def test_erasing_lea_leaves_omars_export_byte_for_byte_what_it_was(planted: Planted) -> None:
    omar = planted.omar.key
    before = whole_of(planted.db, export.of(planted.db, omar, planted.house, planted.now))
    planted.asks(days=0)
    assert planted.erases(0) is How.GONE

    after = whole_of(planted.db, export.of(planted.db, omar, planted.house, planted.now))
    assert after == before


# -- what she gave


def test_the_tables_hold_what_she_told_and_did(planted: Planted) -> None:
    found = tables(planted)

    assert {row["value"] for row in found["names"]} >= {EMAIL, USER_ID, f"'{PHONE}"}
    assert {row["fact"] for row in found["facts"]} >= {"email"}
    assert [row["wording"] for row in found["consents"]] == [WORD]


def test_what_was_only_supposed_is_not_among_what_she_gave(planted: Planted) -> None:
    sources.declare(planted.db, [Source(name="platform", kind=SourceKind.INFERRED)])
    guess = {"fact": "pet", "value": "a dog"}
    planted.hears(
        {
            "type": "track",
            "event": "fact.stated",
            "userId": USER_ID,
            "messageId": "g1",
            "properties": guess,
        },
        source="platform",
    )
    planted.works()

    found = tables(planted)
    assert "pet" not in {row["fact"] for row in found["facts"]}
    assert "g1" not in {row["message_id"] for row in found["events"]}
    assert b"a dog" in whole_of(planted.db, subject(planted))


def test_a_formula_in_her_own_name_is_defused_in_the_tables(planted: Planted) -> None:
    planted.hears(
        {
            "type": "identify",
            "userId": USER_ID,
            "messageId": "f1",
            "traits": {"name": '=HYPERLINK("https://evil.example")'},
        }
    )
    planted.works()

    cells = [row["value"] for row in tables(planted)["facts"] if row["fact"] == "name"]
    assert '\'=HYPERLINK("https://evil.example")' in cells
    assert not [each for each in cells if each.startswith("=")]


def test_quotes_commas_and_lines_stay_one_cell(planted: Planted) -> None:
    planted.hears(
        {
            "type": "identify",
            "userId": USER_ID,
            "messageId": "f2",
            "traits": {"name": 'Léa "la", Martin\nde Paris'},
        }
    )
    planted.works()

    cells = [row["value"] for row in tables(planted)["facts"] if row["fact"] == "name"]
    assert 'Léa "la", Martin\nde Paris' in cells


# -- handing it over


def test_handing_it_over_is_noted_and_told_to_her_own_address(planted: Planted) -> None:
    file = io.BytesIO()
    with planted.db.transaction():
        name = export.hand_over(planted.db, planted.key, subject(planted), Order(Form.WHOLE), file)

    assert name == f"{planted.key.customer_id}-{planted.now:%Y-%m-%d}.json"
    assert "data.exported" in {event["name"] for event in whole(planted)["events"]}
    assert "data-handed-over" in {act.name for act in acts.waiting(planted.db)}


def test_staff_who_hand_it_over_are_not_announced_to_her(planted: Planted) -> None:
    order = Order(Form.PROVIDED, by_staff("Inès"))
    with planted.db.transaction():
        export.hand_over(planted.db, planted.key, subject(planted), order, io.BytesIO())

    assert "data-handed-over" not in {act.name for act in acts.waiting(planted.db)}


def test_a_later_event_is_in_a_later_export(planted: Planted) -> None:
    before = len(whole(planted)["events"])
    planted.now += timedelta(minutes=1)
    planted.hears({"type": "track", "event": "seen", "userId": USER_ID, "messageId": "l1"})

    assert len(whole(planted)["events"]) == before + 1
