"""A recall, step by step: opened, a remedy prepared and approved, sent, stopped.

Promise: opening it stops what is still queued; nothing is sent that was not shown on real customers and, above
a set number, agreed to by a second person; stopping it stops it. `flow/recall_look.py` finds everybody,
`flow/making_good.py` makes good, `flow/recall_preview.py` shows it before, `flow/recall_told.py` afterwards.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import Settings
from terrain.core.approval import Signature
from terrain.core.breaker import REASON_RIGHT, Cause, is_a_reason
from terrain.core.house import House
from terrain.core.identifier import new_id
from terrain.core.message import Words
from terrain.core.recall import (
    STOPPABLE,
    Kind,
    Recall,
    Remedy,
    Scope,
    State,
    needs_another,
)
from terrain.core.skew import EARLIEST
from terrain.errors import Refusal
from terrain.flow import breaker, flagging, template, versions
from terrain.flow.breaker import Tripping
from terrain.flow.recall_typed import RecallWords, segment_of
from terrain.store import automations, recalls
from terrain.store.automations import Listed
from terrain.words import LANGUAGES

FEW = 5
TYPED = "%Y-%m-%d %H:%M"
# The same, said by the same person within so long, is the same recall.
AT_ONCE = timedelta(minutes=1)


class UnknownRecall(Refusal):
    """There is no recall of this number."""

    code = "unknown_recall"
    status = 404


class RecallReason(Refusal):
    """A recall says in a sentence what went wrong: a board or a regulator reads it."""

    code = "recall_reason"


class RecallStopReason(Refusal):
    """Whoever waits for what makes good gets nothing: whoever stops that says why."""

    code = "recall_stop_reason"


class RecallScope(Refusal):
    """What a recall is about must be something that can have happened."""


class RecallVersion(RecallScope):
    """Nothing of this version ever ran."""

    code = "recall_version"


class RecallSince(RecallScope):
    """It ends before it begins."""

    code = "recall_since"


class RecallMoment(RecallScope):
    """What was typed is no moment."""

    code = "recall_moment"


class RecallNotYet(Refusal):
    """Each step has one before it: found, prepared, seen on real customers, approved, sent."""

    code = "recall_not_yet"
    status = 409


class RecallUnseen(Refusal):
    """Nobody approves words that nobody has seen on real customers."""

    code = "recall_unseen"
    status = 409


class RecallChanged(Refusal):
    """Somebody wrote another remedy meanwhile: what is approved is what was read."""

    code = "recall_changed"
    status = 409


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
    staff_id: int = 0


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Who agrees, and to which remedy: with `seen`, the one whose letters stood before them (`stamp_of`)."""

    by: str
    staff_id: int = 0
    seen: str = ""


# -- opening ---------------------------------------------------------------------------------------


def open_recall(
    db: Connection, said: Opening, house: House, settings: Settings, now: datetime
) -> Recall:
    """Open a recall. Where it is about what still runs, that is stopped in the same transaction.

    Said twice in a row, as a button is pressed twice, it is one.
    """
    recall = drafted(db, said, house, now)
    automations.hold(db, recall.automation)
    before = next((one for one in recalls.latest(db, FEW) if _is_again(recall, one)), None)
    if before is not None:
        return before
    recalls.add(db, recall, [0])
    if stops(versions.known(db, said.automation), said.version):
        what = Tripping(
            automation=said.automation, cause=Cause.RECALL, because=recall.because, by=said.by
        )
        breaker.trip(db, what, breaker.alarm_of(settings), now)
    return recall


def _is_again(recall: Recall, before: Recall) -> bool:
    """Say whether the same person said the same a moment ago."""
    if recall.opened_by != before.opened_by or recall.opened_at - before.opened_at > AT_ONCE:
        return False
    return replace(recall.scope, until=before.until) == before.scope and before.state in STOPPABLE


def stops(listed: Listed, version: int) -> bool:
    """Say whether a recall of this version is about what runs, so that opening it stops that."""
    return version in (0, listed.live_version)


def drafted(db: Connection, said: Opening, house: House, now: datetime) -> Recall:
    """Return the recall that this would be, or refuse what cannot have happened. Nothing is written."""
    because, scope = said.because.strip(), _scope(db, said, house, now)
    if not is_a_reason(because):
        raise RecallReason(field="because", right=REASON_RIGHT)
    if said.flag_id:
        flagging.known(db, said.flag_id)
    return Recall(
        recall_id=new_id(now),
        automation=scope.automation,
        version=scope.version,
        state=State.LOOKING,
        opened_at=now,
        opened_by=said.by,
        because=because,
        since=scope.since,
        until=scope.until,
        scope=scope,
        flag_id=said.flag_id,
        trip_id=said.trip_id,
    )


