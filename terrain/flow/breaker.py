"""The breaker: stops an automation, has its people told, and lets it go on when somebody answers for that.

Promise: in one transaction it is paused, the record of why is kept and everybody who is to be told has a
notice in the outbox; nothing queued leaves any more, and runs wait where they are. Nothing of it is lost when
whoever did it dies right after.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.config import Settings
from terrain.core import breaker
from terrain.core.automation import Automation
from terrain.core.breaker import (
    REASON_RIGHT,
    Alarm,
    Cause,
    How,
    Person,
    Resuming,
    Trip,
    is_a_reason,
)
from terrain.core.canary import Step
from terrain.core.identifier import new_id
from terrain.errors import Refusal
from terrain.store import automations, notices, reference, runs, staff, trips
from terrain.store.notices import CONSOLE, MAIL, WEBHOOK, Notice

log = logs.get("breaker")


class ResumeNeedsReason(Refusal):
    """What was stopped because it did harm goes on when somebody says why it does none any more."""

    code = "resume_needs_reason"


class AnswerNeedsWords(Refusal):
    """Whoever looks after it says in a sentence what they do: nobody further up is told any more."""

    code = "answer_needs_words"


class ResumeNeedsChange(Refusal):
    """Either what it says is new since then, or its bound was wrong: else the same happens again."""

    code = "resume_needs_change"


class NotStopped(Refusal):
    """Somebody let it go on already, or nothing held it."""

    code = "not_stopped"
    status = 409


class UnknownTrip(Refusal):
    """The breaker's record has none of this number."""

    code = "unknown_trip"
    status = 404


class AlreadyAnswered(Refusal):
    """Somebody else looks after it."""

    code = "already_answered"
    status = 409


class Tripping(msgspec.Struct, frozen=True, kw_only=True):
    """What trips it: because of what, with which evidence, by whom where somebody did it."""

    automation: str
    cause: Cause
    because: str
    evidence: dict[str, Any] = {}
    by: str = ""


def trip(db: Connection, what: Tripping, alarm: Alarm, now: datetime) -> Trip | None:
    """Stop the automation and have its people told; None where it was stopped already, or is not ours.

    The caller opens the transaction. What was stopped already keeps its first reason, but what somebody merely
    paused is paused for harm from now on: it does not go on by a click any more.
    """
    listed = automations.find(db, what.automation)
    if listed is None:
        return None
    stopped = Trip(
        trip_id=new_id(now),
        automation=what.automation,
        version=listed.live_version,
        at=now,
        cause=what.cause,
        because=what.because,
        evidence=what.evidence,
        by=what.by,
        answer_by=None if what.cause is Cause.HAND else _until(now, alarm),
    )
    if not trips.add(db, stopped):
        return _worse(db, stopped, alarm, now)
    signed = {"by": what.by or what.cause.value, "because": what.because}
    automations.pause(db, what.automation, signed, now)
    if what.cause is not Cause.HAND:  # whoever pauses it by hand knows that they did
        _have_told(db, stopped, alarm, now)
    return stopped


def _worse(db: Connection, harm: Trip, alarm: Alarm, now: datetime) -> Trip | None:
    """Take the reason over where a person had paused it for none; None where it was stopped for one."""
    before = trips.open_one(db, harm.automation)
    if before is None or before.cause is not Cause.HAND or harm.cause is Cause.HAND:
        return None
    found = msgspec.structs.replace(harm, trip_id=before.trip_id, at=before.at, by=before.by)
    trips.worsen(db, found)
    _have_told(db, found, alarm, now)
    return found


def answer(db: Connection, trip_id: int, by: str, words: str, now: datetime) -> Trip:
    """Say that one looks after it: nobody further up needs to be told."""
    words = words.strip()
    if not is_a_reason(words):
        raise AnswerNeedsWords(field="answer", value=words, right=REASON_RIGHT)
    stopped = _known(db, trip_id)
    if not trips.answer(db, trip_id, by, words, now):
        who = stopped.answered_by or stopped.resumed_by
        raise AlreadyAnswered(field="trip", value=trip_id, right=who, by=who)
    return _known(db, trip_id)


def resume(db: Connection, name: str, said: Resuming, now: datetime) -> Trip:
    """Let it go on, for a few customers first where it had done harm. Of two who do so at once, one does."""
    stopped = trips.open_one(db, name)
    if stopped is None or said.trip_id not in (0, stopped.trip_id):
        # It may be stopped again by now, for a reason that whoever says this has not read.
        before = trips.find(db, said.trip_id) if said.trip_id else trips.last_of(db, name)
        by = before.resumed_by if before else ""
        raise NotStopped(field="automation", value=name, right=by, by=by)
    said = _checked(db, stopped, said)
    stage = breaker.first_stage(stopped.cause, trips.before(db, stopped))
    if not trips.resume(db, stopped.trip_id, said, stage, now):
        raise NotStopped(field="automation", value=name)
    go_on(db, name, now)
    return _known(db, stopped.trip_id)


def go_on(db: Connection, name: str, now: datetime) -> None:
    """Take the pause away, and weigh again what was held meanwhile."""
    automations.resume(db, name)
    runs.wake_held(db, name, now)


