"""What the guard's verdict means for the run that wanted to act.

Promise: each verdict leaves the run with exactly one way to go on, and nothing that was held, asked
or handed over is ever forgotten: it has a time at which it is taken up again or said to be left out.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from terrain.core import path
from terrain.core.act import Act, ActKind, Proposal, Reach
from terrain.core.automation import Announcement, Ask, Automation, Do, Question, Send
from terrain.core.consent import ADDRESS_OF, Channel
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.duration import Span
from terrain.core.gates import question_about, terms_for_leaving
from terrain.core.handover import handover
from terrain.core.held_out import HELD_OUT
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.proposing import (
    Ground,
    key_here,
    lane_of,
    message_content,
    question_words,
    webhook_content,
)
from terrain.core.question import Question as Asked
from terrain.core.run import Run, RunState
from terrain.core.task import Task, TaskKind
from terrain.core.walk import TASK_DONE, Walk

ASKED_FOR = Span(days=7)
# What may open a gate that holds: the run is weighed again when it hears one of these.
MAY_OPEN = (
    *("complaint.closed", "person.let_go", "consent.given", "absence.set", "question.answered"),
    *("fact.stated", "fact.corrected", "customer.identified"),
    *("processing.resumed", "erasure.taken_back"),
    *("channel.chosen", "quiet_hours.set", "automation.resumed", "flag.answered"),
)


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What a run wants to do now: the proposal to weigh, and the run that stands before it."""

    run: Run
    proposal: Proposal


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What a verdict means: the run as it goes on, and what is to be written with it."""

    run: Run
    act: Act | None = None
    question: Asked | None = None
    task: Task | None = None


class _Case:
    """One intent and its verdict, with everything needed to settle it."""

    def __init__(self, intent: Intent, decision: Decision, walk: Walk) -> None:
        step = path.step_at(walk.automation, walk.place)
        assert isinstance(step, Send | Ask | Do)  # only these want to act
        self.proposal = intent.proposal
        self.decision = decision
        self.walk = walk
        self.step = step
        self.ground = Ground(walk.automation, walk.run, step, walk.scene)

    @property
    def question(self) -> Question | None:
        return self.step.question if isinstance(self.step, Ask) else self.step.ask

    @property
    def patience(self) -> Span:
        """How long the act may wait before it is left out: as the file says, else as the guard does."""
        terms = self.step.terms
        return terms.expires or Span(days=self.walk.house.settings.hold_days(terms.reach))


def settle(
    intent: Intent, decision: Decision, customer: Customer, house: House, now: datetime
) -> Settled:
    """Return what the guard's verdict means for the run that wanted to act."""
    run = intent.run
    automation: Automation = house.versions[run.automation, run.version]
    case = _Case(intent, decision, Walk(run, automation, customer, house, now))
    return _SETTLE[decision.verdict](case)


def _act(case: _Case) -> Settled:
    step, walk = case.step, case.walk
    if isinstance(step, Ask):
        return _ask(case)
    if isinstance(step, Send):
        act = _to_leave(case, message_content(case.ground, step.template))
        walk.next()
        return Settled(run=_went_on(walk), act=act)
    if case.proposal.act is ActKind.SEND and step.announce:
        return _announced(case, step, step.announce)
    if step.announce and not walk.context.get("announced"):
        # It may be done; now whoever it touches is told first.
        walk.context["announcing"] = True
        return Settled(run=walk.ready())
    act = _to_leave(case, webhook_content(case.ground, step))
    walk.next()
    return Settled(run=_went_on(walk), act=act)


def _announced(case: _Case, step: Do, announce: Announcement) -> Settled:
    walk = case.walk
    due = walk.after(walk.now, announce.before)
    content = message_content(case.ground, announce.template)
    content["values"] |= {"takes_effect_at": due, "action": step.action}
    act = _to_leave(case, content)
    return Settled(run=walk.stop(RunState.WAITING, due_at=due), act=act)


def _ask(case: _Case) -> Settled:
    question, walk = case.question, case.walk
    if question is None:
        return _hold_until_change(case)
    words = question_words(case.ground, question)
    if words is None:
        return _gap(case)
    deadline = walk.after(walk.now, question.within or ASKED_FOR)
    asked = Asked(
        key=walk.run.key,
        question_id=id_from(walk.now, "question", walk.run.run_id, case.step.name),
        fact=key_here(question.about, walk.scene),
        asked_at=walk.now,
        answers=question.answers,
        words=words,
        deadline=deadline,
        no_answer=question.no_answer,
        automation=walk.automation.name,
        run_id=walk.run.run_id,
        decision_id=case.decision.decision_id,
    )
    walk.context["question_id"] = asked.question_id
    act = _question_to_leave(case, asked)
    stands = walk.stop(RunState.ASKED, due_at=deadline, hears=("question.answered",))
    return Settled(run=stands, act=act, question=asked)


def _hold(case: _Case) -> Settled:
    decision, walk = case.decision, case.walk
    if decision.hold is Hold.UNTIL and decision.until is not None:
        return _held(case, decision.until)
    if decision.because == HELD_OUT:
        walk.next()  # as if it had left: what follows is held back from the same people
        return Settled(run=_went_on(walk))
    if getattr(case.step, "or_else", ()):
        walk.skip(decision.because)
        return Settled(run=walk.ready())
    if decision.hold is Hold.FORBID:
        return Settled(run=walk.stop(RunState.ENDED, because=decision.because))
    return _hold_until_change(case)


