"""One tree, four uses: run, said in two languages, listed, and (in tests/store) counted."""

from datetime import timedelta
from typing import Any

import pytest

from terrain.core.condition import ALWAYS, All, AnyOf, Condition, Holds, NoneOf, Op, facts, holds
from terrain.core.duration import Span
from terrain.core.name import Name, Root
from terrain.core.scene import Scene
from terrain.core.sentence import say_span, sentence
from tests.journeys import LEA, a_shop, example_catalogue
from tests.people import NOON, a_claim, a_customer


def fact(name: str) -> Name:
    return Name(text=name, root=Root.FACT, path=tuple(name.split(".")))


def on(name: str, op: Op, value: Any = "", span: Span | None = None) -> Holds:
    return Holds(name=fact(name), op=op, value=value, span=span)


def is_true(condition: Condition, **said: Any) -> bool:
    claims = [a_claim(value, fact=name) for name, value in said.items()]
    return holds(condition, Scene(a_customer(*claims), a_shop(), NOON, {}))


FR = on("country", Op.IS, "FR")
VIP = on("tags", Op.IS, "vip")


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (on("x", Op.IS, "a"), "A", True),
        (on("x", Op.IS, "a"), ["b", "a"], True),
        (on("x", Op.IS, value=True), "yes", False),
        (on("x", Op.IS, value=True), True, True),
        (on("x", Op.IS, 5), "5.0", True),
        (on("x", Op.IS, "17"), {"id": 17}, True),
        (on("x", Op.WITHOUT, "a"), None, True),
        (on("x", Op.WITHOUT, "a"), ["a"], False),
        (on("x", Op.IN, ("a", "b")), "b", True),
        (on("x", Op.OVER, 50), 50, False),
        (on("x", Op.OVER, 50), "50.01", True),
        (on("x", Op.OVER, 50), "many", False),
        (on("x", Op.OVER, 50), True, False),
        (on("x", Op.AT_LEAST, 50), 50, True),
        (on("x", Op.UNDER, 50), None, False),
        (on("x", Op.BETWEEN, (10, 20)), 20, True),
        (on("x", Op.BETWEEN, (10, 20)), 21, False),
        (on("x", Op.OVER, "2026-01-01"), "2026-02-01T10:00:00+00:00", True),
        (on("x", Op.OVER, "2026-01-01"), "soon", False),
        (on("x", Op.KNOWN, value=True), 0, True),
        (on("x", Op.KNOWN, value=False), None, True),
        (on("x", Op.WITHIN, span=Span(days=90)), "2026-10-01", True),
        (on("x", Op.WITHIN, span=Span(days=90)), "2027-01-01", True),
        (on("x", Op.WITHIN, span=Span(days=90)), "2026-01-01", False),
        (on("x", Op.WITHIN, span=Span(days=90)), "long ago", False),
        (on("x", Op.WITHIN, span=Span(months=120_000)), "2026-01-01", True),
    ],
)
def test_each_test_asks_what_its_word_says(
    condition: Holds,
    value: Any,
    expected: bool,  # noqa: FBT001 - one of a table
) -> None:
    assert is_true(condition, **({} if value is None else {"x": value})) is expected


def test_everything_anything_nothing() -> None:
    said = {"country": "FR", "tags": ["early"]}

    assert is_true(All((FR, NoneOf((VIP,)))), **said)
    assert is_true(AnyOf((VIP, FR)), **said)
    assert not is_true(NoneOf((VIP, FR)), **said)
    assert is_true(ALWAYS)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (on("pet", Op.IS, value="cat"), "animal vaut un chat"),
        (on("pet", Op.IN, value=("cat", "none")), "animal est parmi un chat, aucun"),
        (on("pet", Op.IS, value="hamster"), "animal vaut hamster"),
    ],
)
def test_a_choice_is_said_by_its_words(test: Holds, said: str) -> None:
    assert sentence(test, "fr", example_catalogue()) == said


def test_a_condition_is_said_in_both_languages() -> None:
    condition = All(
        (FR, AnyOf((on("email", Op.KNOWN, value=True), on("phone", Op.KNOWN, value=False))))
    )
    catalogue = example_catalogue()

    assert sentence(condition, "en", catalogue) == (
        "country is FR and (e-mail address is known or phone number is not known)"
    )
    assert sentence(condition, "fr", catalogue) == (
        "pays vaut FR et (adresse e-mail est connu ou numéro de téléphone n’est pas connu)"
    )


@pytest.mark.parametrize(
    ("condition", "english"),
    [
        (on("last_order", Op.WITHIN, span=Span(days=90)), "latest order is within 90 days"),
        (on("birth_date", Op.OVER, "2000-01-31"), "date of birth is over 31 January 2000"),
        (on("tags", Op.IN, ("a", "b")), "tags is one of a, b"),
        (on("tags", Op.BETWEEN, (1, 2)), "tags is between 1 and 2"),
        (on("wants_news", Op.IS, value=True), "wants to hear from us"),
        (on("wants_news", Op.IS, value=False), "not wants to hear from us"),
        (NoneOf((FR, VIP)), "none of: country is FR, tags is vip"),
        (ALWAYS, "always"),
    ],
)
def test_every_kind_of_test_has_words(condition: Condition, english: str) -> None:
    assert sentence(condition, "en", example_catalogue()) == english


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    assert say_span(Span(months=18), "fr") == "1 an et 6 mois"
    assert say_span(Span(days=14), "en") == "2 weeks"
    assert say_span(Span(seconds=5400), "en") == "1 hour and 30 minutes"
    assert say_span(Span(), "fr") == "0 jour"


def test_it_lists_the_facts_that_it_relies_on() -> None:
    about = Name(text="event.order", root=Root.EVENT, path=("order",))
    sooner = Name(text="wants_sooner", root=Root.FACT, path=("wants_sooner",), about=about)
    condition = All((FR, AnyOf((VIP, Holds(name=sooner, op=Op.IS))), NoneOf((FR,))))

    assert [name.fact for name in facts(condition)] == ["country", "tags", "wants_sooner"]


def test_what_is_believed_counts_not_what_is_claimed() -> None:
    said = a_claim("CH", fact="country", ago=timedelta(days=3))
    bought = a_claim("FR", "platform", fact="country", ago=timedelta(days=1))

    assert not holds(FR, Scene(a_customer(said, bought), a_shop(), NOON, {}))


def test_an_identifier_is_known_as_a_fact() -> None:
    scene = Scene(a_customer(identifiers=LEA), a_shop(), NOON, {})

    assert holds(on("email", Op.IS, "lea@example.org"), scene)
