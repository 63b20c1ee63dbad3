"""Moves a run along the steps of its automation, up to what it wants to do next.

Promise: pure and repeatable. The same run, customer, house and moment always give the same next run;
an act is only ever an *intent* here: the guard weighs it, and `settle` (`core/settling.py`) says what
its verdict means for the run. Whatever is done or left out of the file's promises is said in the run.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from terrain.core import drawer, path
from terrain.core.act import Proposal
from terrain.core.automation import Ask, Do, DoTask, Question, Send, Wait
from terrain.core.belief import believe
from terrain.core.claims import latest
from terrain.core.condition import holds
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.proposing import Ground, announcement_of, key_here, proposal_of
from terrain.core.question import Question as Asked
from terrain.core.run import Run, RunState
from terrain.core.scene import Scene
from terrain.core.settling import MAY_OPEN, Intent
from terrain.core.starting import as_context
from terrain.core.task import Task
from terrain.core.walk import TASK_DONE, Matters, Walk, concerns, ends_it

# What was answered is not asked again for so long; what was said by the customer neither.
ANSWER_COUNTS = timedelta(days=90)
SAID_COUNTS = timedelta(days=365)
YES = frozenset({"yes", "always", "true", "True", True})
NO = frozenset({"no", "never", "false", "False", False})
ALWAYS, NEVER = "always", "never"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run came by itself. With an intent: weigh it, `settle`, advance again if READY."""

    run: Run
    intent: Intent | None = None
    claims: tuple[Claim, ...] = ()
    tasks: tuple[Task, ...] = ()


class Hearing:
    """One event as the runs of a customer hear it. Every live run is asked: it is cheap to say no."""

    __slots__ = ("event", "house", "matters", "opens")

    def __init__(self, event: Event, house: House) -> None:
        self.event = event
        self.house = house
        self.opens = event.name in MAY_OPEN
        self.matters: Matters | None = None

    def wakes(self, run: Run) -> bool:
        """Tell whether a run waits for this event.

        What may open a gate wakes whoever is held, whatever order it names; the rest must be about it.
        """
        if self.event.name not in run.hears:
            return False
        if self.matters is None:
            self.matters = Matters(self.event, self.house)
        return self.opens or self.matters.are_those_of(run)


def advance(
    run: Run, customer: Customer, house: House, now: datetime, heard: Event | None = None
) -> Progress:
    """Move a run until it wants to act, waits or ends. Call it when READY, due, or on an event.

    `customer.runs` may or may not hold this run and the ones started beside it; both come out alike.
    """
    if run.state in (RunState.ENDED, RunState.FAILED):
        return Progress(run=run)
    automation = house.versions.get((run.automation, run.version))
    if automation is None:
        return Progress(run=_failed(run, "version_missing", now))
    walk = Walk(run, automation, customer, house, now)
    try:
        return _advanced(walk, heard)
    except drawer.NoSuchDate:
        return Progress(run=_failed(run, "date_beyond_calendar", now))


def _advanced(walk: Walk, heard: Event | None) -> Progress:
    run = walk.run
    because = ends_it(walk, None if run.state is RunState.READY else heard)
    if because is not None:
        walk.stop(RunState.ENDED, because=because)
        return _progress(walk, None)
    if not _WAKE[run.state](walk, heard):
        return Progress(run=run)
    while True:
        step = walk.to_an_act()
        if step is None:
            return _progress(walk, None)
        intent = _intent(walk, step)
        if intent is not None:
            return _progress(walk, intent)


def _progress(walk: Walk, intent: Intent | None) -> Progress:
    run = intent.run if intent else walk.stopped or walk.ready()
    return Progress(run=run, intent=intent, claims=tuple(walk.claims), tasks=tuple(walk.tasks))


def _failed(run: Run, because: str, now: datetime) -> Run:
    return msgspec.structs.replace(
        run, state=RunState.FAILED, because=because, due_at=None, ended_at=now
    )


# -- waking ----------------------------------------------------------------------------------------


def _always(_walk: Walk, _heard: Event | None) -> bool:
    return True


def _never(_walk: Walk, _heard: Event | None) -> bool:
    return False


