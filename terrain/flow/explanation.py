"""A decision in plain French and English sentences, to be read by whoever it concerns.

Promise: each code that can be stored has words in both languages; nothing is explained that the
decision does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from terrain import words
from terrain.core.act import AskBy, Benefit, Moment, Undo, Waiting
from terrain.core.catalogue import Catalogue
from terrain.core.decision import Decision, UsedFact, Verdict
from terrain.core.explanation import Line, lines
from terrain.core.fact import FactKey, SourceKind
from terrain.core.sentence import say_fact
from terrain.flow.spoken import day_said, moment_said
from terrain.words import _, say

A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SAID: dict[str, str] = {
    "held_until": _("It is weighed again on {until}."),
    "held_until_change": _("It waits until something it depends on changes."),
    "not_at_all": _("It is not done at all."),
    "consent_is_assumed": _(
        "The consent it rests on is assumed from an archive, not proven ({rule})."
    ),
    "sureness": _("This act needs {needs} certainty; we have {had}. The weakest: {weakest}."),
    "never_sure_enough": _(
        "No certainty would be enough to do this unasked; we have {had}. The weakest: {weakest}."
    ),
    "fact": _("{fact}: {value}. {who}, since {since}; {sure} sure."),
    "disputed_fact": _(
        "{fact}: {value}. {who}, since {since}; {sure} sure, and somebody else says otherwise."
    ),
    "assumed_fact": _("{fact}: {value}. Assumed, nobody has said so; {sure} sure."),
    "nobody_said": _("{fact}: nobody has told us."),
    "close_call": _(
        "It was a close call: one of its inputs, a little different, would have changed it."
    ),
    "otherwise_fact": _("Had we been {to} sure of “{fact}”, it would be: {verdict}."),
    "otherwise_gate": _("Without the rule {rule} it would be: {verdict}."),
}
# What would have changed it, one notch aside of what was declared.
OTHERWISE: dict[tuple[str, str], str] = {
    ("undo", Undo.BY_CUSTOMER): _("If the customer could undo it, it would be: {verdict}."),
    ("undo", Undo.EASILY): _("If it could easily be undone, it would be: {verdict}."),
    ("undo", Undo.HARD): _("If it could hardly be undone, it would be: {verdict}."),
    ("undo", Undo.NEVER): _("If it could never be undone, it would be: {verdict}."),
    ("moment", Moment.ROUTINE): _("If this were a matter of routine, it would be: {verdict}."),
    ("moment", Moment.IMPORTANT): _(
        "If more were at stake for the customer, it would be: {verdict}."
    ),
    ("moment", Moment.CRITICAL): _(
        "If everything were at stake for the customer, it would be: {verdict}."
    ),
    ("benefit", Benefit.NONE): _(
        "If it were of no benefit to the customer, it would be: {verdict}."
    ),
    ("benefit", Benefit.PLEASANT): _(
        "If it were merely pleasant for the customer, it would be: {verdict}."
    ),
    ("benefit", Benefit.USEFUL): _("If it were useful to the customer, it would be: {verdict}."),
    ("benefit", Benefit.IMPORTANT): _(
        "If it were important to the customer, it would be: {verdict}."
    ),
    ("benefit", Benefit.VITAL): _("If it were vital to the customer, it would be: {verdict}."),
    ("waiting", Waiting.NOBODY): _("If nobody were waiting, it would be: {verdict}."),
    ("waiting", Waiting.WAITING): _("If somebody were waiting for it, it would be: {verdict}."),
    ("waiting", Waiting.CRITICAL): _("If somebody urgently waited for it, it would be: {verdict}."),
    ("waiting", Waiting.DANGER): _("If somebody were in danger, it would be: {verdict}."),
    ("ask_by", AskBy.CONVERSATION): _(
        "If the customer could be asked in conversation, it would be: {verdict}."
    ),
}
VERDICTS = {
    Verdict.ACT: _("do it"),
    Verdict.ASK: _("ask first"),
    Verdict.HOLD: _("do not do it"),
    Verdict.HAND: _("leave it to a person"),
}
WHO = {
    SourceKind.CUSTOMER_SAID: _("The customer said so"),
    SourceKind.STAFF_HEARD: _("Staff heard it from the customer"),
    SourceKind.TRANSACTION: _("A transaction implies it"),
    SourceKind.BEHAVIOUR: _("What the customer did suggests it"),
    SourceKind.THIRD_PARTY: _("A third party says so"),
    SourceKind.INFERRED: _("It was inferred"),
}


def reason(decision: Decision, language: str) -> str:
    """Return the reason in one sentence."""
    return because(decision.because, language)


def because(code: str, language: str) -> str:
    """Return the words of a reason's code."""
    return words.catalogue(language).pgettext("because", code)


