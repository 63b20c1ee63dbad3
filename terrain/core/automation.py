"""An automation as it was declared: a promise in a file, read, checked and given a version.

Promise: everything it relies on, how far it reaches, what a customer may do about it and when it
has gone wrong can be read here before anything runs. `flow/automations.py` reads the files,
`core/journey.py` runs them.
"""

from datetime import time
from enum import StrEnum
from typing import Any

import msgspec

from terrain.core.act import AskBy, Benefit, Lane, Moment, Reach, Undo, Waiting
from terrain.core.condition import ALWAYS, Condition
from terrain.core.consent import Channel, Purpose
from terrain.core.duration import Span
from terrain.core.name import Name

Words = dict[str, str]  # by language
Reasons = dict[str, str]  # by signal


class Offer(StrEnum):
    """What a customer may do about an act, right there."""

    WATCH_HOW_TO = "watch_how_to"
    REORDER = "reorder"
    MOVE_THE_DATE = "move_the_date"
    ANSWER = "answer"
    STOP_THESE = "stop_these"
    STOP_ALL = "stop_all"
    CORRECT_FACTS = "correct_facts"
    A_PERSON = "a_person"


# -- what may depend on facts ----------------------------------------------------------------------


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A value that counts where its condition holds."""

    value: str
    when: Condition


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A declared value that may depend on facts: the first case that holds, else `otherwise`.

    `undo: {easily: item.in_stock, never: otherwise}` is one case and an otherwise.
    """

    otherwise: str
    cases: tuple[Case, ...] = ()

    def possible(self) -> tuple[str, ...]:
        """Return every value it may take."""
        return (*(case.value for case in self.cases), self.otherwise)