def _from_waiting(walk: Walk, heard: Event | None) -> bool:
    """Go on where what was waited for has come; a date may have moved."""
    step = path.step_at(walk.automation, walk.place)
    is_due = _is_due(walk)
    if isinstance(step, Wait) and step.event:
        return _from_waiting_for_event(walk, step, heard)
    if isinstance(step, Wait) and step.until:
        # The date is computed anew, so that one moved while the run slept holds, earlier or later.
        walk.wait_for_date(step, moved=heard is not None)
        return walk.stopped != walk.run
    if is_due and isinstance(step, Wait):
        walk.next()
    elif is_due and isinstance(step, Do):
        walk.context["announced"] = True
    return is_due


def _from_waiting_for_event(walk: Walk, step: Wait, heard: Event | None) -> bool:
    if heard is not None and heard.name == step.event and concerns(walk.run, heard, walk.house):
        context = walk.context | {"heard": as_context(heard)}
        if holds(step.condition, Scene(walk.customer, walk.house, walk.now, context)):
            walk.context["heard"] = context["heard"]
            _into(walk, "then", there=bool(step.then))
            return True
    if _is_due(walk):
        _into(walk, "or_else", there=bool(step.or_else))
        return True
    return False


def _from_held(walk: Walk, heard: Event | None) -> bool:
    """Weigh again when the moment has come or something changed; skip what was held too long."""
    run = walk.run
    if run.expires_at is not None and run.expires_at <= walk.now:
        walk.skip("held_too_long")
        return True
    return heard is not None or _is_due(walk)


def _from_asked(walk: Walk, heard: Event | None) -> bool:
    """Take the answer, or what silence means once the deadline is over."""
    del heard  # the answer stands in the question, whoever told us
    question = _asked(walk)
    if question is not None and question.answered_at is not None:
        answer = question.answer
        _wish_from_now_on(walk, question)
    elif _is_due(walk):
        answer = question.no_answer if question else "no"
    else:
        return False
    step = path.step_at(walk.automation, walk.place)
    walk.context["answer"] = _word(answer)
    if isinstance(step, Ask):
        walk.next()
    elif answer in YES:
        walk.context["agreed"] = True
    else:
        # A no is a no: nothing else is tried instead.
        because = "answered_no" if question and question.answered_at else "no_answer"
        walk.skip(because, instead=False)
    return True


def _from_person(walk: Walk, heard: Event | None) -> bool:
    """Go on when the person is done, or was not in time."""
    step = path.step_at(walk.automation, walk.place)
    if heard is not None and heard.name == TASK_DONE and _is_ours(walk, heard):
        walk.context["outcome"] = str(heard.properties.get("outcome", ""))
        if isinstance(step, DoTask):
            _into(walk, "then", there=bool(step.then))
        else:
            walk.next()
        return True
    if not _is_due(walk):
        return False
    if isinstance(step, DoTask):
        walk.context["outcome"] = "not_in_time"
        _into(walk, "or_else", there=bool(step.or_else))
    else:
        walk.skip("no_person_in_time")
    return True


def _into(walk: Walk, label: str, *, there: bool) -> None:
    if there:
        walk.enter(label)
    else:
        walk.next()


def _is_due(walk: Walk) -> bool:
    return walk.run.due_at is not None and walk.run.due_at <= walk.now


def _is_ours(walk: Walk, heard: Event) -> bool:
    return str(heard.properties.get("task_id", "")) == str(walk.context.get("task_id", "-"))


def _asked(walk: Walk) -> Asked | None:
    number = walk.context.get("question_id")
    questions = walk.customer.questions
    return next((one for one in questions if one.question_id == number), None)


_WAKE: dict[RunState, Callable[[Walk, Event | None], bool]] = {
    RunState.READY: _always,
    RunState.WAITING: _from_waiting,
    RunState.HELD: _from_held,
    RunState.ASKED: _from_asked,
    RunState.WITH_PERSON: _from_person,
    RunState.LEAVING: _never,
}


# -- wanting ---------------------------------------------------------------------------------------


