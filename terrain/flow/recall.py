"""A recall, from the first word to the page that tells a board what was done.

Promise: opening it stops what is still queued; nothing is sent that was not shown on real customers and, above
a set number, agreed to by a second person; stopping it stops it. `flow/making_good.py` does the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import Settings
from terrain.core import guard
from terrain.core.breaker import LONGEST_REASON, SHORTEST_REASON, Cause
from terrain.core.condition import ALWAYS, Condition
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, new_id
from terrain.core.message import Words
from terrain.core.recall import (
    Fate,
    Kind,
    Recall,
    Remedy,
    Scope,
    State,
    act_of,
    complaints_of,
    needs_another,
    proposal_of,
)
from terrain.core.scene import Scene
from terrain.errors import Refusal
from terrain.flow import breaker, template, values, versions
from terrain.flow.breaker import Tripping
from terrain.flow.letters import Desk, message_of
from terrain.flow.links import links_of
from terrain.flow.names import Names
from terrain.flow.yaml_file import read_text
from terrain.store import customers, people, recalls, tasks
from terrain.store.connection import Record
from terrain.store.recalls import Recalled
from terrain.words import LANGUAGES

FEW = 5
CHUNK = 1_000
BECAUSE = "recall_stopped"


class UnknownRecall(Refusal):
    """There is no recall of this number."""

    code = "unknown_recall"
    status = 404


class RecallScope(Refusal):
    """What a recall is about must be something that can have happened."""

    code = "recall_scope"


class RecallNotYet(Refusal):
    """Each step has one before it: found, prepared, seen on real customers, approved, sent."""

    code = "recall_not_yet"
    status = 409


class RecallWords(Refusal):
    """A remedy is written by a person, in every language that customers are written to in."""

    code = "recall_words"


class RecallAlone(Refusal):
    """Above a set number of people, whoever wrote the remedy does not approve it."""

    code = "recall_needs_another"
    status = 409


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody opens a recall with."""

    automation: str
    by: str
    because: str
    since: datetime
    until: datetime | None = None
    version: int = 0
    fact: str = ""
    value: Any = None
    segment: str = ""
    flag_id: int = 0
    trip_id: int = 0


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What makes good, and who says so."""

    remedy: Remedy
    by: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What one real customer would get: the guard's verdict, and the message as they would read it."""

    customer: int
    done: int
    verdict: str
    because: str
    subject: str = ""
    text: str = ""
    refusal: str = ""


# -- opening ---------------------------------------------------------------------------------------


def open_recall(
    db: Connection, said: Opening, house: House, settings: Settings, now: datetime
) -> Recall:
    """Open a recall. Where it is about what still runs, that is stopped in the same transaction."""
    listed = versions.known(db, said.automation)
    recall = _drafted(said, house, now)
    if said.version > listed.live_version:
        raise RecallScope(field="version", value=said.version, right=f"0–{listed.live_version}")
    recalls.add(db, recall, [0])
    if said.version in (0, listed.live_version):
        what = Tripping(
            automation=said.automation, cause=Cause.RECALL, because=recall.because, by=said.by
        )
        breaker.trip(db, what, settings, now)
    return recall


def _drafted(said: Opening, house: House, now: datetime) -> Recall:
    because = said.because.strip()
    if not SHORTEST_REASON <= len(because) <= LONGEST_REASON:
        right = f"{SHORTEST_REASON}–{LONGEST_REASON}"
        raise RecallScope(field="because", value=because, right=right)
    until = min(said.until or now, now)
    if said.since >= until:
        raise RecallScope(
            field="since", value=said.since.isoformat(), right=f"< {until:%Y-%m-%d %H:%M}"
        )
    if said.version < 0:
        raise RecallScope(field="version", value=said.version, right="0, 1, 2 …")
    scope = Scope(
        automation=said.automation,
        version=said.version,
        since=said.since,
        until=until,
        fact=said.fact.strip(),
        value=said.value,
        segment=segment_of(said.segment, house),
        words=said.segment.strip(),
    )
    return Recall(
        recall_id=new_id(now),
        automation=said.automation,
        version=said.version,
        state=State.LOOKING,
        opened_at=now,
        opened_by=said.by,
        because=because,
        since=said.since,
        until=until,
        scope=scope,
        flag_id=said.flag_id,
        trip_id=said.trip_id,
    )


def segment_of(text: str, house: House) -> Condition:
    """Return the condition that was typed, as an automation's file says one."""
    if not text.strip():
        return ALWAYS
    root, reading = read_text(text, "segment")
    found = values.condition(root, reading, Names(house.catalogue)) if root else ALWAYS
    for problem in reading.problems:
        raise problem
    return found


# -- what makes good -------------------------------------------------------------------------------


def prepare(db: Connection, recall_id: int, said: Prepared, house: House, now: datetime) -> Recall:
    """Say what makes good. A new word takes back what was seen and approved of the old one."""
    recall = _held(db, recall_id, State.FOUND, State.PREPARED, State.APPROVED)
    _check(said.remedy, house)
    prepared = replace(
        recall,
        state=State.PREPARED,
        remedy=said.remedy,
        prepared_at=now,
        prepared_by=said.by,
        previewed_at=None,
        approved_at=None,
        approved_by="",
    )
    recalls.move(db, prepared)
    return prepared


def _check(remedy: Remedy, house: House) -> None:
    if remedy.kind in (Kind.MESSAGE, Kind.CALLBACK):
        for language in LANGUAGES:
            said = remedy.words.get(language, {})
            for part in ("subject", "body"):
                if not str(said.get(part, "")).strip():
                    raise RecallWords(field=f"{part}.{language}", right="…")
            if remedy.kind is Kind.MESSAGE:
                template.check(
                    Words(
                        name="recall",
                        language=language,
                        subject=said["subject"],
                        body=said["body"],
                        file=f"recall.{language}",
                    )
                )
    if remedy.kind is Kind.GESTURE and remedy.action not in house.catalogue.actions:
        right = sorted(house.catalogue.actions) or "—"
        raise RecallWords(field="action", value=remedy.action, right=right)
    if remedy.kind is Kind.CORRECTION and not (
        remedy.fact and (remedy.wrong is not None or remedy.right is not None)
    ):
        raise RecallWords(field="fact", value=remedy.fact, right="fact, wrong, right")


def preview(
    db: Connection, recall_id: int, house: House, settings: Settings, now: datetime
) -> list[Shown]:
    """Show what five real customers would get now, and note that somebody saw it. Nothing leaves."""
    recall = _held(db, recall_id, State.PREPARED, State.APPROVED)
    some = recalls.people(db, recall_id, FEW)
    homes = customers.survivors(db, [one.key for one in some])
    known = people.load(db, set(homes.values()), now, secret=house.secret)
    desk = Desk(settings, links_of(settings))
    shown = [
        _shown(recall, one, Scene(known[homes[one.key]], house, now, {}), desk)
        for one in some
        if homes.get(one.key) in known
    ]
    recalls.move(db, replace(recall, previewed_at=now))
    return shown


def _shown(recall: Recall, one: Recalled, scene: Scene, desk: Desk) -> Shown:
    remedy, customer = recall.remedy, scene.customer
    assert remedy is not None  # it was prepared
    proposal = proposal_of(recall, remedy, complaints_of(customer))
    decision = guard.weigh(proposal, customer, scene.house, scene.now)
    said = Shown(
        customer=one.customer_id,
        done=one.done,
        verdict=decision.verdict.value,
        because=decision.because,
    )
    if remedy.kind is not Kind.MESSAGE:
        return said
    try:
        act = act_of(recall, decision, customer, scene.house)
        message = message_of(act, customer, scene.house, desk)
    except Refusal as refusal:
        return replace(said, refusal=refusal.code)
    return replace(said, subject=message.subject, text=message.text)


# -- agreeing, sending, stopping -------------------------------------------------------------------


def approve(db: Connection, recall_id: int, by: str, settings: Settings, now: datetime) -> Recall:
    """Agree to the remedy; above a set number of people, somebody else than who wrote it."""
    recall = _held(db, recall_id, State.PREPARED)
    if recall.previewed_at is None:
        raise RecallNotYet(field="preview", value=recall_id, right="terrain recall preview")
    if needs_another(_people(db, recall_id), settings.recall_alone) and by == recall.prepared_by:
        raise RecallAlone(field="by", value=by, right=settings.recall_alone)
    approved = replace(recall, state=State.APPROVED, approved_at=now, approved_by=by)
    recalls.move(db, approved)
    return approved


def send(record: Record, recall_id: int, by: str, now: datetime) -> int:
    """Let the worker make good to everybody found; return how many that are. Sent again, it goes on."""
    with record.local() as db, db.transaction():
        recall = _held(db, recall_id, State.APPROVED, State.SENDING)
        if recall.state is State.APPROVED:
            recalls.move(db, replace(recall, state=State.SENDING, sent_at=now, sent_by=by))
    begun = 0
    while True:
        with record.local() as db, db.transaction():
            recall = _held(db, recall_id, State.SENDING)
            some = recalls.begin(db, recall_id, now, CHUNK)
        begun += some
        if some < CHUNK:
            return begun


def stop(record: Record, recall_id: int, by: str, now: datetime) -> int:
    """Stop a recall, also what it queued; return how many people got nothing because of that."""
    with record.local() as db, db.transaction():
        recall = _held(db, recall_id, *(state for state in State if state is not State.STOPPED))
        recalls.move(db, replace(recall, state=State.STOPPED, stopped_at=now, stopped_by=by))
    halted = 0
    while True:
        with record.local() as db, db.transaction():
            some = recalls.halt(db, recall_id, CHUNK)
        halted += some
        if some < CHUNK:
            break
    return halted + _stop_what_is_on_its_way(record, recall_id, by, now)


def _stop_what_is_on_its_way(record: Record, recall_id: int, by: str, now: datetime) -> int:
    stopped, after = 0, None
    while True:
        with record.local() as db, db.transaction():
            some = recalls.on_their_way(db, recall_id, CHUNK, after)
            stopped += len(_stopped_of(db, some))
            for one in some:
                off = _called_off(db, one, by, now)
                stopped += off
                # What had left already is looked at once more, so that it says what became of it.
                fate = {"state": Fate.NOT_REACHED, "because": BECAUSE} if off else {}
                recalls.write(db, replace(one, due_at=None if off else now, **fate))
        if len(some) < CHUNK:
            return stopped
        after = some[-1].key


def _called_off(db: Connection, one: Recalled, by: str, now: datetime) -> bool:
    """Close the task of calling this person back; say whether nobody had yet."""
    task = tasks.find(db, one.task_id) if one.task_id else None
    return task is not None and tasks.close(db, task, by, BECAUSE, now)


def _stopped_of(db: Connection, some: list[Recalled]) -> list[Any]:
    homes = customers.survivors(db, [one.key for one in some]) if some else {}
    queued = [(homes.get(one.key, one.key), one.act_id) for one in some if one.act_id]
    queued += [(one.key, one.act_id) for one in some if one.act_id]
    return recalls.stop_acts(db, queued, BECAUSE) if queued else []


# -- reading ---------------------------------------------------------------------------------------


def known(db: Connection, recall_id: int) -> Recall:
    """Return one recall, or refuse a number that nobody gave."""
    found = recalls.find(db, recall_id)
    if found is None:
        raise UnknownRecall(field="recall", value=recall_id)
    return found


def everybody(db: Connection, recall_id: int) -> Iterator[Recalled]:
    """Yield everybody a recall is about, a page at a time."""
    after: CustomerKey | None = None
    while page := recalls.people(db, recall_id, CHUNK, after):
        yield from page
        after = page[-1].key


def facts(db: Connection, recall_id: int) -> dict[str, Any]:
    """Return one page of facts for a regulator or a board: dates, counts, remedy, times. Nobody's data."""
    recall = known(db, recall_id)
    sums = recalls.sums(db, recall_id)
    by_fate = {fate: sum(one.people for one in sums if one.state == fate) for fate in Fate}
    reached = [one.last_reached for one in sums if one.last_reached]
    first = [one.first_reached for one in sums if one.first_reached]
    return {
        "recall": str(recall.recall_id),
        "automation": recall.automation,
        "version": recall.version or None,
        "state": recall.state.value,
        "because": recall.because,
        "from": recall.since,
        "until": recall.until,
        "about": _about(recall.scope),
        "opened": {"at": recall.opened_at, "by": recall.opened_by},
        "found": {
            "at": recall.found_at,
            "people": sum(one.people for one in sums) - by_fate[Fate.SAME_PERSON],
            "acts_done": sum(one.done for one in sums),
            "acts_stopped": sum(one.stopped for one in sums),
        },
        "remedy": msgspec.to_builtins(recall.remedy) if recall.remedy else None,
        "prepared": {"at": recall.prepared_at, "by": recall.prepared_by},
        "seen_on_real_customers": recall.previewed_at,
        "approved": {"at": recall.approved_at, "by": recall.approved_by},
        "sent": {"at": recall.sent_at, "by": recall.sent_by},
        "stopped": {"at": recall.stopped_at, "by": recall.stopped_by},
        "people": {fate.value: n for fate, n in by_fate.items() if n},
        "answered": sum(one.answered for one in sums),
        "reasons": _reasons(sums),
        "first_reached": min(first, default=None),
        "last_reached": max(reached, default=None),
        "hours_to_approval": _hours(recall.opened_at, recall.approved_at),
        "hours_to_the_last": _hours(recall.opened_at, max(reached, default=None)),
    }


def _reasons(sums: list[recalls.Sum]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in sums:
        if one.because:
            found[one.because] = found.get(one.because, 0) + one.people
    return found


def _about(scope: Scope) -> Mapping[str, Any]:
    said = {"fact": scope.fact, "value": scope.value, "segment": scope.words}
    return {name: value for name, value in said.items() if value not in ("", None)}


def _hours(begin: datetime, end: datetime | None) -> float | None:
    return None if end is None else round((end - begin).total_seconds() / 3600, 1)


def _people(db: Connection, recall_id: int) -> int:
    return sum(one.people for one in recalls.sums(db, recall_id))


def _held(db: Connection, recall_id: int, *states: State) -> Recall:
    """Return the recall while nobody else changes it, or refuse where it does not stand there."""
    recall = recalls.hold(db, recall_id)
    if recall is None:
        raise UnknownRecall(field="recall", value=recall_id)
    if recall.state not in states:
        raise RecallNotYet(field="state", value=recall.state.value, right=list(states))
    return recall


def remedy_in(text: str, file: str) -> Remedy:
    """Return the remedy that a file says, or refuse what is not one."""
    root, reading = read_text(text, file)
    for problem in reading.problems:
        raise problem
    try:
        return msgspec.convert(root.plain() if root else {}, Remedy)
    except msgspec.ValidationError as error:
        raise RecallWords(field=file, value=str(error), right=", ".join(Kind)) from None