class Assumed(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that must be true for an act to be right; without `expects`, the value that holds."""

    name: Name
    expects: Any = None


class DateOf(msgspec.Struct, frozen=True, kw_only=True):
    """A moment computed from what is known: `{after: event.at, plus: item.product.lifetime}`.

    `at` is the time of day in the customer's zone; without it, a date that has no time of its own is
    taken in the morning (`core/name.py`, MORNING).
    """

    after: Name
    plus: Name | Span | None = None
    minus: Name | Span | None = None
    at: time | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it is declared: about which fact, which words and answers, what silence means."""

    about: Name
    words: Words
    answers: tuple[str, ...] = ("yes", "no")
    within: Span | None = None
    no_answer: str = "no"
    by: AskBy = AskBy.INBOX
    gaps: dict[str, Name] = {}  # `{event.new_date}` in the words: the name that fills it


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever's order or account changes is told before it takes effect, and so long before."""

    template: str
    before: Span


# -- starts ----------------------------------------------------------------------------------------


class StartOnEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """`when: order.delivered, each: items, units: quantity`: a run for each unit of each item."""

    when: str
    each: Name | None = None
    units: Name | None = None
    condition: Condition = ALWAYS
    subject: tuple[Name, ...] = ()


class StartOnSchedule(msgspec.Struct, frozen=True, kw_only=True, tag="schedule"):
    """`every: monday, at: 09:00, for: {country: FR}`: whom the condition describes, once a period."""

    every: str  # day, monday ... sunday, month, year
    at: time
    condition: Condition = ALWAYS
    day: int = 1  # of the month, for month and year; the last one where the month is shorter
    month: int = 1


class StartOnSegment(msgspec.Struct, frozen=True, kw_only=True, tag="segment"):
    """`segment: {tags: vip}`: whoever comes to be described, at most once in `again_after`."""

    condition: Condition
    again_after: Span


class StartOnDate(msgspec.Struct, frozen=True, kw_only=True, tag="date"):
    """`on: birth_date, yearly: yes, before: 3 days`: when a date among the facts comes round."""

    date: Name
    yearly: bool = False
    before: Span = Span()
    after: Span = Span()
    at: time | None = None
    condition: Condition = ALWAYS


Start = StartOnEvent | StartOnSchedule | StartOnSegment | StartOnDate


# -- steps -----------------------------------------------------------------------------------------


class Wait(msgspec.Struct, frozen=True, kw_only=True, tag="wait"):
    """For a span; until the first date of `until` that is known; or until an event or `within`."""

    name: str
    span: Span | None = None
    until: tuple[DateOf, ...] = ()
    stock: Name | None = None
    event: str = ""
    condition: Condition = ALWAYS
    within: Span | None = None
    then: tuple["Step", ...] = ()
    or_else: tuple["Step", ...] = ()


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What every act declares for the guard to weigh; empty fields take the automation's own."""

    reach: Reach
    undo: Declared = Declared(otherwise=Undo.BY_CUSTOMER)
    moment: Declared = Declared(otherwise=Moment.ROUTINE)
    benefit: Declared | None = None
    purpose: Purpose | None = None
    waiting: Declared = Declared(otherwise=Waiting.NOBODY)
    assumes: tuple[Assumed, ...] = ()
    offers: tuple[Offer, ...] = ()
    solicited: bool = False
    adverse: bool = False
    significant: bool = False
    obligation: bool = False
    complaint: Name | None = None
    product: Name | None = None
    lane: Lane | None = None
    expires: Span | None = None


class Send(msgspec.Struct, frozen=True, kw_only=True, tag="send"):
    """A message from a template. `or_else` is done instead where the guard will not let it go."""

    name: str
    template: str
    by: Channel
    terms: Terms
    ask: Question | None = None
    values: dict[str, Name] = {}
    or_else: tuple["Step", ...] = ()


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """A question put by itself; what comes back is `answer` for the steps that follow."""

    name: str
    question: Question
    by: Channel
    terms: Terms
    or_else: tuple["Step", ...] = ()


class Do(msgspec.Struct, frozen=True, kw_only=True, tag="do"):
    """A signed webhook to whoever does it; `action` is declared in the catalogue."""

    name: str
    action: str
    terms: Terms
    payload: dict[str, Name] = {}
    ask: Question | None = None
    announce: Announcement | None = None
    or_else: tuple["Step", ...] = ()


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One arm of a branch."""

    when: Condition
    steps: tuple["Step", ...]


class Branch(msgspec.Struct, frozen=True, kw_only=True, tag="branch"):
    """The first way whose condition holds, else `otherwise`."""

    name: str
    ways: tuple[Way, ...]
    otherwise: tuple["Step", ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a split, with its share of all customers."""

    label: str
    share: float
    steps: tuple["Step", ...]


class Split(msgspec.Struct, frozen=True, kw_only=True, tag="split"):
    """Sticky: the same customer always takes the same part of the same split."""

    name: str
    parts: tuple[Part, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True, tag="change"):
    """A claim about the customer, in the automation's own name: never more than inferred.

    The value is said in the file, or `named`: the event's or the item's.
    """

    name: str
    fact: Name
    value: Any = None
    named: Name | None = None


class DoTask(msgspec.Struct, frozen=True, kw_only=True, tag="task"):
    """Something for a person. `or_else`: not done in time."""

    name: str
    title: Words
    within: Span | None = None
    shows: tuple[Name, ...] = ()
    then: tuple["Step", ...] = ()
    or_else: tuple["Step", ...] = ()


class Repeat(msgspec.Struct, frozen=True, kw_only=True, tag="repeat"):
    """The same steps again, `times` over, `every` so long, until the condition holds."""

    name: str
    steps: tuple["Step", ...]
    times: int
    every: Span | None = None
    until: Condition | None = None


class End(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """The run is over; `because` says why."""

    name: str
    because: str = "end"


Step = Wait | Send | Ask | Do | Branch | Split | Change | DoTask | Repeat | End


class EndsWhen(msgspec.Struct, frozen=True, kw_only=True):
    """What ends a run wherever it stands: an event about the same matter, or a condition."""

    event: str = ""
    condition: Condition = ALWAYS


# -- the whole -------------------------------------------------------------------------------------


class Automation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One version of one file. `bounds` says, by signal, which share of those touched is too much.

    `looser_because` is why, for each of them that allows more than usual (`core/bounds.py`). `holdout` is
    the share of customers who do not get it, to compare with (`core/held_out.py`).
    """

    name: str
    version: int = 1
    owner: str = ""
    deputy: str = ""
    mandate: Words = {}
    benefit: Declared = Declared(otherwise=Benefit.NONE)
    purpose: Purpose = Purpose.SERVICE
    starts: tuple[Start, ...] = ()
    steps: tuple[Step, ...] = ()
    ends: tuple[EndsWhen, ...] = ()
    bounds: dict[str, float] = {}
    looser_because: Reasons = {}
    holdout: float = 0.0
    offers: tuple[Offer, ...] = ()
    sector: str = ""
    lane: Lane = Lane.USUAL
    digest: str = ""
