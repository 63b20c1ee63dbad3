"""A recall: everybody whom a faulty automation touched, and what makes good.

Promise: pure. Whom it is about follows from the decisions as they were kept; the remedy is one proposal for the
guard like any other, said in a person's own words; above a set number of people a second person agrees.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from terrain.core.act import Act, ActKind, Benefit, Lane, Proposal, Reach, Undo
from terrain.core.approval import Signature
from terrain.core.claims import open_complaints
from terrain.core.condition import ALWAYS, Condition, holds
from terrain.core.consent import ADDRESS_OF, Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.decision import DONE_TO, Decision
from terrain.core.fact import FactKey
from terrain.core.gates import terms_for_leaving
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.proposing import language_of, reader
from terrain.core.scene import Scene
from terrain.core.task import Task, TaskKind
from terrain.core.word import Word

PREFIX = "recall-"
STEP = "make_good"
# What is still not made good when this is over is given up, and says so.
PATIENCE = timedelta(days=30)
# How long what came of it is followed.
FOLLOWED = timedelta(days=30)
LOOK_AGAIN = timedelta(hours=6)


class State(Word):
    """Where a recall stands."""

    LOOKING = "looking"  # for everybody it is about
    FOUND = "found"
    PREPARED = "prepared"  # it is said what makes good
    APPROVED = "approved"
    SENDING = "sending"
    DONE = "done"  # everybody had their turn: reached, or it is said why not
    STOPPED = "stopped"


class Fate(Word):
    """How it stands with one person."""

    FOUND = "found"
    DUE = "due"
    MADE = "made"  # decided and on its way
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    KEPT_FROM = "kept_from"  # the guard says no, for good
    SAME_PERSON = "same_person"  # made good under another of their names
    ELSEWHERE = "elsewhere"  # made good by another recall, the same way


# Who still waits for their turn.
WAITING = (Fate.FOUND, Fate.DUE, Fate.MADE)
# From where it can be stopped.
STOPPABLE = (State.LOOKING, State.FOUND, State.PREPARED, State.APPROVED, State.SENDING)


class Kind(Word):
    """What makes good."""

    MESSAGE = "message"
    CORRECTION = "correction"
    GESTURE = "gesture"
    CALLBACK = "callback"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a recall is about: one automation, a version of it (0: any), from when until when.

    With `fact`, only whom a decision touched that relied on it, with `value` on that value; `segment` says what
    must hold of them now, `words` is how that was written.
    """

    automation: str
    since: datetime
    until: datetime
    version: int = 0
    fact: str = ""
    value: Any = None
    segment: Condition = ALWAYS
    words: str = ""


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What makes good, by a person: `words` in each language for a message and the title of a callback.

    A correction says what was wrong (`fact`, `wrong`) and what is right, if that is known (`right`). A gesture
    is an action of the catalogue with what it needs to know.
    """

    kind: Kind
    words: dict[str, dict[str, str]] = {}
    fact: str = ""
    about: str = ""
    wrong: Any = None
    right: Any = None
    action: str = ""
    payload: dict[str, Any] = {}
    within_days: int = 3


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """One recall, with everybody's names under what they did.

    `people`, `acts_done` and `acts_stopped` are what the look found; they stay when somebody is erased later.
    """

    recall_id: int
    automation: str
    state: State
    opened_at: datetime
    opened_by: str
    because: str
    since: datetime
    until: datetime
    scope: Scope
    version: int = 0
    flag_id: int = 0
    trip_id: int = 0
    remedy: Remedy | None = None
    found_at: datetime | None = None
    people: int = 0
    acts_done: int = 0
    acts_stopped: int = 0
    prepared_at: datetime | None = None
    prepared_by: str = ""
    prepared_staff: int = 0
    previewed_at: datetime | None = None
    approved_at: datetime | None = None
    approved_by: str = ""
    approved_staff: int = 0
    sent_at: datetime | None = None
    sent_by: str = ""
    stopped_at: datetime | None = None
    stopped_by: str = ""
    stopped_because: str = ""

    @property
    def writer(self) -> Signature:
        """Who prepared the remedy."""
        return Signature(by=self.prepared_by, staff_id=self.prepared_staff)

    @property
    def name(self) -> str:
        """The name under which its acts stand: another automation than the one that did harm."""
        return f"{PREFIX}{self.recall_id:x}"


def touches(scope: Scope, decision: Decision) -> bool:
    """Say whether this decision did to its customer what the recall is about."""
    proposal = decision.proposal
    if proposal.automation != scope.automation or decision.verdict not in DONE_TO:
        return False
    if scope.version not in (0, proposal.version):
        return False
    if not scope.since <= decision.at < scope.until:
        return False
    return not scope.fact or any(_relied(scope, fact.key, fact.value) for fact in decision.facts)


def _relied(scope: Scope, key: FactKey, value: Any) -> bool:
    if scope.fact not in (key.fact, str(key)):
        return False
    return scope.value is None or is_same(scope.value, value)


def is_same(wanted: Any, value: Any) -> bool:
    """Say whether two values of a fact are one: letters large or small, but yes is no one."""
    if isinstance(wanted, str) and isinstance(value, str):
        return wanted.casefold() == value.casefold()
    return isinstance(wanted, bool) == isinstance(value, bool) and bool(wanted == value)


def describes(scope: Scope, customer: Customer, house: House, now: datetime) -> bool:
    """Say whether the segment of a recall holds of this customer."""
    return holds(scope.segment, Scene(customer, house, now, {}))


def is_the_same(one: Recall, other: Recall) -> bool:
    """Say whether these two make good the same way to whom the same automation touched, in whatever words."""
    return one.automation == other.automation and _way(one.remedy) == _way(other.remedy)


def _way(remedy: Remedy | None) -> tuple[str, ...]:
    return (remedy.kind, remedy.fact, remedy.about, remedy.action) if remedy else ()


def needs_another(people: int, alone: int) -> bool:
    """Say whether a second person has to agree."""
    return people > alone


def proposal_of(recall: Recall, remedy: Remedy, customer: Customer) -> Proposal:
    """Return what makes good as the guard weighs it: service, and about the harm that was done.

    An open complaint does not keep away what makes good: it is about that.
    """
    act, channel, reach = _HOW[remedy.kind]
    return Proposal(
        automation=recall.name,
        version=1,
        step=STEP,
        act=act,
        name=remedy.action or f"{PREFIX}{remedy.kind}",
        purpose=Purpose.SERVICE,
        benefit=Benefit.IMPORTANT,
        reach=reach,
        undo=Undo.BY_CUSTOMER if remedy.kind is Kind.MESSAGE else Undo.EASILY,
        channel=channel,
        can_ask=False,
        complaint=min(open_complaints(customer), default=""),
        recipient=ADDRESS_OF.get(channel, "") if channel else "",
        subject=recall.automation,
    )


def act_of(recall: Recall, decision: Decision, customer: Customer, house: House) -> Act:
    """Return the act by which one person is made good to: always of the same number."""
    remedy, proposal = recall.remedy, decision.proposal
    assert remedy is not None  # what was approved has one
    return Act(
        key=customer.key,
        act_id=id_from(recall.opened_at, recall.name, customer.key.customer_id),
        decision_id=decision.decision_id,
        kind=proposal.act,
        name=proposal.name,
        automation=recall.name,
        version=1,
        step=STEP,
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=proposal.channel or Channel.SHADOW,
        lane=Lane.USUAL,
        due_at=decision.at,
        recipient=proposal.recipient,
        expires_at=decision.at + PATIENCE,
        content=_content(remedy, customer, house, decision.at)
        | {"gates": terms_for_leaving(proposal)},
    )


def task_of(recall: Recall, decision: Decision, customer: Customer, house: House) -> Task:
    """Return the task of calling somebody back, with what was done to them in front of whoever does."""
    remedy = recall.remedy
    assert remedy is not None
    language = language_of(Scene(customer, house, decision.at, {}))
    words = in_language(remedy, language, house.company.language)
    return Task(
        key=customer.key,
        task_id=id_from(recall.opened_at, recall.name, "task", customer.key.customer_id),
        kind=TaskKind.HAND,
        title=words.get("subject", "") or recall.name,
        opened_at=decision.at,
        due_at=decision.at + timedelta(days=remedy.within_days),
        automation=recall.name,
        decision_id=decision.decision_id,
        file={
            "because": recall.because,
            "say": words.get("body", ""),
            "recall": str(recall.recall_id),
            "automation": recall.automation,
        },
    )


def in_language(remedy: Remedy, wanted: str, otherwise: str) -> dict[str, str]:
    """Return the words in this language, else in the company's, else in the first there is."""
    for language in (wanted, otherwise):
        if language in remedy.words:
            return remedy.words[language]
    return next(iter(remedy.words.values()), {})


def _content(remedy: Remedy, customer: Customer, house: House, now: datetime) -> dict[str, Any]:
    scene = Scene(customer, house, now, {})
    if remedy.kind is Kind.GESTURE:
        action = house.catalogue.actions.get(remedy.action)
        return {
            "action": remedy.action,
            "url": action.url if action else "",
            "idempotent": bool(action and action.idempotent),
            "payload": dict(remedy.payload),
        }
    return {
        "language": language_of(scene),
        "words": remedy.words,
        "values": {"customer": reader(scene)},
        "offers": ["a_person"],
    }


_HOW = {
    Kind.MESSAGE: (ActKind.SEND, Channel.EMAIL, Reach.INBOX),
    Kind.CALLBACK: (ActKind.CALL, Channel.CALL, Reach.PHONE),
    Kind.GESTURE: (ActKind.DO, Channel.WEBHOOK, Reach.ACCOUNT),
    Kind.CORRECTION: (ActKind.CHANGE, None, Reach.ACCOUNT),
}
