"""One customer's turn: what was heard and what fell due, folded, proposed, weighed.

Pure, so that a worker, a replay of last year and a preview of next month all think the same thoughts.
Promise: everything that follows from a batch of events stands in the `Changes`; nothing else happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from terrain.core import aftercare, feedback, guard, journey, memory, rights
from terrain.core.act import Act, ActKind, Contact, Proposal
from terrain.core.consent import Consent
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Verdict
from terrain.core.event import Event, in_order
from terrain.core.fact import Claim, Evidence
from terrain.core.flag import Flag, flag_in
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, id_from
from terrain.core.lesson import Suppress, with_claims
from terrain.core.need import Need, need_in
from terrain.core.question import Question
from terrain.core.run import Run, RunState
from terrain.core.settling import Settled, settle
from terrain.core.starting import starts
from terrain.core.task import Task, TaskKind

# A run of somebody who is to be left alone stays where it is; so long until it is looked at again.
LEFT_ALONE_FOR = timedelta(days=1)
LEFT_ALONE = "frozen"
# A run that takes more steps than this without waiting for anything goes round in circles.
MOST_STEPS = 100

_ENDED = (RunState.ENDED, RunState.FAILED)
Weigh = Callable[[Proposal, Customer, House, datetime], Decision]
_REACHES_THE_CUSTOMER = (ActKind.SEND, ActKind.ASK, ActKind.CALL, ActKind.ANSWER)


class Changes:
    """What one turn adds for one customer; `before` is how they were known, `customer` how at its end.

    Claims, evidence and consents come with the node under which they are kept: the node of the event that
    taught them, so that a merge can be undone; what an automation changed belongs to the survivor.
    """

    __slots__ = (
        *("before", "customer", "weigh", "claims", "evidence", "consents", "suppress"),
        *("runs", "decisions", "acts", "questions", "tasks", "flags", "needs"),
    )

    def __init__(self, customer: Customer, weigh: Weigh = guard.weigh) -> None:
        self.before = customer
        self.customer = customer
        self.weigh = weigh
        self.claims: list[tuple[CustomerKey, Claim]] = []
        self.evidence: list[tuple[CustomerKey, Evidence]] = []
        self.consents: list[tuple[CustomerKey, Consent]] = []
        self.suppress: list[Suppress] = []
        self.runs: dict[int, Run] = {}
        self.decisions: list[Decision] = []
        self.acts: list[Act] = []
        self.questions: dict[int, Question] = {}
        self.tasks: list[Task] = []
        self.flags: list[Flag] = []
        self.needs: list[Need] = []


def live(
    customer: Customer,
    events: Sequence[Event],
    house: House,
    now: datetime,
    weigh: Weigh = guard.weigh,
) -> Changes:
    """Return what follows from these events, and from what fell due by `now`, for this customer.

    Only the demo's naive shop puts something else in the place of the guard, to show what that does.
    """
    changes = Changes(customer, weigh)
    _end_twins(changes, now)
    # All of it is known before anything is done about any of it: what happened long ago may be heard in one breath
    # with the yes of today, and a no is for good.
    for taught in [_learn(changes, event, house) for event in in_order(events)]:
        _act_upon(changes, taught, house, now)
    for run in changes.customer.runs:
        if run.due_at is not None and run.due_at <= now and run.run_id not in changes.runs:
            if rights.is_frozen(changes.customer):
                _leave_alone(changes, run, now)
            else:
                _move(changes, run, house, now, None)
    return changes


def _leave_alone(changes: Changes, run: Run, now: datetime) -> None:
    """Let a run stand where it is, whatever falls due, until its customer says that it may go on."""
    due_at = now + LEFT_ALONE_FOR
    _replace_run(changes, msgspec.structs.replace(run, due_at=due_at, because=LEFT_ALONE))


def _go_on(changes: Changes, house: House, now: datetime) -> None:
    """Take up again what fell due while the customer was left alone."""
    for run in changes.customer.runs:
        if run.because == LEFT_ALONE:
            _move(changes, msgspec.structs.replace(run, due_at=now), house, now, None)


def _end_twins(changes: Changes, now: datetime) -> None:
    """Let only the elder go on of two runs about one subject: two customers turned out to be one."""
    runs = changes.customer.runs
    if len({(run.automation, run.subject) for run in runs}) == len(runs):
        return
    elder: dict[tuple[str, str], Run] = {}
    for run in sorted(changes.customer.runs, key=lambda run: (run.started_at, run.run_id)):
        if elder.setdefault((run.automation, run.subject), run) is not run:
            ended = RunState.ENDED
            _replace_run(
                changes,
                msgspec.structs.replace(
                    run, state=ended, due_at=None, ended_at=now, because="merged"
                ),
            )


class _Taught(msgspec.Struct, frozen=True):
    """An event, what it taught, and whether the customer was to be left alone when it came."""

    event: Event
    learned: memory.Learned
    frozen: bool


def _learn(changes: Changes, event: Event, house: House) -> _Taught:
    """Learn from one event, and take down what it asks of people."""
    learned = memory.remember(changes.customer, event, house)
    changes.customer = learned.customer
    node = event.node or changes.customer.key
    changes.claims += [(node, claim) for claim in learned.claims]
    changes.evidence += [(node, evidence) for evidence in learned.evidence]
    changes.consents += [(node, consent) for consent in learned.consents]
    changes.suppress += learned.suppress
    _keep_the_answer(changes, event)
    _fetch_a_person(changes, event)
    _note_what_is_wrong(changes, event, house)
    if event.name == rights.ASKED:
        changes.tasks.append(rights.task_for(event, changes.customer, house.company.zone))
    return _Taught(event, learned, rights.is_frozen(changes.customer))


def _act_upon(changes: Changes, taught: _Taught, house: House, now: datetime) -> None:
    """Wake the runs that wait for the event or for what it changed, and start new ones."""
    event, learned = taught.event, taught.learned
    if taught.frozen or rights.is_frozen(changes.customer):
        return
    if event.name in (rights.GOES_ON, rights.ERASURE_TAKEN_BACK):
        _go_on(changes, house, now)
    if changes.customer.runs:
        _wake(changes, learned, event, house, now)
    _ask_whether_it_helped(changes, event, house, now)
    for run in starts(changes.customer, event, house, now):
        late = event.is_history(now) or rights.went_on_after(changes.customer, event)
        if late and _would_act_at_once(changes, run, house, now):
            continue
        _replace_run(changes, run)
        _move(changes, run, house, now, event)


def _wake(
    changes: Changes, learned: memory.Learned, event: Event, house: House, now: datetime
) -> None:
    """Let the runs go on that wait for this event, or that rely on what it changed."""
    touched = {str(claim.key) for claim in learned.claims}
    touched |= {str(evidence.key) for evidence in learned.evidence}
    hearing = journey.Hearing(event, house)
    for run in changes.customer.runs:
        if hearing.wakes(run) or not touched.isdisjoint(run.relies_on):
            _move(changes, run, house, now, event)


def _would_act_at_once(changes: Changes, run: Run, house: House, now: datetime) -> bool:
    return journey.advance(run, changes.customer, house, now).intent is not None


def _move(changes: Changes, run: Run, house: House, now: datetime, heard: Event | None) -> None:
    """Take the run as far as it goes now: to a wait, a question, a person, or its end."""
    for _ in range(MOST_STEPS):
        progress = journey.advance(run, changes.customer, house, now, heard)
        run, heard = progress.run, None
        _believe(changes, progress.claims)
        changes.tasks += progress.tasks
        if progress.intent is None:
            break
        decision = changes.weigh(progress.intent.proposal, changes.customer, house, now)
        settled = settle(progress.intent, decision, changes.customer, house, now)
        run = settled.run
        _keep(changes, decision, settled, house)
        if run.state is not RunState.READY:
            break
    else:
        run = msgspec.structs.replace(
            run, state=RunState.FAILED, due_at=None, ended_at=now, because="goes_round_in_circles"
        )
    _replace_run(changes, run)


def _keep(changes: Changes, decision: Decision, settled: Settled, house: House) -> None:
    changes.decisions.append(decision)
    if settled.task is not None:
        changes.tasks.append(settled.task)
    if settled.question is not None:
        _replace_question(changes, settled.question)
    if settled.act is not None:
        act = settled.act
        if feedback.asks(act, changes.customer, house.settings):
            act = msgspec.structs.replace(act, surveys=True)
        changes.acts.append(act)
        _count_the_contact(changes, act)


def _believe(changes: Changes, claims: Iterable[Claim]) -> None:
    """Take over what an automation itself changed, so that its next step already sees it."""
    for claim in claims:
        changes.claims.append((changes.customer.key, claim))
        changes.customer = with_claims(changes.customer, (claim,))


def _count_the_contact(changes: Changes, act: Act) -> None:
    """Let the caps see at once what is about to leave."""
    if act.kind not in _REACHES_THE_CUSTOMER:
        return
    contact = Contact(
        act_id=act.act_id,
        at=act.due_at,
        channel=act.channel,
        purpose=act.purpose,
        automation=act.automation,
        solicited=act.solicited,
        surveys=act.surveys,
    )
    changes.customer = msgspec.structs.replace(
        changes.customer, contacts=(*changes.customer.contacts, contact)
    )


def _replace_run(changes: Changes, run: Run) -> None:
    changes.runs[run.run_id] = run
    others = tuple(other for other in changes.customer.runs if other.run_id != run.run_id)
    runs = others if run.state in _ENDED else (*others, run)
    changes.customer = msgspec.structs.replace(changes.customer, runs=runs)


def _replace_question(changes: Changes, question: Question) -> None:
    changes.questions[question.question_id] = question
    others = (one for one in changes.customer.questions if one.question_id != question.question_id)
    changes.customer = msgspec.structs.replace(changes.customer, questions=(*others, question))


def _keep_the_answer(changes: Changes, event: Event) -> None:
    if event.name != "question.answered":
        return
    number = str(event.properties.get("question_id", ""))
    for question in changes.customer.questions:
        if str(question.question_id) == number and question.answered_at is None:
            answer = event.properties.get("answer")
            _replace_question(
                changes, msgspec.structs.replace(question, answered_at=event.at, answer=answer)
            )
            return


def _ask_whether_it_helped(changes: Changes, event: Event, house: House, now: datetime) -> None:
    """Let a letter ask it where people are done with somebody. One that may not leave is not worth a word."""
    proposal = aftercare.proposed(event, changes.customer, house, now)
    decision = changes.weigh(proposal, changes.customer, house, now) if proposal else None
    if decision is None or decision.verdict is not Verdict.ACT:
        return
    act = aftercare.to_leave(decision, changes.customer, house, now)
    changes.decisions.append(decision)
    changes.acts.append(act)
    _count_the_contact(changes, act)


def _fetch_a_person(changes: Changes, event: Event) -> None:
    # Nothing stands between a customer and a person: no automation, no condition, no weighing.
    if event.name != "person.wanted":
        return
    changes.tasks.append(
        Task(
            key=changes.customer.key,
            task_id=id_from(event.at, "person.wanted", changes.customer.key, event.message_id),
            kind=TaskKind.A_PERSON_PLEASE,
            title="a_person_please",
            opened_at=event.received_at,
            file={"said": event.properties, "source": event.source, "message_id": event.message_id},
        )
    )


def _note_what_is_wrong(changes: Changes, event: Event, house: House) -> None:
    """Take down a pull of the cord, or a need that nothing serves."""
    flag = flag_in(event, changes.customer, house)
    if flag is not None:
        changes.flags.append(flag)
    need = need_in(event, changes.customer)
    if need is not None:
        changes.needs.append(need)
