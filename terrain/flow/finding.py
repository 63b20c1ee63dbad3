"""What a meter found, in plain French and English sentences, for its page, its e-mail and its alarm.

Promise: a sentence says the figures of `core/finding.py` and no others, written as the reader writes numbers.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from terrain.core.duration import Span
from terrain.core.explanation import Line
from terrain.core.sentence import say_span
from terrain.core.signal import Signal
from terrain.words import _, say

SAID: dict[str, str] = {
    "strays": _(
        "Since {since}: {bad} of {acts} ({signal}); at most {expected} expected ({share}). "
        "An automation within its bounds would show this in fewer than one year of {years}."
    ),
    "within": _("{signal}: {bad} of {acts}; at most {expected} expected ({share})."),
    "one_is_too_many": _("{signal}: {bad} of {acts}. The bound is none at all: one is too many."),
    "enough_once": _("Something happened that is stopped at once, without counting."),
    "gap": _("{signal}: nothing can come in since {since}. What is not heard is not good news."),
    "no_acts": _("{signal}: nothing was done yet, so there is nothing to see."),
    "blind": _(
        "At {acts} acts a month, {times} times the bound ({share}) takes about {span} to prove."
    ),
    "never_proven": _("{times} times the bound ({share}) cannot be proven by counting."),
    "pilot": _(
        "To see {times} times the bound, a pilot takes {half} acts in one of two cases, "
        "{nearly_all} in nine of ten."
    ),
    "false_reds": _("At most {expected} pauses a year may be mistakes; {budget} are accepted."),
    "over_budget": _(
        "Up to {expected} pauses a year may be mistakes, more than the {budget} accepted: "
        "red asks for more evidence, until it fits."
    ),
}
SIGNALS: dict[str, str] = {
    Signal.COMPLAINT: _("complaints"),
    Signal.SPAM: _("reported as spam"),
    Signal.STOP: _("stops"),
    Signal.BOUNCE: _("could not be delivered"),
    Signal.A_PERSON: _("calls for a person"),
    Signal.SAME_NEED: _("came back with the same need"),
    Signal.WRONG_ASSUMPTION: _("wrong assumptions"),
    Signal.OVERRIDE: _("overrides"),
    Signal.DISSATISFIED: _("dissatisfied answers"),
    Signal.NO_ANSWER: _("questions without an answer"),
    Signal.MAKE_GOOD: _("had to be made good"),
    Signal.CORRECTION: _("corrected by the customer"),
    Signal.HELPED: _("helped"),
    Signal.TAKEN_UP: _("taken up"),
    Signal.RUN_FAILED: _("runs that failed"),
    Signal.RUN_STUCK: _("runs that are stuck"),
    Signal.TIMED_OUT: _("took too long"),
    Signal.SEND_RETRIED: _("had to be sent again"),
}
_FEW = 10  # smaller numbers are said with their first decimal


def sentences(lines: Iterable[Line], language: str, zone: ZoneInfo) -> list[str]:
    """Return each line as one sentence."""
    return [sentence(line, language, zone) for line in lines]


def sentence(line: Line, language: str, zone: ZoneInfo) -> str:
    """Return one line as a sentence."""
    filled = {gap: _one(gap, value, language, zone) for gap, value in line.values.items()}
    said = say(language, SAID[line.code], **filled)
    return said[:1].upper() + said[1:]


def _one(gap: str, value: Any, language: str, zone: ZoneInfo) -> str:
    if gap == "signal":
        return say(language, SIGNALS[value])
    if gap == "share":
        return str(format_percent(value, "#,##0.## %", locale=language))
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, datetime):
        return str(format_datetime(value.astimezone(zone), "d MMMM, HH:mm", locale=language))
    if isinstance(value, date):
        return str(format_date(value, "d MMMM", locale=language))
    return str(format_decimal(value, "#,##0.#" if value < _FEW else "#,##0", locale=language))