def climb(db: Connection, name: str, step: Step, now: datetime) -> Trip | None:
    """Let a canary reach more people where what it did so far allows that; return it as it stands then.

    One that falls is tripped by whoever reads its meters, as any other.
    """
    stopped = trips.last_of(db, name)
    if step is not Step.CLIMB or stopped is None or stopped.resumed_at is None:
        return None
    if not trips.climb(db, stopped, now):
        return None
    reference.changed(db, automations.WHAT)
    runs.wake_held(db, name, now)
    return _known(db, stopped.trip_id)


def escalate(db: Connection, alarm: Alarm, now: datetime) -> int:
    """Have the next person up told of whatever nobody answered in time; return how many that were.

    One level a look, however far a clock jumped: everybody gets their time to answer.
    """
    late = trips.unanswered(db, now, _until(now, alarm) + timedelta(minutes=1))
    all_ = everybody(db) if late else []
    for stopped in late:
        if stopped.answer_by is not None and stopped.answer_by > now:  # by a clock that was ahead
            trips.escalate(db, stopped.trip_id, stopped.level, _until(now, alarm))
            continue
        automation = automations.version(db, stopped.automation, stopped.version)
        level = breaker.next_level(stopped.level, automation, all_)
        if level is None:
            trips.escalate(db, stopped.trip_id, stopped.level, None)
            continue
        trips.escalate(db, stopped.trip_id, level, _until(now, alarm))
        raised = msgspec.structs.replace(stopped, level=level)
        _queue(db, raised, breaker.whom(level, automation, all_), alarm, now)
        log.warning("escalated", automation=stopped.automation, level=level)
    return len(late)


# -- who is told ----------------------------------------------------------------------------------


def _have_told(db: Connection, stopped: Trip, alarm: Alarm, now: datetime) -> None:
    automation = automations.version(db, stopped.automation, stopped.version)
    people = breaker.whom(stopped.level, automation, everybody(db))
    _queue(db, stopped, people, alarm, now)


def _queue(
    db: Connection, stopped: Trip, people: list[Person], alarm: Alarm, now: datetime
) -> None:
    notices.queue(db, _notices(stopped, people, alarm, now))


def _notices(stopped: Trip, people: list[Person], alarm: Alarm, now: datetime) -> Iterator[Notice]:
    def notice(kind: str, address: str, staff_id: int = 0) -> Notice:
        shown = kind == CONSOLE  # there it stands as soon as this commits
        return Notice(
            notice_id=new_id(now),
            trip_id=stopped.trip_id,
            staff_id=staff_id,
            level=stopped.level,
            tries=0,
            at=now,
            due_at=None if shown else now,
            told_at=now if shown else None,
            kind=kind,
            address=address,
            state="told" if shown else "queued",
        )

    for one in people:
        yield notice(MAIL, one.email.lower(), one.staff_id)
        yield notice(CONSOLE, str(one.staff_id), one.staff_id)
    if alarm.watch_url:
        yield notice(WEBHOOK, alarm.watch_url)


def everybody(db: Connection) -> list[Person]:
    """Return those who work here, as the breaker knows them."""
    return [
        Person(
            staff_id=one.staff_id,
            name=one.name,
            email=one.email,
            language=one.language,
            roles=frozenset(one.roles),
        )
        for one in staff.everybody(db)
        if one.is_active
    ]


# -- going on -------------------------------------------------------------------------------------


def _checked(db: Connection, stopped: Trip, said: Resuming) -> Resuming:
    """Return what was said as it is kept, or refuse what is no reason to go on."""
    if stopped.cause is Cause.HAND:
        return said
    because = said.because.strip()
    if not is_a_reason(because):
        raise ResumeNeedsReason(field="because", value=because, right=REASON_RIGHT)
    listed = automations.find(db, stopped.automation)
    newer = listed is not None and listed.live_version > stopped.version
    if said.how is How.BOUND_WAS_WRONG or (said.how is How.NEW_VERSION and newer):
        return msgspec.structs.replace(said, because=because)
    right = f"{How.NEW_VERSION} ({stopped.version + 1}), {How.BOUND_WAS_WRONG}"
    raise ResumeNeedsChange(field="how", value=said.how.value, right=right)


def _known(db: Connection, trip_id: int) -> Trip:
    found = trips.find(db, trip_id)
    if found is None:
        raise UnknownTrip(field="trip", value=trip_id)
    return found


def _until(now: datetime, alarm: Alarm) -> datetime:
    return breaker.answer_by(now, alarm.answer_minutes)


def alarm_of(settings: Settings) -> Alarm:
    """Return how people of this house are told of a stop."""
    return Alarm(answer_minutes=settings.answer_minutes, watch_url=settings.watch_url)


def automation_of(db: Connection, stopped: Trip) -> Automation | None:
    """Return the version that was stopped."""
    return automations.version(db, stopped.automation, stopped.version)


def went_on_at(db: Connection, name: str) -> datetime | None:
    """Return when it last went on after a stop; what was said before that has been answered for."""
    before = trips.last_of(db, name)
    return before.resumed_at if before else None
