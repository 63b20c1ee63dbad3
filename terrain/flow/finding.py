"""What a meter found, who was hit and what it brought, in plain French and English sentences.

Promise: a sentence says the figures of its line (`core/finding.py`, `contrast.py`, `arms.py`) and no others,
written as the reader writes numbers.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from terrain.core.duration import Span
from terrain.core.explanation import Line
from terrain.core.interval import Share
from terrain.core.sentence import say_span
from terrain.core.signal import Signal
from terrain.core.watch import State
from terrain.flow.spoken import bound_said, share_said
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
    "no_bound": _(
        "{signal}: {bad} of {acts}. Nobody said how much is too much; it is being learned."
    ),
    "worse": _(
        "{signal}: {bad} of {acts} treated ({treated}, between {low} and {high}); "
        "{held_bad} of {held_acts} held out ({held_out}, between {held_low} and {held_high}), "
        "so {expected} were to be expected. "
        "If treated people were no worse off, fewer than one house of {times} would ever see this."
    ),
    "no_worse": _(
        "{signal}: {bad} of {acts} treated ({treated}, between {low} and {high}); "
        "{held_bad} of {held_acts} held out ({held_out}, between {held_low} and {held_high}), "
        "so {expected} were to be expected. "
        "Nothing says that treated people are worse off."
    ),
    "nobody_held_out": _(
        "{signal}: {bad} of {acts}. Nobody was held out yet, so there is nothing to compare with."
    ),
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
    # What differs about the people hit (`core/contrast.py`)
    "stands_out": _(
        "{trait} {value}: {hit} of those hit, {others} of the others. "
        "Luck alone does so much in at most {luck} of cases."
    ),
    "comes_with": _(
        "{trait} {value}: {hit} of those hit, {others} of the others; "
        "it comes with {with_trait} {with_value}."
    ),
    "nothing_stands_out": _(
        "Nothing stands out: the {hit} people hit are like the others among the {touched} touched."
    ),
    "nobody_hit": _("Nobody was hit, so there is nothing to compare."),
    "all_hit": _("Everybody who was touched was hit, so there is nobody to compare with."),
    # What an automation brought (`core/arms.py`)
    "arm_differs": _(
        "“{arm}”, {what}: {treated} beside {held_out} of those held out, "
        "a difference of {difference} (from {low} to {high})."
    ),
    "arm_money": _(
        "“{arm}”, {what}: {treated} a person beside {held_out} of those held out, "
        "a difference of {difference} (from {low} to {high})."
    ),
    "arm_among_alike": _(
        "“{arm}”, {what}, among alike people: {treated} beside {held_out}, "
        "a difference of {difference} (from {low} to {high})."
    ),
    "arm_too_few": _(
        "“{arm}”, {what}: {treated} a person beside {held_out}; "
        "too few people carry the figure for an honest interval."
    ),
    "arm_unlike": _(
        "Not alike: of those in “{arm}”, {treated} are {kind}; of those held out, {held_out}. "
        "Compare alike people before you believe a difference."
    ),
    # Whether both groups of a comparison are alike (`core/alike.py`)
    "not_alike": _(
        "Both groups are not alike: {trait} {value} for {treated} of those treated, "
        "and for {held_out} of those held out. Compare alike people before you believe a difference."
    ),
    "among_alike": _(
        "Among people alike in this: {treated} of those treated instead of {held_out}; "
        "the difference lies between {low} and {high}."
    ),
    "over_budget": _(
        "Up to {expected} pauses a year may be mistakes, more than the {budget} accepted: "
        "red asks for more evidence, until it fits."
    ),
}
SIGNALS: dict[str, str] = {
    Signal.COMPLAINT: _("complaints"),
    Signal.SPAM: _("called spam"),
    Signal.STOP: _("stops"),
    Signal.BOUNCE: _("bounces"),
    Signal.A_PERSON: _("calls for a person"),
    Signal.SAME_NEED: _("the same need again"),
    Signal.WRONG_ASSUMPTION: _("wrong assumptions"),
    Signal.OVERRIDE: _("overrides"),
    Signal.DISSATISFIED: _("dissatisfied answers"),
    Signal.NO_ANSWER: _("questions without answer"),
    Signal.MAKE_GOOD: _("things made good"),
    Signal.CORRECTION: _("corrections by customers"),
    Signal.HELPED: _("helped"),
    Signal.TAKEN_UP: _("taken up"),
    Signal.RUN_FAILED: _("runs that failed"),
    Signal.RUN_STUCK: _("runs that went round in circles"),
    Signal.TIMED_OUT: _("what was waited for did not come in time"),
    Signal.SEND_RETRIED: _("sends that took more than one try"),
}
# How a watch stands.
STATES: dict[str, str] = {
    State.CLEAR: _("within its bounds"),
    State.AMBER: _("to be watched"),
    State.RED: _("out of bounds"),
    State.GREY: _("nobody can tell"),
}
# What a sentence of these says in figures is a share, or money.
MEASURED = frozenset(
    {
        *("stands_out", "comes_with", "arm_differs", "arm_money", "arm_among_alike"),
        *("arm_too_few", "arm_unlike", "worse", "no_worse", "not_alike", "among_alike"),
    }
)
# The share in these is a bound, which stands as it was declared.
OF_BOUNDS = frozenset({"strays", "within"})
_FEW = 10  # smaller numbers are said with their first decimal


def sentences(lines: Iterable[Line], language: str, zone: ZoneInfo) -> list[str]:
    """Return each line as one sentence."""
    return [sentence(line, language, zone) for line in lines]


def sentence(line: Line, language: str, zone: ZoneInfo) -> str:
    """Return one line as a sentence."""
    filled = {
        gap: _figure(line.code, gap, value, language) or _one(gap, value, language, zone)
        for gap, value in line.values.items()
    }
    said = say(language, SAID[line.code], **filled)
    return said[:1].upper() + said[1:]


def _figure(code: str, gap: str, value: Any, language: str) -> str:
    """Return a share as a percentage and money with its cents; nothing for what is neither."""
    if isinstance(value, Share):
        return share_said(value.value, language)
    if gap == "share" and code in OF_BOUNDS:
        return bound_said(value, language)
    if code not in MEASURED or gap == "expected" or not isinstance(value, float):
        return ""
    if code in ("arm_money", "arm_too_few"):
        return str(format_decimal(value, "#,##0.00", locale=language))
    return share_said(value, language)


def _one(gap: str, value: Any, language: str, zone: ZoneInfo) -> str:
    if isinstance(value, str):
        return say(language, SIGNALS[value]) if gap == "signal" else value
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, date):
        return _day(value, language, zone)
    if gap in ("share", "luck"):
        return share_said(value, language)
    return str(format_decimal(value, _digits(value), locale=language))


def _digits(value: float) -> str:
    """Return how a number is written: nought is said only of what is nought."""
    if value < 1:
        return "#,##0.##"
    return "#,##0.#" if value < _FEW else "#,##0"


def _day(value: date, language: str, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return str(format_datetime(value.astimezone(zone), "d MMMM, HH:mm", locale=language))
    return str(format_date(value, "d MMMM", locale=language))
