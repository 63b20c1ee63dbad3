"""May I do this? The same judgement for any other system or AI agent, before it acts.

Promise: what is asked is decided and kept like an act of our own, whether or not it is then done; a
verdict for a person opens a task, once for a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.customer import Customer
from terrain.core.decision import Decision, UsedFact, Verdict
from terrain.core.fact import FactKey
from terrain.core.guard import decide as decide_matter
from terrain.core.handover import handover
from terrain.core.house import House
from terrain.core.identifier import STRENGTH, Identifier, Kind, id_from
from terrain.core.matter import Matter
from terrain.core.outside import (
    UnknownChoice,
    Wanted,
    facts_for,
    proposal_of,
    refuse_what_nobody_knows,
)
from terrain.core.place import zones_of
from terrain.core.task import Task, TaskKind
from terrain.errors import Refusal, did_you_mean
from terrain.flow import explanation
from terrain.flow.identifiers import named
from terrain.flow.wire import NullCharacter
from terrain.store import customers, decisions, identifiers, people, tasks
from terrain.words import LANGUAGES, _, say

# How the tracking libraries call two of the identifiers.
_CALLED = {"userId": "user_id", "anonymousId": "anonymous_id"}
_IS_IT_RIGHT = _("Is this right: {fact}?")


class NobodyNamed(Refusal):
    """An identifier that could be anybody's, or nobody's."""

    code = "nobody_named"


class ToPut(msgspec.Struct, frozen=True, kw_only=True):
    """The question to put: its number (answer with it), about what, by which way, in which words."""

    question_id: str
    fact: str
    about: str
    by: str
    words: dict[str, str]
    answers: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the asker is told. `sentence` is the reason in each language, `explanation` the rest."""

    decision_id: str
    verdict: Verdict
    because: str
    sentence: dict[str, str]
    explanation: list[str]
    hold: str | None = None
    until: datetime | None = None
    question: ToPut | None = None
    task_id: str | None = None
    certainty: float | None = None
    needs: float | None = None
    close_call: bool = False
    facts: tuple[UsedFact, ...] = ()


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and in which language they read."""

    source: str
    language: str = "en"


def decide(db: Connection, house: House, wanted: Wanted, asker: Asker, now: datetime) -> Answer:
    """Decide about one act from outside, and keep the decision."""
    if b"\\u0000" in msgspec.json.encode(wanted):
        raise NullCharacter(field="message")
    proposal = proposal_of(wanted, asker.source)
    matter = Matter(proposal, _customer(db, house, wanted, now), house, now)
    refuse_what_nobody_knows(wanted, matter)
    decision = decide_matter(matter, facts_for(wanted, matter, asker.source))
    question = None
    if decision.verdict is Verdict.ASK:
        question = _to_put(decision, wanted, house)
        kept = {"question": msgspec.to_builtins(question)}
        decision = msgspec.structs.replace(decision, values=kept)
    decisions.save(db, [decision])
    task = _hand_over(db, decision, matter.customer) if decision.verdict is Verdict.HAND else None
    return _answer(decision, question, task, matter, asker)


def number_of(decision: Decision) -> str:
    """Return the name of a decision outside: it leads to its customer without a search."""
    return f"{decision.key.customer_id:x}-{decision.decision_id:x}"


# -- who it is about ----------------------------------------------------------------------------


def _customer(db: Connection, house: House, wanted: Wanted, now: datetime) -> Customer:
    """Return the customer by their strongest identifier that is known; a stranger is remembered."""
    names = names_of(wanted.customer, house.company.country)
    found = identifiers.find(db, names)
    known = next((found[name] for name in names if name in found), None)
    node = known or identifiers.resolve(db, names[:1], now)[names[0]]
    survivor = customers.survivors(db, [node]).get(node, node)
    return people.load(db, [survivor], now, secret=house.secret)[survivor]


def names_of(customer: Mapping[str, str | int], country: str) -> list[Identifier]:
    """Return the identifiers that a machine gives, the strongest first, or refuse what names nobody."""
    found = []
    for word, value in customer.items():
        kind = _CALLED.get(word, word)
        if kind not in STRENGTH:
            right = did_you_mean(word, STRENGTH) or list(STRENGTH)
            raise UnknownChoice(field="customer", value=word, right=right)
        name = named(Kind(kind), value, country)
        if not isinstance(name, Identifier):
            raise NobodyNamed(field=f"customer.{word}", value=value, right=name)
        found.append(name)
    return sorted(found, key=lambda name: STRENGTH[name.kind])


# -- what follows -------------------------------------------------------------------------------


def _to_put(decision: Decision, wanted: Wanted, house: House) -> ToPut:
    """Return the question: the asker's own, else whether the weakest of the assumptions is right."""
    weakest = decision.weighing.weakest if decision.weighing else None
    given = wanted.question
    if given is not None and given.fact:
        weakest = FactKey(given.fact, given.about)
    key = weakest or FactKey("agrees", wanted.name)
    words = given.words if given is not None else {}
    for language in LANGUAGES if not words else ():
        fact = explanation.fact_named(key, house.catalogue, language)
        words = {**words, language: say(language, _IS_IT_RIGHT, fact=fact)}
    return ToPut(
        question_id=str(id_from(decision.at, "question", decision.decision_id)),
        fact=key.fact,
        about=key.about,
        by=decision.proposal.ask_by.value,
        words=words,
        answers=given.answers if given is not None else ("yes", "no"),
    )


def _hand_over(db: Connection, decision: Decision, customer: Customer) -> Task:
    """Open a task for a person, unless the same case already waits for one."""
    proposal = decision.proposal
    for task in tasks.open_of(db, decision.key, proposal.automation):
        subject = task.file.get("proposed", {}).get("subject")
        if task.title == proposal.name and subject == proposal.subject:
            return task
    task = Task(
        key=decision.key,
        task_id=id_from(decision.at, "task", decision.decision_id),
        kind=TaskKind.HAND,
        title=proposal.name,
        opened_at=decision.at,
        automation=proposal.automation,
        decision_id=decision.decision_id,
        file=handover(decision, customer),
    )
    tasks.save(db, [task])
    return task


def _answer(
    decision: Decision, question: ToPut | None, task: Task | None, matter: Matter, asker: Asker
) -> Answer:
    figures = decision.weighing
    zone = zones_of(matter.customer, matter.house)[0]
    said = explanation.details(decision, matter.house.catalogue, asker.language, zone)
    return Answer(
        decision_id=number_of(decision),
        verdict=decision.verdict,
        because=decision.because,
        sentence={language: explanation.reason(decision, language) for language in LANGUAGES},
        explanation=said,
        hold=decision.hold.value if decision.hold else None,
        until=decision.until,
        question=question,
        task_id=str(task.task_id) if task else None,
        certainty=figures.certainty if figures else None,
        needs=figures.needs if figures else None,
        close_call=bool(figures and figures.close_call),
        facts=decision.facts,
    )
