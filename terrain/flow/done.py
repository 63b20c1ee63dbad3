"""What was done after somebody asked: an act like our own, so that caps see it and what comes back finds it.

Promise: told twice, it happened and was counted once, at the hour at which it was done. What was done against
the verdict is written down as that. Where it was a talk, the doer is told whether to ask if it helped.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from psycopg import Connection

from terrain.core import feedback
from terrain.core.act import Act, ActKind, Lane, Proposal
from terrain.core.consent import Channel
from terrain.core.decision import Decision, Verdict
from terrain.core.fact import FactKey
from terrain.core.gates import question_about
from terrain.core.house import House, Outside
from terrain.core.identifier import id_from, key_of, made_at
from terrain.core.matter import REACHING
from terrain.core.outbox import ActState, Ending
from terrain.core.outside import Done, UnknownChoice
from terrain.core.question import Question
from terrain.core.signal import Signal
from terrain.errors import Refusal, did_you_mean
from terrain.flow.links import PLACES, Links
from terrain.flow.messages import ANSWERS, ASKED
from terrain.flow.wire import NullCharacter
from terrain.store import acts, automations, customers, decisions, people, questions
from terrain.words import LANGUAGES, say

DOINGS = ("acted", "asked", "nothing")
# Where somebody was talked with, and how soon after it one may ask whether it helped.
TALKS = (ActKind.ANSWER, ActKind.CALL)
JUST_NOW = timedelta(days=1)
MOST_OUTSIDE = 200
_BIGGEST = 1 << 63


class UnknownDecision(Refusal):
    """No decision has this number."""

    code = "unknown_decision"
    status = 404


class NothingToAsk(Refusal):
    """The decision was not to ask, so there is no question of ours that could have been put."""

    code = "nothing_to_ask"
    status = 409


class AskThis(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it helped: the words to ask it in, and those of each answer by the kind of signal to report.

    `page` is where they can tell more.
    """

    words: dict[str, str]
    answers: dict[str, dict[str, str]]
    page: str


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What was written down; `against` when something was done that the guard had not allowed.

    `act_id` is the number under which it is counted, and under which signals may name it. `ask` is there where
    a talk is over and this customer may be asked whether it helped.
    """

    decision_id: str
    done: str
    against: bool = False
    act_id: str = ""
    ask: AskThis | None = None


class Doer(NamedTuple):
    """In which house it was done, and how its pages are called."""

    house: House
    links: Links


def record(db: Connection, number: str, done: Done, doer: Doer, now: datetime) -> Recorded:
    """Write down what was done after all. Told again, nothing changes."""
    if "\x00" in done.outcome:
        raise NullCharacter(field="outcome")
    if done.done not in DOINGS:
        right = did_you_mean(done.done, DOINGS) or DOINGS
        raise UnknownChoice(field="done", value=done.done, right=right)
    decision = find(db, number)
    # Nothing is done before it was asked about, nor after it was told of, whatever the doer's clock says.
    at = max(decision.at, min(done.at, now)) if done.at and done.at.tzinfo else now
    act = None
    if done.done == "asked":
        act = _keep_the_question(db, decision, at)
    elif done.done == "acted":
        act = _act(decision, decision.proposal, at, {"outcome": done.outcome})
        act = _keep_the_act(db, act, doer, now)
    return Recorded(
        decision_id=number,
        done=done.done,
        against=done.done == "acted" and decision.verdict is not Verdict.ACT,
        act_id=str(act.act_id) if act else "",
        ask=_what_to_ask(act, doer.links) if act and act.surveys else None,
    )


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


def _keep_the_act(db: Connection, act: Act, doer: Doer, now: datetime) -> Act:
    if (known := acts.find(db, act.key, act.act_id)) is not None:
        return known.act  # told again; whether to ask was said then
    if act.kind in TALKS and now - act.due_at < JUST_NOW:
        survivor = customers.survivors(db, [act.key]).get(act.key, act.key)
        customer = people.load(db, [survivor], now, secret=doer.house.secret)[survivor]
        surveys = feedback.may_ask(customer, doer.house.settings, now)
        act = msgspec.structs.replace(act, surveys=surveys)
    _keep_as_left(db, act)
    _know_the_doer(db, act, doer.house, now)
    return act


def _know_the_doer(db: Connection, act: Act, house: House, now: datetime) -> None:
    """Know who did it and how far it goes, so that it is watched and can be stopped like one of our own."""
    name, seen = act.automation, Outside(reach=act.reach, by_mail=act.channel is Channel.EMAIL)
    known = house.outside.get(name)
    if name in house.live or "/" in name or (known is None and len(house.outside) >= MOST_OUTSIDE):
        return  # one of ours; or names that are made up for each act, which nobody could watch
    if known is None or known.joined(seen) != known:
        automations.seen_outside(db, name, known.joined(seen) if known else seen, now)


def _what_to_ask(act: Act, links: Links) -> AskThis:
    return AskThis(
        words=_in_words(ASKED),
        answers={
            Signal.HELPED.value: _in_words(ANSWERS["helped"]),
            Signal.DISSATISFIED.value: _in_words(ANSWERS["not_helped"]),
        },
        page=links.page(act.key, act.act_id, made_at(act.act_id)) + PLACES["tell_us"],
    )


def _in_words(sentence: str) -> dict[str, str]:
    return {language: say(language, sentence) for language in LANGUAGES}


def _keep_the_question(db: Connection, decision: Decision, at: datetime) -> Act:
    put = decision.values.get("question")
    if not put:
        raise NothingToAsk(field="done", value="asked", right=decision.verdict.value)
    act = _act(decision, question_about(decision.proposal), at, {"question": put})
    if acts.find(db, act.key, act.act_id) is not None:
        return act  # told again; it may have been answered since
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
    return act


def _act(decision: Decision, proposal: Proposal, at: datetime, content: dict[str, object]) -> Act:
    # What reached the customer counts as a contact, whatever else it did; what did not is done all the same.
    quiet = proposal.act in (ActKind.DO, ActKind.CHANGE, ActKind.REFUSE)
    reached = proposal.channel in REACHING
    return Act(
        key=decision.key,
        act_id=id_from(decision.at, proposal.act, decision.decision_id),
        decision_id=decision.decision_id,
        kind=ActKind.SEND if quiet and reached else proposal.act,
        name=proposal.name,
        automation=proposal.automation,
        version=proposal.version,
        step=proposal.step,
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=proposal.channel or Channel.WEBHOOK,
        lane=Lane.USUAL,
        due_at=at,
        solicited=proposal.solicited,
        content={"done_by": "outside", **content},
    )


def _keep_as_left(db: Connection, act: Act) -> None:
    # Both in one transaction: no sender ever sees it waiting.
    acts.queue(db, [act], act.due_at)
    acts.settle(db, [Ending(act=act, state=ActState.LEFT, left_at=act.due_at)])
