"""What is open about a customer, why a value holds, and who was wrong about them."""

from datetime import timedelta

import pytest

from terrain.core.belief import believe
from terrain.core.fact import EvidenceKind, FactKey
from terrain.core.identifier import key_of
from terrain.core.lesson import with_evidence
from terrain.core.question import Question
from terrain.core.situation import Because, What, open_now, why_it_holds, wrong_about
from tests.people import MONTH, NOON, a_claim, a_customer, a_house, an_evidence

DAY = timedelta(days=1)
PET = FactKey("pet")


def because(*claims: tuple[str, str, timedelta]) -> Because:
    said = [a_claim(value, source, ago, fact="pet") for value, source, ago in claims]
    belief = believe(a_customer(*said), PET, a_house(), NOON)
    assert belief
    return why_it_holds(belief)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ([("cat", "page", MONTH)], Because.ALONE),
        ([("cat", "page", MONTH), ("dog", "platform", DAY)], Because.OWN_WORD),
        ([("cat", "desk", DAY), ("dog", "platform", 36 * MONTH)], Because.MORE_RELIABLE),
    ],
)
def test_it_is_said_why_a_value_holds(
    claims: list[tuple[str, str, timedelta]], why: Because
) -> None:
    assert because(*claims) is why


def test_of_two_who_are_believed_alike_the_later_holds_or_it_is_a_dispute() -> None:
    def said(ago: timedelta) -> Because:
        claims = [
            a_claim("cat", "site", DAY, fact="pet", kind="behaviour"),
            a_claim("dog", "site2", ago, fact="pet", kind="behaviour"),
        ]
        belief = believe(a_customer(*claims), PET, a_house(), NOON)
        assert belief
        return why_it_holds(belief)

    assert said(MONTH) is Because.LATEST
    assert said(DAY) is Because.DISPUTED


def test_nothing_is_open_about_somebody_of_whom_nothing_was_said() -> None:
    assert open_now(a_customer(), NOON) == []


def test_what_is_open_comes_the_weightiest_first() -> None:
    question = Question(
        key=key_of(1),
        question_id=1,
        fact=PET,
        asked_at=NOON - DAY,
        answers=("yes", "no"),
        words={"en": "A cat?"},
        automation="x",
    )
    lea = a_customer(
        a_claim("open", fact=FactKey("complaint", "c-1")),
        a_claim("Inès", fact="in_charge"),
        a_claim({"from": "2026-11-20", "until": "2026-12-01"}, fact="wish.absence"),
        a_claim(value=True, fact=FactKey("wish.stop", "all")),
        a_claim(value=True, fact="wants_a_person"),
        questions=(question,),
    )

    assert [each.what for each in open_now(lea, NOON)] == [
        *(What.COMPLAINT, What.IN_CHARGE, What.WANTS_A_PERSON),
        *(What.STOPPED_ALL, What.AWAY, What.QUESTION),
    ]


def test_what_is_over_is_not_open() -> None:
    lea = a_customer(
        a_claim("open", ago=MONTH, fact=FactKey("complaint", "c-1")),
        a_claim("closed", ago=DAY, fact=FactKey("complaint", "c-1"), message_id="later"),
        a_claim(None, fact="in_charge"),
        a_claim(value=False, fact="wants_a_person"),
    )

    assert open_now(lea, NOON) == []


def test_a_source_that_the_customer_contradicts_was_wrong() -> None:
    lea = a_customer(
        a_claim("cat", "page", fact="pet"),
        a_claim("dog", "platform", fact="pet"),
        a_claim("cat", "site", fact="pet"),
        a_claim("fr", "platform", fact="language"),
    )

    (wrong,) = wrong_about(lea)
    assert (wrong.source, wrong.wrong, wrong.tested) == ("platform", 1, 1)


def test_a_claim_that_was_denied_was_wrong_without_another_value() -> None:
    lea = a_customer(a_claim("dog", "platform", fact="pet"))
    denied = with_evidence(lea, [an_evidence(EvidenceKind.DENIED, "dog", DAY, "pet")])

    assert wrong_about(lea) == []
    assert [each.source for each in wrong_about(denied)] == ["platform"]


def test_a_wish_that_changed_makes_nobody_wrong() -> None:
    lea = a_customer(
        a_claim("email", "page", fact="wish.channel"),
        a_claim("sms", "platform", fact="wish.channel"),
    )

    assert wrong_about(lea) == []
