"""What was done after somebody asked: counted, so that the caps of all automations see it.

Promise: told twice, it happened once. What was done against the verdict is written down as that.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.act import Act, ActKind, Lane, Proposal
from terrain.core.consent import Channel
from terrain.core.decision import Decision, Verdict
from terrain.core.fact import FactKey
from terrain.core.gates import question_about
from terrain.core.identifier import id_from, key_of
from terrain.core.matter import REACHING
from terrain.core.outbox import ActState, Ending
from terrain.core.outside import Done, UnknownChoice
from terrain.core.question import Question
from terrain.errors import Refusal, did_you_mean
from terrain.flow.wire import NullCharacter
from terrain.store import acts, decisions, questions

DOINGS = ("acted", "asked", "nothing")
_BIGGEST = 1 << 63


class UnknownDecision(Refusal):
    """No decision has this number."""

    code = "unknown_decision"
    status = 404


class NothingToAsk(Refusal):
    """The decision was not to ask, so there is no question of ours that could have been put."""

    code = "nothing_to_ask"
    status = 409


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What was written down; `against` when something was done that the guard had not allowed."""

    decision_id: str
    done: str
    against: bool = False


def record(db: Connection, number: str, done: Done, now: datetime) -> Recorded:
    """Write down what was done after all. Told again, nothing changes."""
    if "\x00" in done.outcome:
        raise NullCharacter(field="outcome")
    if done.done not in DOINGS:
        right = did_you_mean(done.done, DOINGS) or DOINGS
        raise UnknownChoice(field="done", value=done.done, right=right)
    decision = find(db, number)
    at = min(done.at, now) if done.at and done.at.tzinfo else now
    if done.done == "asked":
        _keep_the_question(db, decision, at)
    elif done.done == "acted" and decision.proposal.channel in REACHING:
        _keep_as_left(db, _act(decision, decision.proposal, at, {"outcome": done.outcome}))
    against = done.done == "acted" and decision.verdict is not Verdict.ACT
    return Recorded(decision_id=number, done=done.done, against=against)


def find(db: Connection, number: str) -> Decision:
    """Return the decision of this number, or refuse one that is none."""
    customer, _, decision = number.partition("-")
    try:
        customer_id, decision_id = int(customer, 16), int(decision, 16)
    except ValueError:
        raise UnknownDecision(field="decision_id", value=number) from None
    within = 0 <= customer_id < _BIGGEST and 0 <= decision_id < _BIGGEST
    found = decisions.find(db, key_of(customer_id), decision_id) if within else None
    if found is None:
        raise UnknownDecision(field="decision_id", value=number)
    return found


def _keep_the_question(db: Connection, decision: Decision, at: datetime) -> None:
    put = decision.values.get("question")
    if not put:
        raise NothingToAsk(field="done", value="asked", right=decision.verdict.value)
    act = _act(decision, question_about(decision.proposal), at, {"question": put})
    if acts.find(db, act.key, act.act_id) is not None:
        return  # told again; it may have been answered since
    asked = Question(
        key=decision.key,
        question_id=int(put["question_id"]),
        fact=FactKey(put["fact"], put["about"]),
        asked_at=at,
        answers=tuple(put["answers"]),
        words=put["words"],
        automation=decision.proposal.automation,
        decision_id=decision.decision_id,
    )
    questions.save(db, [asked])
    _keep_as_left(db, act)


def _act(decision: Decision, proposal: Proposal, at: datetime, content: dict[str, object]) -> Act:
    # What reached the customer counts as a contact, whatever else it did.
    quiet = proposal.act in (ActKind.DO, ActKind.CHANGE, ActKind.REFUSE)
    return Act(
        key=decision.key,
        act_id=id_from(decision.at, proposal.act, decision.decision_id),
        decision_id=decision.decision_id,
        kind=ActKind.SEND if quiet else proposal.act,
        name=proposal.name,
        automation=proposal.automation,
        version=proposal.version,
        step=proposal.step,
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=proposal.channel or Channel.CHAT,
        lane=Lane.USUAL,
        due_at=at,
        solicited=proposal.solicited,
        content={"done_by": "outside", **content},
    )


def _keep_as_left(db: Connection, act: Act) -> None:
    # Both in one transaction: no sender ever sees it waiting.
    acts.queue(db, [act], act.due_at)
    acts.settle(db, [Ending(act=act, state=ActState.LEFT, left_at=act.due_at)])