def _hold_until_change(case: _Case) -> Settled:
    return _held(case, None)


def _held(case: _Case, until: datetime | None) -> Settled:
    """Wait for the moment or for a change, at most as long as was declared."""
    walk = case.walk
    since = walk.context.setdefault("held_since", walk.now)
    expires = walk.after(since, case.patience)
    due = expires if until is None else min(until, expires)
    stands = walk.stop(
        RunState.HELD,
        because=case.decision.because,
        due_at=due,
        expires_at=expires,
        relies_on=tuple(str(one.key) for one in case.proposal.assumes),
        hears=MAY_OPEN if until is None else (),
    )
    return Settled(run=stands)


def _hand(case: _Case) -> Settled:
    """Give it to a person, with what was proposed, why it was not done, and what it rests on."""
    walk, decision, proposal = case.walk, case.decision, case.proposal
    task = Task(
        key=walk.run.key,
        task_id=id_from(walk.now, "hand", walk.run.run_id, case.step.name),
        kind=TaskKind.HAND,
        title=proposal.name,
        opened_at=walk.now,
        automation=walk.automation.name,
        run_id=walk.run.run_id,
        decision_id=decision.decision_id,
        file=_handover(case),
    )
    walk.context["task_id"] = task.task_id
    due = walk.after(walk.now, case.patience)
    stands = walk.stop(
        RunState.WITH_PERSON, because=decision.because, due_at=due, hears=(TASK_DONE,)
    )
    return Settled(run=stands, task=task)


def _gap(case: _Case) -> Settled:
    """Ask nothing with a hole in it: tell a person that the words do not fit what is known."""
    walk = case.walk
    task = Task(
        key=walk.run.key,
        task_id=id_from(walk.now, "gap", walk.run.run_id, case.step.name),
        kind=TaskKind.REPEATED_FAILURE,
        title="question_gap",
        opened_at=walk.now,
        automation=walk.automation.name,
        run_id=walk.run.run_id,
        decision_id=case.decision.decision_id,
        file=_handover(case),
    )
    return Settled(run=walk.stop(RunState.FAILED, because="question_gap"), task=task)


def _handover(case: _Case) -> dict[str, Any]:
    event = case.walk.context.get("event", {}).get("properties", {})
    return handover(case.decision, case.walk.customer, event=event)


def _to_leave(case: _Case, content: dict[str, Any]) -> Act:
    proposal, walk = case.proposal, case.walk
    return Act(
        key=walk.run.key,
        act_id=id_from(walk.now, "act", case.decision.decision_id),
        decision_id=case.decision.decision_id,
        kind=proposal.act,
        name=proposal.name,
        automation=proposal.automation,
        version=proposal.version,
        step=proposal.step,
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=proposal.channel or Channel.SHADOW,
        lane=lane_of(case.ground, proposal),
        due_at=walk.now,
        recipient=proposal.recipient,
        run_id=proposal.run_id,
        solicited=proposal.solicited,
        expires_at=walk.after(walk.now, case.patience),
        content=content | {"gates": terms_for_leaving(proposal)},
    )


def _question_to_leave(case: _Case, asked: Asked) -> Act:
    """Return the question as an act: by its own channel, with nothing of what it asks about done."""
    proposal = question_about(case.proposal)
    message = message_content(case.ground, "question")
    language = message["language"]
    values = message["values"] | {
        "question": asked.words.get(language),
        "deadline": asked.deadline,
        "no_answer": _SILENCE.get(language, {}).get(asked.no_answer, asked.no_answer),
    }
    content = message | {
        "values": values,
        "question_id": asked.question_id,
        "question": asked.words,
        "answers": list(asked.answers),
        "no_answer": asked.no_answer,
        "gates": terms_for_leaving(proposal),
    }
    act = _to_leave(case, content)
    return msgspec.structs.replace(
        act,
        kind=ActKind.ASK,
        name="question",
        reach=Reach.PHONE if proposal.channel in _BY_PHONE else Reach.INBOX,
        channel=proposal.channel or Channel.EMAIL,
        recipient=ADDRESS_OF.get(proposal.channel or Channel.EMAIL, ""),
        solicited=proposal.solicited,
        expires_at=asked.deadline,
        content=content,
    )


def _went_on(walk: Walk) -> Run:
    """Return the run behind its act: over at once where nothing is left to do."""
    while walk.stopped is None and path.step_at(walk.automation, walk.place) is None:
        outer = path.around(walk.automation, walk.place)
        if outer is None:
            walk.stop(RunState.ENDED, because="done")
        else:
            walk.place = outer
    return walk.stopped or walk.ready()


_BY_PHONE = (Channel.SMS, Channel.CALL)
_SILENCE = {"fr": {"yes": "oui", "no": "non"}}
_SETTLE: dict[Verdict, Callable[[_Case], Settled]] = {
    Verdict.ACT: _act,
    Verdict.ASK: _ask,
    Verdict.HOLD: _hold,
    Verdict.HAND: _hand,
}
