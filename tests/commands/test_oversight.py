"""What is typed when something is wrong: flags, needs, recalls, and letting an automation go on."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from terrain import cli
from terrain.core.identifier import Identifier, Kind
from terrain.core.recall import Fate
from terrain.flow import flagging
from terrain.flow.flagging import Pull
from terrain.flow.take_in import said, take_in
from terrain.flow.turn import turn
from terrain.store import acts, decisions, recalled
from terrain.store.identifiers import resolve
from tests.flow.conftest import a_letter
from tests.flow.test_recall import a_decision
from tests.oversight import AUTOMATION, DAY, a_house_that_watches, the_settings
from tests.people import a_house
from tests.typing_at_the_terminal import Typed

LEA = Identifier(Kind.EMAIL, "lea@example.org")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def flag(fresh_database: str, now: datetime) -> int:
    """Return a flag that Inès raised about Léa."""
    with psycopg.connect(fresh_database) as db:
        a_house_that_watches(db, now=now)
        key = resolve(db, [LEA], now)[LEA]
        pulled = Pull(node=key, automation=AUTOMATION, reason="wrong_fact", text="not hers", who=5)
        return flagging.pull(db, pulled, the_settings(), now).flag_id


@pytest.fixture
def touched(fresh_database: str, now: datetime) -> str:
    """Let the automation have written to Léa; return where that is kept."""
    with psycopg.connect(fresh_database) as db:
        a_house_that_watches(db, now=now - 9 * DAY)
        key = resolve(db, [LEA], now)[LEA]
        decided = a_decision(key, at=now - DAY)
        decisions.save(db, [decided])
        act = a_letter(key, decision_id=decided.decision_id, due_at=now + DAY)
        acts.queue(db, [act], now)
    return fresh_database


def assert_nothing_is_raw(*pages: str) -> None:
    """Refuse codes as programs write them, and times without a place."""
    for page in pages:
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|\d{4}-\d{2}-\d{2}", page), page


# -- flags -----------------------------------------------------------------------------------------


def test_camille_reads_a_flag_and_answers_it(typed: Typed, flag: int) -> None:
    assert "un fait inexact" in typed("flags", "list")[1]
    shown = typed("flags", "show", str(flag))[1]
    assert "not hers" in shown
    assert_nothing_is_raw(typed("flags", "list")[1], shown)
    assert typed("flags", "list", "--json")[0]["reason"] == "wrong_fact"

    told = typed("flags", "answer", str(flag), "You are right.", "--by", "Camille", "--json")

    assert (told["answer"], told["answered_by"]) == ("You are right.", "Camille")
    assert typed("flags", "list", "--json") == []
    assert len(typed("flags", "list", "--automation", AUTOMATION, "--json")) == 1


def test_nothing_that_is_printed_leads_to_whoever_pulled(typed: Typed, flag: int) -> None:
    for answer in (typed("flags", "list", "--json"), typed("flags", "show", str(flag), "--json")):
        assert "puller" not in str(answer)
        assert "said_by" not in str(answer)


def test_a_flag_is_answered_once_and_a_wrong_number_is_refused(typed: Typed, flag: int) -> None:
    typed("flags", "answer", str(flag), "You are right.", "--by", "Camille")

    code, told = typed("flags", "answer", str(flag), "So they are.", "--by", "Omar")
    assert code == cli.REFUSED
    assert "Camille" in told
    assert typed("flags", "show", "404")[0] == cli.REFUSED


def test_without_flags_it_says_so(typed: Typed) -> None:
    assert "Rien n’est signalé." in typed("flags", "list")[1]


# -- needs -----------------------------------------------------------------------------------------


@pytest.fixture
def needs(fresh_database: str, now: datetime) -> None:
    words = ["Livraison le soir", "on veut la livraison du soir", "Une facture pour mon entreprise"]
    with psycopg.connect(fresh_database) as db:
        names = [Identifier(Kind.EMAIL, f"c{number}@example.org") for number in range(3)]
        told = [
            said("need.seen", [name], now, f"need-{name.value}", properties={"text": text})
            for name, text in zip(names, words, strict=True)
        ]
        take_in(db, told, "shop", now)
        turn(db, a_house(), range(256), now)


@pytest.mark.usefixtures("needs")
def test_needs_that_are_alike_are_counted_together_with_the_words_that_say_so(
    typed: Typed,
) -> None:
    found = typed("needs", "list", "--json")

    assert [(one["customers"], one["needs"]) for one in found] == [(2, 2), (1, 1)]
    assert found[0]["words"] == ["livraison", "soir"]


@pytest.mark.usefixtures("needs")
def test_a_person_puts_them_together_and_parts_them_and_that_stays(typed: Typed) -> None:
    evening, invoice = (str(one["group_id"]) for one in typed("needs", "list", "--json"))

    assert typed("needs", "merge", invoice, evening, "--json")["moved"] == 1
    members = typed("needs", "show", evening, "--json")
    assert len(members) == 3
    typed("needs", "part", str(members[0]["need_id"]))

    groups = typed("needs", "list", "--json")
    assert sorted(one["needs"] for one in groups) == [1, 2]
    assert typed("needs", "show", "404")[0] == cli.REFUSED
    assert typed("needs", "part", "404")[0] == cli.REFUSED
    assert typed("needs", "merge", evening, "404")[0] == cli.REFUSED


def test_without_needs_it_says_so(typed: Typed) -> None:
    assert "Aucun besoin" in typed("needs", "list")[1]


# -- recall ----------------------------------------------------------------------------------------


def opened(typed: Typed, now: datetime) -> Any:
    since = f"{now - timedelta(days=5):%Y-%m-%d}"
    because = "the wrong product was named"
    given = ("--because", because, "--since", since, "--by", "Camille", "--json")
    return typed("recall", "new", AUTOMATION, *given)


def a_remedy(folder: Path) -> str:
    file = folder / "sorry.yaml"
    file.write_text(
        "kind: message\nwords:\n"
        "  en: {subject: We were wrong, body: 'Hello, sorry.'}\n"
        "  fr: {subject: Notre erreur, body: 'Bonjour, pardon.'}\n"
    )
    return str(file)


def test_a_recall_from_the_first_word_to_the_page_for_the_board(
    typed: Typed, touched: str, now: datetime, tmp_path: Path
) -> None:
    told = opened(typed, now)
    number = told["recall"]
    assert (told["state"], told["found"]["people"], told["found"]["acts_stopped"]) == (
        "found",
        1,
        1,
    )

    typed("recall", "prepare", number, a_remedy(tmp_path), "--by", "Camille")
    (shown,) = typed("recall", "preview", number, "--json")
    assert shown["subject"] in ("We were wrong", "Notre erreur")
    assert typed("recall", "approve", number, "--json")["state"] == "approved"
    assert typed("recall", "send", number, "--json")["people"] == 1

    with psycopg.connect(touched) as db:
        assert [one.state for one in recalled.people(db, int(number))] == [Fate.FOUND]
    page = typed("recall", "show", number, "--people")[1]
    assert "Camille" in page
    assert "lea@example.org" not in page
    assert_nothing_is_raw(page, typed("recall", "preview", number)[1], typed("recall", "list")[1])
    assert len(typed("recall", "show", number, "--people", "--json")["each"]) == 1
    assert [one["state"] for one in typed("recall", "list", "--json")] == ["sending"]


def test_a_recall_can_be_stopped(typed: Typed, touched: str, now: datetime, tmp_path: Path) -> None:
    assert touched
    number = opened(typed, now)["recall"]
    typed("recall", "prepare", number, a_remedy(tmp_path))
    typed("recall", "preview", number)
    typed("recall", "approve", number)
    typed("recall", "send", number)

    assert typed("recall", "stop", number, "--because", "wrong")[0] == cli.REFUSED
    why = ("--because", "the words named another shop")
    assert typed("recall", "stop", number, *why, "--json")["stopped"] == 1
    assert typed("recall", "send", number)[0] == cli.REFUSED
    assert typed("recall", "list", "--json")[0]["state"] == "stopped"
    assert "arrêté" in typed("recall", "list")[1]
    assert "the words named another shop" in typed("recall", "show", number)[1]


@pytest.mark.parametrize("text", ["kind: prayer", "- a", "kind: [", "kind: message"])
def test_a_file_that_is_no_remedy_is_refused(
    typed: Typed, touched: str, now: datetime, tmp_path: Path, text: str
) -> None:
    assert touched
    number = opened(typed, now)["recall"]
    (tmp_path / "odd.yaml").write_text(text)

    code, told = typed("recall", "prepare", number, str(tmp_path / "odd.yaml"))
    assert code == cli.REFUSED
    assert told.strip()


def test_a_number_nobody_gave_is_refused(typed: Typed) -> None:
    assert typed("recall", "show", "404")[0] == cli.REFUSED
    assert typed("recall", "stop", "404", "--because", "as good as any")[0] == cli.REFUSED


# -- it goes on ------------------------------------------------------------------------------------


def test_what_a_recall_stopped_goes_on_with_a_reason_only(
    typed: Typed, touched: str, now: datetime
) -> None:
    assert touched
    opened(typed, now)

    assert typed("automations", "resume", AUTOMATION)[0] == cli.REFUSED
    why = ("--because", "the list was another one", "--bound-was-wrong", "--by", "Camille")
    assert typed("automations", "resume", AUTOMATION, *why, "--json")["paused_at"] is None
    code, told = typed("automations", "resume", AUTOMATION, *why)
    assert code == cli.REFUSED
    assert "Camille" in told


def test_the_lists_are_json_that_a_program_reads(typed: Typed, flag: int) -> None:
    (one,) = typed("flags", "list", "--json")
    assert one["flag_id"] == flag
