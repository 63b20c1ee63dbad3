"""What an automation relies on, and what starts it, said back."""

from datetime import date

import pytest

from terrain.core.promise import facts_of, start_said
from terrain.core.sentence import say_name, say_value
from tests.journeys import example_catalogue, examples, written

SEND = "steps: [{send: hello, by: email, reach: inbox}]\n"


def test_every_fact_it_relies_on_is_listed_once() -> None:
    found = [name.text for name in facts_of(examples()["faster-parcel"])]

    assert found == [
        "customer.wants_sooner(event.order)",
        "customer.home_on(event.new_date)",
        "customer.address",
    ]
    assert {name.fact for name in facts_of(examples()["win-back"])} >= {"last_order", "wants_news"}


def test_a_fact_is_said_with_what_it_is_about() -> None:
    [name] = [name for name in facts_of(examples()["filter-reminder"]) if name.fact == "uses"]

    assert say_name(name, "en", example_catalogue()) == "still uses (the product)"
    assert say_name(name, "fr", example_catalogue()) == "utilise toujours (le produit)"


def test_every_kind_of_start_is_said_in_both_languages() -> None:
    starts = {
        "{when: order.placed}": "commence quand une commande est passée",
        "{when: order.placed, if: {country: FR}}": (
            "commence quand une commande est passée, si pays vaut FR"
        ),
        "{every: monday}": "commence chaque lundi, pour qui : toujours",
        "{on: birth_date}": "commence quand vient : date de naissance",
        "{segment: {country: FR}, again_after: 1 year}": (
            "commence pour qui vient à répondre à : pays vaut FR"
        ),
    }
    for text, said in starts.items():
        [start] = written(f"starts: {text}\n{SEND}").starts
        assert start_said(start, "fr", example_catalogue()) == said
        assert start_said(start, "en", example_catalogue()).startswith("starts ")


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2026, 8, 1), "1er août 2026", "1 August 2026"),
        (date(2026, 12, 22), "22 décembre 2026", "22 December 2026"),
    ],
)
def test_a_day_is_said_in_full(day: date, french: str, english: str) -> None:
    assert (say_value(day, "fr"), say_value(day, "en")) == (french, english)