def _scope(db: Connection, said: Opening, house: House, now: datetime) -> Scope:
    live, until = versions.known(db, said.automation).live_version, min(said.until or now, now)
    if not 0 <= said.version <= live:
        raise RecallVersion(field="version", value=said.version, right=f"0–{live}")
    # Nothing is older than clocks; and of year 1 in our zone, a part is no year at all in the record's.
    since = max(said.since, EARLIEST)
    if since >= until:
        begin, end = (f"{at.astimezone(house.company.zone):{TYPED}}" for at in (said.since, until))
        raise RecallSince(field="since", value=begin, right=end)
    return Scope(
        automation=said.automation,
        version=said.version,
        since=since,
        until=until,
        fact=said.fact.strip(),
        value=said.value,
        segment=segment_of(said.segment, house),
        words=said.segment.strip(),
    )


# -- what makes good -------------------------------------------------------------------------------


def prepare(db: Connection, recall_id: int, said: Prepared, house: House, now: datetime) -> Recall:
    """Say what makes good. A new word takes back what was seen and approved of the old one."""
    recall = held(db, recall_id, State.FOUND, State.PREPARED, State.APPROVED)
    _check(said.remedy, house)
    prepared = replace(
        recall,
        state=State.PREPARED,
        remedy=said.remedy,
        prepared_at=now,
        prepared_by=said.by,
        prepared_staff=said.staff_id,
        previewed_at=None,
        approved_at=None,
        approved_by="",
        approved_staff=0,
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


# -- agreeing, sending, stopping -------------------------------------------------------------------


def approve(
    db: Connection, recall_id: int, said: Approval, settings: Settings, now: datetime
) -> Recall:
    """Agree to the remedy; above a set number of people, somebody else than who wrote it."""
    recall = held(db, recall_id, State.PREPARED)
    if said.seen not in ("", stamp_of(recall)):
        raise RecallChanged(field="seen", value=recall_id, right=recall.prepared_by)
    if recall.previewed_at is None and not said.seen:
        raise RecallUnseen(value=recall_id)
    signed = Signature(by=said.by, staff_id=said.staff_id)
    if needs_another(recall.people, settings.recall_alone) and recall.writer.is_of(signed):
        raise RecallAlone(field="by", value=said.by, right=settings.recall_alone)
    approved = replace(
        recall,
        state=State.APPROVED,
        previewed_at=recall.previewed_at or now,
        approved_at=now,
        approved_by=said.by,
        approved_staff=said.staff_id,
    )
    recalls.move(db, approved)
    return approved


def stamp_of(recall: Recall) -> str:
    """Return by what a remedy is told from the one before it."""
    return recall.prepared_at.isoformat() if recall.prepared_at else ""


def send(db: Connection, recall_id: int, by: str, now: datetime) -> Recall:
    """Have the workers make good to everybody found. Said again, the first word stands."""
    recall = held(db, recall_id, State.APPROVED, State.SENDING)
    if recall.state is State.SENDING:
        return recall
    sending = replace(recall, state=State.SENDING, sent_at=now, sent_by=by)
    recalls.move(db, sending)
    return sending


def stop(db: Connection, recall_id: int, by: str, because: str, now: datetime) -> Recall:
    """Stop a recall. Nobody is made good to from now on; `making_good.halt` calls off what it queued."""
    recall = held(db, recall_id, *STOPPABLE)
    if not is_a_reason(because):
        raise RecallStopReason(field="because", value=because, right=REASON_RIGHT)
    stopped = replace(
        recall,
        state=State.STOPPED,
        stopped_at=now,
        stopped_by=by,
        stopped_because=because.strip(),
    )
    recalls.move(db, stopped)
    return stopped


def known(db: Connection, recall_id: int) -> Recall:
    """Return one recall, or refuse a number that nobody gave."""
    found = recalls.find(db, recall_id)
    if found is None:
        raise UnknownRecall(field="recall", value=recall_id)
    return found


def held(db: Connection, recall_id: int, *states: State) -> Recall:
    """Return the recall while nobody else changes it, or refuse where it does not stand there."""
    recall = recalls.hold(db, recall_id)
    if recall is None:
        raise UnknownRecall(field="recall", value=recall_id)
    if recall.state not in states:
        raise RecallNotYet(
            field="state", value=recall.state.value, right=[one.value for one in states]
        )
    return recall
