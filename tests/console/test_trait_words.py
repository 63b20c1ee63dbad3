"""What differs about people is said in words, whatever it is."""

import pytest

from terrain.console.trait_words import in_words, trait_said, value_said
from terrain.core import traits
from terrain.core.catalogue import Catalogue, FactKind, Product
from terrain.core.contrast import Value
from terrain.core.explanation import Line
from terrain.core.fact import SourceKind
from terrain.words import LANGUAGES

CATALOGUE = Catalogue(
    facts={"uses": FactKind(name="uses", words={"en": "still uses", "fr": "utilise toujours"})},
    products={"filter-a": Product(sku="filter-a", words={"en": "Filter A", "fr": "Filtre A"})},
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trait_has_words(language: str) -> None:
    said = [trait_said(trait, language, CATALOGUE) for trait in traits.TRAITS]

    assert len(set(said)) == len(traits.TRAITS)


@pytest.mark.parametrize(
    ("trait", "value", "english", "french"),
    [
        ("weekday", "6", "Sunday", "dimanche"),
        ("hour", "18", "18:00 to 18:59", "de 18\xa0h à 18\xa0h\xa059"),
        ("product", "filter-a", "Filter A", "Filtre A"),
        ("product", "gone", "gone", "gone"),
        ("channel", "sms", "by text message", "par SMS"),
        ("who", SourceKind.INFERRED.value, "inferred", "déduit"),
        ("who", "nobody", "assumed", "supposé"),
        ("fact:uses", "True", "yes", "oui"),
        ("fact:uses", "gold", "gold", "gold"),
        ("version", "7", "7", "7"),
    ],
)
def test_a_value_is_said_as_one_says_it(trait: str, value: str, english: str, french: str) -> None:
    assert value_said(Value(trait, value), "en", CATALOGUE) == english
    assert value_said(Value(trait, value), "fr", CATALOGUE) == french


def test_a_fact_is_called_by_its_words() -> None:
    assert trait_said("fact:uses", "fr", CATALOGUE) == "utilise toujours"
    assert trait_said("fact:unheard_of", "en", CATALOGUE) == "unheard_of"


def test_a_line_quotes_what_is_no_number() -> None:
    values = {"trait": "source", "value": "broker", "with_trait": "version", "with_value": "7"}
    _, [line] = in_words([], [Line("comes_with", values)], "fr", CATALOGUE)

    assert line.values["value"] == "«\xa0broker\xa0»"
    assert line.values["with_value"] == "7"
