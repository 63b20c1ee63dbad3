"""An automation said back to people: what starts it, and every fact that it relies on.

Promise: the list of facts is complete. Whatever could make the automation do something else for this
customer is in it, whether a condition asks for it or an act assumes it.
"""

from collections.abc import Iterator

from terrain.core.automation import (
    Ask,
    Automation,
    Branch,
    Declared,
    Do,
    Repeat,
    Send,
    Split,
    Start,
    StartOnDate,
    StartOnEvent,
    StartOnSchedule,
    Step,
    Wait,
)
from terrain.core.catalogue import Catalogue
from terrain.core.condition import ALWAYS, Condition, names
from terrain.core.name import Name, Root
from terrain.core.sentence import say_name, sentence

_WORDS = {
    "en": {
        "event": "starts when {event}",
        "every": "starts every {every}, for whom it holds that: {condition}",
        "segment": "starts for whoever comes to be described by: {condition}",
        "date": "starts when it comes: {date}",
        "if": "{start}, if {condition}",
    },
    "fr": {
        "event": "commence quand {event}",
        "every": "commence chaque {every}, pour qui : {condition}",
        "segment": "commence pour qui vient à répondre à : {condition}",
        "date": "commence quand vient : {date}",
        "if": "{start}, si {condition}",
    },
}
_EVERY_FR = {
    "day": "jour",
    "monday": "lundi",
    "tuesday": "mardi",
    "wednesday": "mercredi",
    "thursday": "jeudi",
    "friday": "vendredi",
    "saturday": "samedi",
    "sunday": "dimanche",
    "month": "mois",
    "year": "an",
}


def facts_of(automation: Automation) -> tuple[Name, ...]:
    """Return the facts of the customer that the automation relies on, each once."""
    found = (name for name in _all_names(automation) if name.root is Root.FACT)
    return tuple(dict.fromkeys(found))


def start_said(start: Start, language: str, catalogue: Catalogue) -> str:
    """Return what starts the automation, as a sentence without its full stop."""
    words = _WORDS[language]
    condition = sentence(start.condition, language, catalogue)
    if isinstance(start, StartOnSchedule):
        every = _EVERY_FR[start.every] if language == "fr" else start.every
        return words["every"].format(every=every, condition=condition)
    if isinstance(start, StartOnEvent):
        kind = catalogue.events.get(start.when)
        event = (kind.words.get(language) if kind else None) or start.when
        said = words["event"].format(event=event)
    elif isinstance(start, StartOnDate):
        said = words["date"].format(date=say_name(start.date, language, catalogue))
    else:
        return words["segment"].format(condition=condition)
    return (
        said if start.condition == ALWAYS else words["if"].format(start=said, condition=condition)
    )


def _all_names(automation: Automation) -> Iterator[Name]:
    for start in automation.starts:
        if isinstance(start, StartOnDate):
            yield start.date
        yield from names(start.condition)
    for end in automation.ends:
        yield from names(end.condition)
    yield from _of_declared(automation.benefit)
    for step in _steps(automation.steps):
        yield from _of_step(step)


def _of_step(step: Step) -> Iterator[Name]:
    if isinstance(step, Send | Ask | Do):
        terms = step.terms
        yield from (assumed.name for assumed in terms.assumes)
        for declared in (terms.benefit, terms.undo, terms.moment, terms.waiting):
            yield from _of_declared(declared)
    if isinstance(step, Wait):
        yield from (date.after for date in step.until)
    for condition in _conditions(step):
        yield from names(condition)


def _conditions(step: Step) -> Iterator[Condition]:
    if isinstance(step, Wait):
        yield step.condition
    elif isinstance(step, Branch):
        yield from (way.when for way in step.ways)
    elif isinstance(step, Repeat) and step.until is not None:
        yield step.until


def _of_declared(declared: Declared | None) -> Iterator[Name]:
    for case in declared.cases if declared else ():
        yield from names(case.when)


def _steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        for inner in blocks(step):
            yield from _steps(inner)


def blocks(step: Step) -> Iterator[tuple[Step, ...]]:
    """Yield the blocks of steps that a step holds."""
    if isinstance(step, Branch):
        yield from (way.steps for way in step.ways)
        yield step.otherwise
    elif isinstance(step, Split):
        yield from (part.steps for part in step.parts)
    else:
        yield from (getattr(step, block, ()) for block in ("steps", "then", "or_else"))


def every_step(automation: Automation) -> Iterator[Step]:
    """Yield every step, also those inside others, in the order of the file."""
    return _steps(automation.steps)