def _intent(walk: Walk, step: Send | Ask | Do) -> Intent | None:
    """Return what the run wants to do now; None when an answer already settled it."""
    ground = Ground(walk.automation, walk.run, step, walk.scene)
    if isinstance(step, Do) and step.announce and _is_to_be_announced(walk):
        return _wanted(walk, announcement_of(ground, step.announce))
    question = step.question if isinstance(step, Ask) else step.ask
    if question is not None and not walk.context.get("agreed"):
        known = _known_answer(walk, question)
        if known is not None and known.answer == NEVER:
            proposal = proposal_of(ground, agreed=False)
            if _relies_on(proposal, key_here(question.about, ground.scene)):
                # The guard holds it back, and so it stands where people look for what was not done.
                return _wanted(walk, proposal)
        if known is not None and _follow(walk, step, known):
            return None
    return _wanted(walk, proposal_of(ground, agreed=bool(walk.context.get("agreed"))))


def _relies_on(proposal: Proposal, asked: FactKey) -> bool:
    """Say whether the act relies on what was asked: of that, a standing "never" lets nothing through."""
    return any(each.key.fact == asked.fact for each in proposal.assumes)


def _is_to_be_announced(walk: Walk) -> bool:
    return bool(walk.context.get("announcing") and not walk.context.get("announced"))


def _wanted(walk: Walk, proposal: Proposal) -> Intent:
    return Intent(run=walk.ready(), proposal=proposal)


def _follow(walk: Walk, step: Send | Ask | Do, known: "_Known") -> bool:
    """Take an answer that is known without asking; tell whether the step is over with it."""
    walk.context["answer"] = _word(known.answer)
    if isinstance(step, Ask):
        walk.next()
        return True
    if known.answer in NO:
        walk.skip("answered_before", instead=False)
        return True
    # Only a yes to this very question is a yes to the act; anything else said weighs as a fact.
    walk.context["agreed"] = known.to_this and known.answer in YES
    return False


class _Known(msgspec.Struct, frozen=True):
    """An answer that is there already. `to_this`: it was given to this automation's own question."""

    answer: Any
    to_this: bool


def _known_answer(walk: Walk, question: Question) -> _Known | None:
    """Return what the customer already answered: for good, lately, or by telling us unasked."""
    key = key_here(question.about, walk.scene)
    standing = _standing(walk.customer, key)
    if standing is not None:
        return _Known(standing, to_this=True)
    since = walk.now - ANSWER_COUNTS
    answered = [
        (one.answered_at, one.question_id, one)
        for one in walk.customer.questions
        if one.fact == key and one.answered_at is not None and one.answered_at >= since
    ]
    if answered:
        last = max(answered)[2]
        return _Known(last.answer, to_this=last.automation == walk.automation.name)
    return _said_unasked(walk, key)


def _standing(customer: Customer, key: FactKey) -> str | None:
    """Return the standing wish about a fact: about this very one, or about all of its kind."""
    found = []
    for about in (str(key), key.fact):
        for word in (ALWAYS, NEVER):
            claim = latest(customer, FactKey(f"wish.{word}", about))
            if claim is not None and claim.value is not False:
                found.append((claim.at, claim.message_id, word))
    return max(found)[2] if found else None


def _said_unasked(walk: Walk, key: FactKey) -> _Known | None:
    belief = believe(walk.customer, key, walk.house, walk.now)
    if belief is None or belief.disputed or belief.holder.kind is not SourceKind.CUSTOMER_SAID:
        return None
    if walk.now - belief.holder.at >= SAID_COUNTS:
        return None
    return _Known(belief.value, to_this=False)


def _wish_from_now_on(walk: Walk, question: Asked) -> None:
    """Note "always" and "never" about all such facts, not only about this order's."""
    if question.answer not in (ALWAYS, NEVER) or question.answered_at is None:
        return
    at, number = question.answered_at, question.question_id
    for word in (ALWAYS, NEVER):
        walk.claims.append(
            Claim(
                key=FactKey(f"wish.{word}", question.fact.fact),
                value=word == question.answer,
                source="customer",
                kind=SourceKind.CUSTOMER_SAID,
                first_at=at,
                at=at,
                message_id=f"question:{number}:{word}",
            )
        )


def _word(answer: Any) -> Any:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer
