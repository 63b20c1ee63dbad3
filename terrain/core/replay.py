"""One customer's past lived again: each event at its own time, each run when it fell due.

Promise: pure. The same events and the same house give the same decisions, whatever day it is today and
on whichever machine; a part of a replay is therefore a pure function of its events, with a digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from terrain.core import guard, turn
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event, in_order
from terrain.core.house import House
from terrain.core.turn import Changes, Weigh

_A_MOMENT = timedelta(seconds=1)
REMEMBERED = timedelta(days=90)
DIGEST_BYTES = 16


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's events. `came_true`: by message id, whether what an event foresaw did happen."""

    customer: Customer
    events: tuple[Event, ...]
    came_true: dict[str, bool] = {}


class Line(msgspec.Struct, kw_only=True):
    """Of how many acts of a step this was the last word; for how many, what was foreseen came true."""

    automation: str
    step: str
    verdict: str
    because: str
    acts: int = 0
    foreseen: int = 0
    came_true: int = 0

    @property
    def judged(self) -> str:
        """The name by which equal lines of two tallies are found."""
        return f"{self.automation} {self.step} {self.verdict} {self.because}"


class Tally(msgspec.Struct, kw_only=True):
    """What a replay, or a part of one, came to. Tallies add up."""

    customers: int = 0
    events: int = 0
    turns: int = 0
    runs: int = 0
    decisions: int = 0
    acts: int = 0
    questions: int = 0
    tasks: int = 0
    lines: dict[str, Line] = {}


def retell(
    past: Past, house: House, until: datetime, weigh: Weigh = guard.weigh
) -> tuple[Tally, bytes]:
    """Live one customer's past again; return what it came to, and its fingerprint."""
    tally = Tally(customers=1, events=len(past.events))
    started_by: dict[int, str] = {}  # the message that each run began with
    last_word: dict[int, Decision] = {}
    spoken = blake2b(digest_size=DIGEST_BYTES)
    for changes in relive(past.customer, past.events, house, until, weigh):
        _count(tally, changes)
        for run in changes.runs.values():
            started_by[run.run_id] = str(run.context.get("event", {}).get("message_id", ""))
        for decision in changes.decisions:
            last_word[decision.proposal.run_id] = decision
            spoken.update(_fingerprint(decision))
    tally.runs = len(started_by)
    for run_id, decision in last_word.items():
        _note(tally, decision, came_true=past.came_true.get(started_by.get(run_id, "")))
    return tally, spoken.digest()


def relive(
    customer: Customer,
    events: Sequence[Event],
    house: House,
    until: datetime,
    weigh: Weigh = guard.weigh,
) -> Iterator[Changes]:
    """Yield what followed from each event and from each date that came, up to this moment."""
    for event in in_order(events):
        for changes in wake(customer, house, event.at, weigh):
            customer = changes.customer
            yield changes
        changes = turn.live(customer, (event,), house, event.at, weigh)
        customer = forget_the_old(changes.customer, event.at)
        yield changes
    yield from wake(customer, house, until, weigh)


def wake(
    customer: Customer, house: House, until: datetime, weigh: Weigh = guard.weigh
) -> Iterator[Changes]:
    """Yield what followed from the dates that came, one after the other, up to this moment."""
    now = None
    while (due := _next_date(customer)) is not None and due <= until:
        # What is due again at the moment it was just moved at would be due for ever.
        now = due if now is None or due > now else now + _A_MOMENT
        changes = turn.live(customer, (), house, now, weigh)
        customer = changes.customer
        yield changes


def forget_the_old(customer: Customer, now: datetime) -> Customer:
    """Keep what deciding looks back at, as the record does when it is read."""
    since = now - REMEMBERED
    if not customer.contacts and not customer.questions:
        return customer
    return msgspec.structs.replace(
        customer,
        contacts=tuple(each for each in customer.contacts if each.at > since),
        questions=tuple(each for each in customer.questions if each.asked_at > since),
    )


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all parts."""
    whole = Tally()
    for part in tallies:
        for name in ("customers", "events", "turns", "runs", "decisions"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for name in ("acts", "questions", "tasks"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for line in part.lines.values():
            _add(whole, line)
    return whole


def digest_of(digests: Iterable[bytes]) -> bytes:
    """Return the fingerprint of many, whatever their order and however they were parted."""
    total = sum(int.from_bytes(each, "big") for each in digests)
    return (total % (1 << 8 * DIGEST_BYTES)).to_bytes(DIGEST_BYTES, "big")


def _next_date(customer: Customer) -> datetime | None:
    return min((run.due_at for run in customer.runs if run.due_at is not None), default=None)


def _count(tally: Tally, changes: Changes) -> None:
    tally.turns += 1
    tally.decisions += len(changes.decisions)
    tally.acts += len(changes.acts)
    tally.questions += len(changes.questions)
    tally.tasks += len(changes.tasks)


def _note(tally: Tally, decision: Decision, *, came_true: bool | None) -> None:
    said = Line(
        automation=decision.proposal.automation,
        step=decision.proposal.step,
        verdict=decision.verdict,
        because=decision.because,
        acts=1,
        foreseen=int(came_true is not None),
        came_true=int(came_true or 0),
    )
    _add(tally, said)


def _add(tally: Tally, more: Line) -> None:
    line = tally.lines.get(more.judged)
    if line is None:
        tally.lines[more.judged] = msgspec.structs.replace(more)
        return
    line.acts += more.acts
    line.foreseen += more.foreseen
    line.came_true += more.came_true


def _fingerprint(decision: Decision) -> bytes:
    proposal = decision.proposal
    said = (
        decision.key.customer_id,
        decision.at,
        proposal.automation,
        proposal.version,
        proposal.step,
        proposal.subject,
        decision.verdict,
        decision.because,
    )
    return msgspec.json.encode(said)