def details(decision: Decision, catalogue: Catalogue, language: str, zone: ZoneInfo) -> list[str]:
    """Return, one sentence each, how sure it was, who said so, what would have changed it."""
    said = (
        say(language, _sentence_of(line), **_filled(line, catalogue, language, zone))
        for line in lines(decision)
    )
    return [sentence[:1].upper() + sentence[1:] for sentence in said]


def sentences(decision: Decision, catalogue: Catalogue, language: str, zone: ZoneInfo) -> list[str]:
    """Return the whole explanation, the reason first."""
    return [reason(decision, language), *details(decision, catalogue, language, zone)]


def fact_named(key: FactKey, catalogue: Catalogue, language: str) -> str:
    """Return what a fact is called: « utilise toujours (filtre A) »."""
    kind = catalogue.facts.get(key.fact)
    name = (kind.words.get(language) if kind else "") or key.fact
    product = catalogue.products.get(key.about)
    about = (product.words.get(language) if product else "") or _about(key.about, language)
    return f"{name} ({about})" if about else name


def _about(about: str, language: str) -> str:
    """Return a day as people say it; an order's number and the like as they stand."""
    try:
        return _day(date.fromisoformat(about), language) if A_DAY.fullmatch(about) else about
    except ValueError:  # the 31st of February
        return about


def _sentence_of(line: Line) -> str:
    if line.code == "otherwise":
        return OTHERWISE[line.values["of"], line.values["to"]]
    return SAID[line.code]


def _filled(line: Line, catalogue: Catalogue, language: str, zone: ZoneInfo) -> dict[str, str]:
    """Return the gaps of a line as they are read."""
    fact = line.values.get("fact")
    filled = _of_fact(fact, catalogue, language) if isinstance(fact, UsedFact) else {}
    for name, value in line.values.items():
        filled[name] = _one(value, catalogue, language, zone)
    if "rule" in filled:
        filled["rule"] = _rule(filled["rule"], language)
    return filled


def _rule(name: str, language: str) -> str:
    """Return a rule of the house by what it says; a rule of the law has the name it has in its table."""
    said = because(name, language)
    if said == name:
        return name
    before, after = (
        ("«\N{NARROW NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}»") if language == "fr" else "“”"
    )
    return f"{before}{said.rstrip('.')}{after}"


def _of_fact(fact: UsedFact, catalogue: Catalogue, language: str) -> dict[str, str]:
    value = say_fact(catalogue.facts.get(fact.key.fact), fact.value, language)
    since = _day(fact.since.date(), language) if fact.since else "–"
    who = say(language, WHO[fact.kind]) if fact.kind else fact.source
    if fact.kind is not None and fact.source:
        who = f"{who} ({fact.source})"
    return {"value": value, "who": who, "since": since}


_day = lru_cache(maxsize=4096)(day_said)


_READ: tuple[tuple[type, Callable[[Any, Catalogue, str, ZoneInfo], str]], ...] = (
    (UsedFact, lambda fact, names, language, _zone: fact_named(fact.key, names, language)),
    (FactKey, lambda key, names, language, _zone: fact_named(key, names, language)),
    (Verdict, lambda verdict, _names, language, _zone: say(language, VERDICTS[verdict])),
    (float, lambda share, _names, _language, _zone: _percent(share)),
    (datetime, lambda moment, _names, language, zone: moment_said(moment, language, zone)),
    (date, lambda day, _names, language, _zone: _day(day, language)),
)


def _one(value: object, catalogue: Catalogue, language: str, zone: ZoneInfo) -> str:
    for kind, read in _READ:
        if isinstance(value, kind):
            return read(value, catalogue, language, zone)
    return str(value)


def _percent(share: float) -> str:
    # Both languages write "89 %" here; Babel would take a fifth of the time of a whole decision.
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"
