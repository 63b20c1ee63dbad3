"""A year with Léa, day by day: events in, and what became of her runs, in a house of example files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from terrain.core import turn
from terrain.core.act import Act
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.fact import SourceKind
from terrain.core.house import Company, House
from terrain.core.identifier import Identifier, Kind, id_from, key_of
from terrain.core.law import Law
from terrain.core.question import Question
from terrain.core.run import Run
from terrain.core.settings import GuardSettings
from terrain.core.task import Task
from terrain.flow.automations import draft_of, drafts_of
from terrain.flow.catalogue import catalogue_of
from terrain.flow.rules import shipped_law

EXAMPLES = Path(__file__).parent.parent / "examples"
START = datetime(2026, 1, 15, 11, tzinfo=UTC)
LEA = (Identifier(Kind.USER_ID, "lea"), Identifier(Kind.EMAIL, "lea@example.org"))
SOURCES = {
    "shop": SourceKind.TRANSACTION,
    "carrier": SourceKind.THIRD_PARTY,
    "page": SourceKind.CUSTOMER_SAID,
    "desk": SourceKind.STAFF_HEARD,
}
PROOF = {
    "controller": "The shop",
    "wording": "I want news by e-mail",
    "wording_version": "1",
    "positive_act": "ticked the box",
    "where": "checkout",
    "language": "fr",
}
PROMISE = """
automation: a-promise
owner: camille@example.org
mandate: {en: A promise., fr: Une promesse.}
benefit: useful
purpose: service
offers: [a_person, stop_these]
bounds: {complaint: 1 in 1000, wrong_assumption: 5 in 1000, stop: 5 in 1000}
"""


@cache
def example_catalogue() -> Catalogue:
    catalogue, problems = catalogue_of(EXAMPLES / "catalogue.yaml")
    assert not problems, problems
    return catalogue


@cache
def examples() -> dict[str, Automation]:
    drafts = list(drafts_of(EXAMPLES, example_catalogue()))
    problems = [problem for draft in drafts for problem in draft.problems]
    assert not problems, problems
    return {draft.name: draft.automation for draft in drafts if draft.automation}


def written(body: str, head: str = PROMISE) -> Automation:
    """Return the automation that these lines, under a good head, promise."""
    draft = draft_of(head + body, "a-promise.yaml", example_catalogue())
    assert draft.automation is not None, draft.problems
    return draft.automation


def a_shop(*automations: Automation, lawful: bool = False, **more: Any) -> House:
    """Return a house with these automations; `lawful` adds the law as shipped."""
    return House(
        catalogue=example_catalogue(),
        law=shipped_law() if lawful else Law(),
        settings=GuardSettings(),
        company=Company(language="en"),
        versions={(each.name, each.version): each for each in automations},
        live={each.name: each for each in automations},
        sources=SOURCES,
        **more,
    )


class Life:
    """Léa's days in a house. Every turn is taken by `core/turn.py`, as a worker would."""

    def __init__(self, *automations: Automation, lawful: bool = False, **more: Any) -> None:
        self.house = a_shop(*automations, lawful=lawful, **more)
        self.now = START
        self.customer = Customer(key=key_of(1), nodes=(key_of(1),), identifiers=LEA)
        self.acts: list[Act] = []
        self.decisions: list[Decision] = []
        self.questions: dict[int, Question] = {}
        self.tasks: list[Task] = []
        self.runs: dict[int, Run] = {}
        self.hear("customer.identified", email="lea@example.org", language="en")
        self.consents()

    def consents(self) -> "Life":
        """Let her say yes to e-mail, with everything the proof needs."""
        for purpose in ("prospecting", "service"):
            said = PROOF | {"purpose": purpose, "channel": "email", "identifier": "lea@example.org"}
            self.hear("consent.given", source="page", **said)
        return self

    def take_in(self, run: Run) -> None:
        """Let a run of the calendar begin, as a walk would have written it down."""
        self.runs[run.run_id] = run
        self.customer = msgspec.structs.replace(self.customer, runs=(*self.customer.runs, run))
        self.until(max(self.now, run.due_at or self.now))

    def hear(self, name: str, source: str = "shop", **said: Any) -> "Life":
        """Let something happen now."""
        message_id = f"{len(self.runs)}-{name}-{self.now.isoformat()}-{sorted(said.items())!r}"
        event = Event(
            message_id=message_id,
            event_id=id_from(self.now, message_id),
            name=name,
            at=self.now,
            received_at=self.now,
            source=source,
            identifiers=LEA,
            properties=said,
        )
        self._turn((event,))
        return self

    def until(self, moment: datetime) -> "Life":
        """Let time pass: whatever falls due on the way is taken up when it falls due."""
        for due in self._dues(moment):
            self.now = due
            self._turn(())
        self.now = moment
        return self

    def days(self, days: float) -> "Life":
        return self.until(self.now + timedelta(days=days))

    @property
    def sent(self) -> list[str]:
        """The names of what left, in order."""
        return [act.name for act in self.acts]

    def sent_on(self, name: str) -> list[str]:
        return [f"{act.due_at:%Y-%m-%d}" for act in self.acts if act.name == name]

    @property
    def live(self) -> list[Run]:
        return list(self.customer.runs)

    def run(self, subject: str) -> Run:
        return next(run for run in self.runs.values() if run.subject == subject)

    def asked(self) -> Question:
        return list(self.questions.values())[-1]

    def answer(self, answer: Any) -> "Life":
        number = str(self.asked().question_id)
        return self.hear("question.answered", "page", question_id=number, answer=answer)

    def _dues(self, moment: datetime) -> Iterator[datetime]:
        while True:
            dues = [run.due_at for run in self.customer.runs if run.due_at is not None]
            due = min(dues, default=None)
            if due is None or due > moment:
                return
            yield max(due, self.now)

    def _turn(self, events: tuple[Event, ...]) -> None:
        changes = turn.live(self.customer, events, self.house, self.now)
        self.customer = msgspec.structs.replace(changes.customer, seq=self.customer.seq + 1)
        self.acts += changes.acts
        self.decisions += changes.decisions
        self.questions |= changes.questions
        self.tasks += changes.tasks
        for number, run in changes.runs.items():
            # What is stored is what the next worker reads.
            stored = msgspec.msgpack.decode(msgspec.msgpack.encode(run), type=Run)
            self.runs[number] = stored
        self.customer = msgspec.structs.replace(
            self.customer,
            runs=tuple(self.runs[run.run_id] for run in self.customer.runs),
        )
