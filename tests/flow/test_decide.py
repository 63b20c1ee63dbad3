"""A machine asks before it acts (story 15)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from psycopg import Connection

from terrain.config import read
from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.outside import Done, Wanted
from terrain.errors import Refusal
from terrain.flow import reference
from terrain.flow.decide import Answer, Asker, decide
from terrain.flow.done import Doer, Recorded, record
from terrain.flow.links import links_of
from terrain.store import acts, claims, counters, decisions, identifiers, people, tasks
from terrain.words import LANGUAGES, refusal_sentence

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
YES = True
LEA = {"user_id": "lea"}
BOT = Asker(source="bot", language="en")
REFUND: dict[str, Any] = {
    "customer": LEA,
    "act": "answer",
    "name": "grant_refund",
    "purpose": "service",
    "benefit": "important",
    "reach": "account",
    "undo": "easily",
    "channel": "chat",
    "waiting": "critical",
    "ask_by": "conversation",
    "solicited": True,
    "subject": "order-42",
    "assumes": [{"fact": "entitled", "confidence": 0.8, "words": "she may have her money back"}],
}


def lea(db: Connection) -> CustomerKey:
    return identifiers.resolve(db, [Identifier(Kind.USER_ID, "lea")], NOON)[
        Identifier(Kind.USER_ID, "lea")
    ]


def says(
    db: Connection, fact: str, value: Any, about: str = "", kind: str = "customer_said"
) -> None:
    at = NOON - timedelta(days=3)
    claim = Claim(
        key=FactKey(fact, about),
        value=value,
        source="page",
        kind=SourceKind(kind),
        first_at=at,
        at=at,
        message_id=f"{fact}{about}",
    )
    claims.save(db, [(lea(db), claim)])


def house(db: Connection) -> House:
    return reference.house(db, read())


def ask(db: Connection, now: datetime = NOON, **other: Any) -> Answer:
    wanted = msgspec.convert({**REFUND, **other}, Wanted)
    return decide(db, house(db), wanted, BOT, now)


def done(db: Connection, answer: Answer, what: str) -> bool:
    return told(db, answer.decision_id, Done(done=what)).against


def told(db: Connection, number: str, what: Done, now: datetime = NOON) -> Recorded:
    return record(db, number, what, Doer(house(db), links_of(read())), now)


def test_it_is_told_to_ask_first_with_the_question_to_put(db: Connection) -> None:
    answer = ask(db)

    assert (answer.verdict, answer.because) == ("ask", "better_asked")
    assert answer.question is not None
    assert answer.question.words["en"] == "Is this right: entitled?"
    assert answer.question.by == "conversation"
    assert answer.sentence["fr"].startswith("Pas assez sûr")


def test_its_own_question_is_the_one_to_put(db: Connection) -> None:
    own = {
        "words": {"en": "Shall I refund 12 € to your card?"},
        "fact": "wants_refund",
        "about": "42",
    }

    question = ask(db, question=own).question

    assert question is not None
    assert (question.words, question.fact) == (own["words"], "wants_refund")


def test_a_refusal_goes_to_a_person_with_all_they_need(db: Connection) -> None:
    answer = ask(
        db, act="refuse", name="refuse_refund", benefit="none", adverse=True, significant=True
    )

    (task,) = tasks.open_ones(db)
    assert (answer.verdict, answer.because) == ("hand", "adverse")
    assert str(task.task_id) == answer.task_id
    assert task.file["proposed"]["subject"] == "order-42"
    assert task.file["facts"][0]["fact"] == "entitled"


def test_asking_again_and_again_opens_one_task(db: Connection) -> None:
    for minute in range(3):
        ask(db, NOON + timedelta(minutes=minute), adverse=True, significant=True)

    assert len(tasks.open_ones(db)) == 1


def test_it_acts_on_what_the_customer_said(db: Connection) -> None:
    says(db, "wants_sooner", YES, "42")
    wish = {"fact": "wants_sooner", "about": "42", "expects": True}

    answer = ask(db, assumes=[wish])

    assert (answer.verdict, answer.facts[0].source) == ("act", "page")
    assert answer.certainty == pytest.approx(0.98, abs=0.01)


def test_a_machine_is_never_surer_than_the_cap(db: Connection) -> None:
    answer = ask(db, assumes=[{"fact": "entitled", "confidence": 1}])

    assert answer.certainty == 0.8


def test_it_is_told_why_not_and_until_when(db: Connection) -> None:
    says(db, "complaint", "open", "c-7", kind="staff_heard")

    answer = ask(db, solicited=False, channel="email")

    found = (answer.verdict, answer.hold, answer.because)
    assert found == ("hold", "until_change", "open_complaint")
    assert answer.explanation[0] == "It waits until something it depends on changes."


def test_each_decision_is_kept_whether_or_not_anything_is_done(db: Connection) -> None:
    answer = ask(db)

    (kept,) = decisions.of_customer(db, [lea(db)])
    assert answer.decision_id == f"{kept.key.customer_id:x}-{kept.decision_id:x}"
    assert kept.proposal.automation == "bot"
    assert kept.values["question"]["fact"] == "entitled"


def test_what_was_done_counts_as_a_contact_once(db: Connection) -> None:
    answer = ask(
        db, assumes=[], waiting="nobody", undo="by_customer", reach="inbox", solicited=False
    )

    assert answer.verdict == "act"
    for _ in range(2):
        assert done(db, answer, "acted") is False

    customer = people.load(db, [lea(db)], NOON, secret="x")[lea(db)]
    assert [contact.automation for contact in customer.contacts] == ["bot"]


def test_a_question_that_was_put_is_not_put_again(db: Connection) -> None:
    first = ask(db)
    done(db, first, "asked")
    done(db, first, "asked")

    again = ask(db, NOON + timedelta(days=1))

    customer = people.load(db, [lea(db)], NOON, secret="x")[lea(db)]
    assert [question.fact for question in customer.questions] == [FactKey("entitled")]
    assert again.verdict == "hand"  # somebody waits, and asking again is no way out


def test_what_was_done_against_the_verdict_is_called_that(db: Connection) -> None:
    assert done(db, ask(db), "acted") is True


def test_a_stranger_is_decided_about_too(db: Connection) -> None:
    assert ask(db, customer={"email": "nobody@example.org"}).verdict == "ask"


def test_the_strongest_name_that_is_known_counts(db: Connection) -> None:
    says(db, "in_charge", "ines", kind="staff_heard")

    answer = ask(db, customer={"email": "never@example.org", "user_id": "lea"})

    assert answer.because == "person_in_charge"


@pytest.mark.parametrize(
    ("other", "code", "field", "right"),
    [
        ({"purpose": "servise"}, "unknown_choice", "purpose", "service"),
        ({"reach": "moon"}, "unknown_choice", "reach", "inbox, phone, account, home"),
        ({"customer": {"usr_id": "lea"}}, "unknown_choice", "customer", "user_id"),
        ({"customer": {"email": "lea at home"}}, "nobody_named", "customer.email", None),
        ({"customer": {"user_id": "undefined"}}, "nobody_named", "customer.user_id", None),
        ({"assumes": [{"fact": "adress"}]}, "unknown_assumption", "assumes.fact", "address"),
        ({"name": "a\x00b"}, "null_character", "message", None),
    ],
)
def test_what_it_cannot_mean_is_refused_with_what_would_be_right(
    db: Connection, other: dict[str, Any], code: str, field: str, right: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        ask(db, **other)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert right is None or refused.value.right == right
    assert all(refusal_sentence(language, refused.value) for language in LANGUAGES)


@pytest.mark.parametrize("number", ["", "x", "1-2-3", "ffffffffffffffffffff-1", "-1--1", "1-1"])
def test_a_number_that_is_none_is_refused(db: Connection, number: str) -> None:
    with pytest.raises(Refusal) as refused:
        told(db, number, Done(done="acted"))

    assert refused.value.code == "unknown_decision"


def test_what_was_not_asked_cannot_have_been_asked(db: Connection) -> None:
    answer = ask(db, adverse=True, significant=True)

    with pytest.raises(Refusal) as refused:
        done(db, answer, "asked")

    assert refused.value.code == "nothing_to_ask"


def test_decisions_are_asked_for_and_explained_at_the_terminal(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from terrain.commands.decide import command  # noqa: PLC0415

    monkeypatch.setenv("TERRAIN_DATABASE_URL", fresh_database)
    monkeypatch.setenv("TERRAIN_LANGUAGE", "fr")

    def terrain(*arguments: str, given: bytes = b"") -> str:
        done = CliRunner().invoke(command, arguments, input=given, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    answer = msgspec.json.decode(terrain("ask", "--json", given=msgspec.json.encode(REFUND)))
    number = answer["decision_id"]

    assert "Pas assez sûr pour le faire sans demander" in terrain("show", number)
    assert number in terrain("of", "user_id:lea")
    assert msgspec.json.decode(terrain("done", number, "asked", "--json"))["against"] is False
    with pytest.raises(Refusal):
        terrain("ask", given=b"{}")


# -- what it did, it says --------------------------------------------------------------------------


def counted(db: Connection) -> dict[str, int]:
    return {each.what: each.n for each in counters.sums(db, counters.EVER)}


SILENT: dict[str, Any] = {
    "act": "do",
    "name": "close_account",
    "channel": None,
    "waiting": "nobody",
    "undo": "by_customer",
    "solicited": False,
    "assumes": [],
}


def test_what_was_done_on_a_channel_of_its_own_is_an_act_like_any_other(db: Connection) -> None:
    said = told(db, ask(db, **SILENT).decision_id, Done(done="acted"))

    standing = acts.find(db, lea(db), int(said.act_id))
    assert standing is not None
    assert (standing.state, standing.act.automation, standing.act.kind) == ("left", "bot", "do")
    assert counted(db)["act.left"] == 1


def test_what_disturbs_nobody_is_no_contact(db: Connection) -> None:
    told(db, ask(db, **SILENT).decision_id, Done(done="acted"))

    assert people.load(db, [lea(db)], NOON, secret="x")[lea(db)].contacts == ()


def test_told_twice_it_is_one_act_under_one_number(db: Connection) -> None:
    answer = ask(db, **SILENT)
    said = [told(db, answer.decision_id, Done(done="acted")) for _ in range(3)]

    assert len({each.act_id for each in said}) == 1
    assert counted(db)["act.left"] == 1


def test_it_counts_at_the_hour_at_which_it_was_done(db: Connection) -> None:
    answer = ask(db, **SILENT)
    three = NOON + timedelta(hours=3)
    told(db, answer.decision_id, Done(done="acted", at=NOON + timedelta(hours=1)), three)

    (hour,) = counters.by_hour(db, counters.EVER, ["act.left"])
    assert hour.hour == NOON + timedelta(hours=1)


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_jumps_cannot_do_it_before_it_was_asked_nor_after_it_was_told(
    db: Connection, jump: timedelta
) -> None:
    answer = ask(db, **SILENT)
    told(db, answer.decision_id, Done(done="acted", at=NOON + jump), NOON + timedelta(hours=1))

    (hour,) = counters.by_hour(db, counters.EVER, ["act.left"])
    assert NOON <= hour.hour <= NOON + timedelta(hours=1)


def test_nothing_done_is_no_act(db: Connection) -> None:
    assert told(db, ask(db, **SILENT).decision_id, Done(done="nothing")).act_id == ""
    assert "act.left" not in counted(db)


def test_after_a_talk_it_is_told_to_ask_whether_it_helped(db: Connection) -> None:
    said = told(db, ask(db).decision_id, Done(done="acted"))

    assert said.ask is not None
    assert said.ask.words == {"en": "Did this help you?", "fr": "Cela vous a-t-il aidé ?"}
    assert set(said.ask.answers) == {"helped", "dissatisfied"}
    assert said.ask.page.endswith("#tell-us")


def test_told_again_it_is_told_the_same(db: Connection) -> None:
    answer = ask(db)
    first, again = (told(db, answer.decision_id, Done(done="acted")) for _ in range(2))

    assert again == first
    assert again.ask is not None


def test_one_budget_for_every_bot_and_every_letter(db: Connection) -> None:
    days = [NOON + days * timedelta(days=1) for days in (0, 20, 40)]
    said = [told(db, ask(db, day).decision_id, Done(done="acted"), day) for day in days]

    assert [each.ask is not None for each in said] == [True, False, True]


def test_nobody_is_asked_while_a_complaint_is_open(db: Connection) -> None:
    says(db, "complaint", "open", "c-7", kind="staff_heard")

    assert told(db, ask(db).decision_id, Done(done="acted")).ask is None


def test_nobody_is_asked_about_a_talk_of_last_week(db: Connection) -> None:
    answer = ask(db)

    late = told(db, answer.decision_id, Done(done="acted", at=NOON), NOON + timedelta(days=7))
    assert late.ask is None


def test_what_was_no_talk_asks_nothing(db: Connection) -> None:
    assert told(db, ask(db, **SILENT).decision_id, Done(done="acted")).ask is None
