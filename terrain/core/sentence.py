"""Says a condition, a span or a name as people would, in French and in English.

Promise: what is said is what is run; a name without words of its own is said as it is written.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from terrain.core.catalogue import Catalogue, FactKind
from terrain.core.condition import All, AnyOf, Condition, Holds, Op
from terrain.core.duration import Span
from terrain.core.name import Name, Root, as_moment

_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
        *("août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_OPS = {
    "en": {
        Op.IS: "{name} is {value}",
        Op.OVER: "{name} is over {value}",
        Op.AT_LEAST: "{name} is at least {value}",
        Op.UNDER: "{name} is under {value}",
        Op.BETWEEN: "{name} is between {value}",
        Op.IN: "{name} is one of {value}",
        Op.WITHOUT: "{name} is not {value}",
        Op.KNOWN: "{name} is known",
        Op.WITHIN: "{name} is within {value}",
        "unknown": "{name} is not known",
        "yes": "{name}",
        "no": "not {name}",
    },
    "fr": {
        Op.IS: "{name} vaut {value}",
        Op.OVER: "{name} dépasse {value}",
        Op.AT_LEAST: "{name} vaut au moins {value}",
        Op.UNDER: "{name} reste sous {value}",
        Op.BETWEEN: "{name} est entre {value}",
        Op.IN: "{name} est parmi {value}",
        Op.WITHOUT: "{name} ne vaut pas {value}",
        Op.KNOWN: "{name} est connu",
        Op.WITHIN: "{name} est à moins de {value}",
        "unknown": "{name} n’est pas connu",
        "yes": "{name}",
        "no": "pas {name}",
    },
}
_JOINS = {
    "en": {"and": " and ", "or": " or ", "none": "none of: ", "always": "always"},
    "fr": {
        "and": " et ",
        "or": " ou ",
        "none": "rien de : ",
        "always": "toujours",
        "about": " de ",
    },
}
_UNITS = {
    "en": {
        "year": ("year", "years"),
        "month": ("month", "months"),
        "week": ("week", "weeks"),
        "day": ("day", "days"),
        "hour": ("hour", "hours"),
        "minute": ("minute", "minutes"),
        "second": ("second", "seconds"),
    },
    "fr": {
        "year": ("an", "ans"),
        "month": ("mois", "mois"),
        "week": ("semaine", "semaines"),
        "day": ("jour", "jours"),
        "hour": ("heure", "heures"),
        "minute": ("minute", "minutes"),
        "second": ("seconde", "secondes"),
    },
}


def sentence(condition: Condition, language: str, catalogue: Catalogue) -> str:
    """Return the condition as one sentence without its full stop."""
    if isinstance(condition, Holds):
        return _test(condition, language, catalogue)
    joins = _JOINS[language]
    parts = [sentence(each, language, catalogue) for each in condition.of]
    if not parts:
        return joins["always"]
    if isinstance(condition, All):
        nested = [_in_brackets(each, text) for each, text in zip(condition.of, parts, strict=True)]
        return joins["and"].join(nested)
    if isinstance(condition, AnyOf):
        return joins["or"].join(parts)
    return joins["none"] + ", ".join(parts)


def say_name(name: Name, language: str, catalogue: Catalogue) -> str:
    """Return the words of a name: the catalogue's, else the name as it is written."""
    if name.root is not Root.FACT:
        return catalogue.names.get(name.text, {}).get(language) or name.text
    kind = catalogue.facts.get(name.fact)
    words = (kind.words.get(language) if kind else None) or name.fact
    if name.about is None:
        return words
    return f"{words} ({say_name(name.about, language, catalogue)})"


def say_span(span: Span, language: str) -> str:
    """Return "6 months" or « 6 mois »."""
    years, months = divmod(span.months, 12)
    weeks, days = divmod(span.days, 7) if span.days % 7 == 0 else (0, span.days)
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = {
        "year": years,
        "month": months,
        "week": weeks,
        "day": days,
        "hour": hours,
        "minute": minutes,
        "second": seconds,
    }
    units = _UNITS[language]
    said = [f"{count} {units[unit][count > 1]}" for unit, count in parts.items() if count]
    return _JOINS[language]["and"].join(said) or f"0 {units['day'][0]}"


def say_value(value: Any, language: str) -> str:
    """Return a value as it is read: a date by its day, yes and no, a length of time."""
    if isinstance(value, str):
        moment = as_moment(value, ZoneInfo("UTC")) if value[4:5] == "-" else None
        return _one(moment, language) if moment else value
    return _one(value, language)


def say_fact(kind: FactKind | None, value: Any, language: str) -> str:
    """Return the value of a fact as it is read: a choice by the words that the catalogue has for it."""
    words = kind.said.get(value) if kind and isinstance(value, str) else None
    return (words or {}).get(language) or say_value(value, language)


def _test(test: Holds, language: str, catalogue: Catalogue) -> str:
    form: Op | str = test.op
    if test.op is Op.KNOWN and test.value is False:
        form = "unknown"
    elif test.op is Op.IS and isinstance(test.value, bool):
        form = "yes" if test.value else "no"
    name = say_name(test.name, language, catalogue)
    return _OPS[language][form].format(name=name, value=_value(test, language, catalogue))


def _value(test: Holds, language: str, catalogue: Catalogue) -> str:
    if test.span is not None:
        return say_span(test.span, language)
    kind = catalogue.facts.get(test.name.fact) if test.name.root is Root.FACT else None
    if test.op is Op.BETWEEN:
        return _JOINS[language]["and"].join(say_fact(kind, each, language) for each in test.value)
    if test.op is Op.IN:
        return ", ".join(say_fact(kind, each, language) for each in test.value)
    return say_fact(kind, test.value, language)


def _one(value: Any, language: str) -> str:
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "fr": ("non", "oui")}[language][value]
    if isinstance(value, datetime | date):
        return _day(value, language)
    return str(value)


def _day(value: date, language: str) -> str:
    """Return "22 novembre 2026", whatever the language of the machine."""
    first = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{first} {_MONTHS[language][value.month - 1]} {value.year}"


def _in_brackets(condition: Condition, text: str) -> str:
    return f"({text})" if isinstance(condition, AnyOf) and len(condition.of) > 1 else text
