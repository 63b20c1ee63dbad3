"""A recall: what makes good is one proposal for the guard like any other, in a person's own words."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from terrain.core import guard
from terrain.core.customer import Customer
from terrain.core.decision import Verdict
from terrain.core.fact import FactKey
from terrain.core.recall import (
    PATIENCE,
    PREFIX,
    Kind,
    Recall,
    Remedy,
    Scope,
    State,
    act_of,
    in_language,
    is_same,
    needs_another,
    proposal_of,
    task_of,
)
from tests.people import NOON, a_claim, a_customer, a_house

DAY = timedelta(days=1)
WORDS = {"en": {"subject": "We were wrong", "body": "Sorry, {{ customer.first_name }}."}}
SORRY = Remedy(kind=Kind.MESSAGE, words=WORDS)
HOUSE = a_house()


def a_recall(remedy: Remedy = SORRY, **more: Any) -> Recall:
    scope = Scope(automation="filter-reminder", since=NOON - 30 * DAY, until=NOON)
    given = {
        "recall_id": 0x1F,
        "automation": scope.automation,
        "state": State.SENDING,
        "opened_at": NOON,
        "opened_by": "Camille",
        "because": "the wrong product was named",
        "since": scope.since,
        "until": scope.until,
    }
    return Recall(scope=scope, remedy=remedy, **{**given, **more})


def what_leaves_for(lea: Customer, remedy: Remedy = SORRY) -> Any:
    recall = a_recall(remedy)
    decision = guard.weigh(proposal_of(recall, remedy, lea), lea, HOUSE, NOON)
    return act_of(recall, decision, lea, HOUSE)


@pytest.mark.parametrize("kind", Kind)
def test_the_guard_weighs_what_makes_good_like_anything_else(kind: Kind) -> None:
    lea = a_customer(a_claim("lea@example.org", fact="email"))
    stopped = a_customer(a_claim(value=True, fact=FactKey("wish.stop", f"{PREFIX}1f")))
    wanted = proposal_of(a_recall(), Remedy(kind=kind), lea)

    assert wanted.automation == f"{PREFIX}1f"  # not under the name of what did harm
    assert guard.weigh(wanted, stopped, HOUSE, NOON).verdict is Verdict.HOLD


def test_an_open_complaint_does_not_keep_away_what_makes_good() -> None:
    lea = a_customer(a_claim("open", fact=FactKey("complaint", "K-1")))
    other = replace(proposal_of(a_recall(), SORRY, lea), complaint="")

    assert proposal_of(a_recall(), SORRY, lea).complaint == "K-1"
    assert guard.weigh(other, lea, HOUSE, NOON).because == "open_complaint"
    assert guard.weigh(proposal_of(a_recall(), SORRY, lea), lea, HOUSE, NOON).because != (
        "open_complaint"
    )


def test_what_leaves_says_a_persons_words_and_expires() -> None:
    act = what_leaves_for(a_customer(a_claim("Léa Martin", fact="name")))

    assert act.content["words"] == WORDS
    assert act.content["values"]["customer"] == {"name": "Léa Martin", "first_name": "Léa"}
    assert act.expires_at == NOON + PATIENCE


def test_nobody_is_called_by_a_name_they_said_is_wrong() -> None:
    wrong = a_claim("Leo", source="import", fact="name")
    lea = a_customer(replace(wrong, closed_at=NOON - DAY))

    assert what_leaves_for(lea).content["values"]["customer"]["name"] == ""


def test_one_person_is_made_good_to_by_one_act_however_often_it_is_made() -> None:
    lea = a_customer()

    assert what_leaves_for(lea).act_id == what_leaves_for(lea).act_id


def test_whoever_calls_back_has_the_reason_and_the_words_in_front_of_them() -> None:
    lea, remedy = a_customer(), Remedy(kind=Kind.CALLBACK, words=WORDS, within_days=2)
    recall = a_recall(remedy)
    decision = guard.weigh(proposal_of(recall, remedy, lea), lea, HOUSE, NOON)
    task = task_of(recall, decision, lea, HOUSE)

    assert (task.title, task.due_at) == ("We were wrong", NOON + 2 * DAY)
    assert task.file["because"] == "the wrong product was named"


@pytest.mark.parametrize(("people", "another"), [(0, False), (10, False), (11, True)])
def test_above_a_set_number_a_second_person_agrees(people: int, another: object) -> None:
    assert needs_another(people, 10) is another


def test_words_are_said_in_the_readers_language_else_the_companys_else_the_first() -> None:
    both = Remedy(kind=Kind.MESSAGE, words={"fr": {"subject": "Pardon"}, **WORDS})

    assert in_language(both, "en", "fr")["subject"] == "We were wrong"
    assert in_language(both, "de", "fr")["subject"] == "Pardon"
    assert in_language(both, "de", "it")["subject"] == "Pardon"
    assert in_language(Remedy(kind=Kind.MESSAGE), "de", "it") == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Filter", "filter", True),
        (1, 1.0, True),
        (True, 1, False),
        (False, 0, False),
        ("1", 1, False),
    ],
)
def test_values_are_one_whatever_the_case_but_yes_is_no_one(
    one: object, other: object, same: object
) -> None:
    assert is_same(one, other) is same
