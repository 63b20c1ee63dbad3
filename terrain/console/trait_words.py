"""What differs about the people hit, in the reader's words: "day of the week: Sunday", "product: Filter A".

Promise: every trait there can be (`core/traits.py`) has words; a value that nobody has words for is said as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from babel.dates import get_day_names

from terrain.console.phrases import CHANNELS, TRAITS, WHO_AT_WORK
from terrain.core import traits
from terrain.core.catalogue import Catalogue
from terrain.core.contrast import Standing, Value
from terrain.core.explanation import Line
from terrain.core.fact import FactKey
from terrain.flow import explanation
from terrain.words import _, say

# Values that need no quotation marks inside a sentence.
_PLAIN = frozenset({traits.VERSION, traits.HOUR, traits.WEEKDAY})
# The pairs of names in a line: a trait, and its value.
_PAIRS = (("trait", "value"), ("with_trait", "with_value"))


def in_words(
    standing: Iterable[Standing], lines: Iterable[Line], language: str, catalogue: Catalogue
) -> tuple[list[Standing], list[Line]]:
    """Return both with their traits and values as one says them."""

    def said(of: Value) -> Value:
        return Value(trait_said(of.trait, language, catalogue), value_said(of, language, catalogue))

    def quoted(of: Value) -> Value:
        name, value = said(of)
        return Value(name, value if of.trait in _PLAIN else _quote(value, language))

    return (
        [msgspec.structs.replace(each, value=said(each.value)) for each in standing],
        [Line(line.code, line.values | _pairs(line.values, quoted)) for line in lines],
    )


def _quote(text: str, language: str) -> str:
    return f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»" if language == "fr" else f"“{text}”"


def _pairs(values: dict[str, Any], said: Callable[[Value], Value]) -> dict[str, str]:
    found = {}
    for trait, value in _PAIRS:
        if trait in values:
            found[trait], found[value] = said(Value(values[trait], values[value]))
    return found


def trait_said(trait: str, language: str, catalogue: Catalogue) -> str:
    """Return what a trait is called."""
    if trait.startswith(traits.FACT):
        key = FactKey(trait.removeprefix(traits.FACT))
        return explanation.fact_named(key, catalogue, language)
    return say(language, TRAITS[trait])


def value_said(of: Value, language: str, catalogue: Catalogue) -> str:
    """Return one value of a trait as one says it."""
    trait, value = of
    if trait == traits.PRODUCT and value in catalogue.products:
        return catalogue.products[value].words.get(language, value)
    if trait == traits.WEEKDAY:
        return str(get_day_names("wide", locale=language)[int(value)])
    if trait == traits.HOUR:
        return say(language, _("{hour}:00 to {hour}:59"), hour=value)
    words = _WORDS.get(trait.partition(":")[0], {}).get(value)
    return say(language, words) if words else value


_WORDS: dict[str, dict[str, str]] = {
    traits.CHANNEL: {code.value: words for code, words in CHANNELS.items()},
    traits.WHO: {
        **{code.value: words for code, words in WHO_AT_WORK.items()},
        traits.NOBODY: _("assumed"),
    },
    traits.SOURCE: {traits.NOBODY: _("nobody")},
    traits.FACT.rstrip(":"): {"True": _("yes"), "False": _("no")},
}
