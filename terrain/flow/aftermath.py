"""What follows from how acts went: the outbox, the people who must look, the trays, the record.

Promise: all of it stands in one transaction with the act's own end, so nothing that failed is lost
and nobody is told twice.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.core.act import Act
from terrain.core.identifier import id_from
from terrain.core.outbox import ActState, Ending
from terrain.core.task import Task, TaskKind
from terrain.errors import Refusal
from terrain.flow import mishaps
from terrain.flow.told import Told, tell
from terrain.store import acts, tasks, trays
from terrain.store.trays import Misfit
from terrain.words import refusal_in_words

TRAY = "act"
_TROUBLE = (ActState.FAILED, ActState.UNKNOWN)
log = logs.get("outbox")


class ActGaveUp(Refusal):
    """An act could not be done, or nobody knows whether it was."""

    code = "act_gave_up"


def is_trouble(ending: Ending) -> bool:
    """Say whether anything follows from this ending but that it is written down."""
    return ending.task is not None or ending.first_failure or ending.state in _TROUBLE


def write(db: Connection, endings: Sequence[Ending], now: datetime) -> None:
    """Write down all that follows from these endings, but for the outbox itself (`store/acts.py`)."""
    troubled = _still_there(db, [ending for ending in endings if is_trouble(ending)])
    gave_up = [ending for ending in troubled if not ending.first_failure]
    tasks.save(db, [_task(ending, now) for ending in gave_up if ending.task])
    trays.put(db, [_misfit(one) for one in gave_up if not one.address_is_wrong], now)
    mishaps.retried(db, [ending.act for ending in troubled if ending.first_failure], now)
    for ending in gave_up:
        log.warning("act_gave_up", act=ending.act.act_id, because=ending.because)
        if ending.address_is_wrong:
            tell(db, ending.act.key, _bounce(ending), now)


def _still_there(db: Connection, endings: Sequence[Ending]) -> list[Ending]:
    """Return those whose act is still in the record, and hold it: of somebody erased nothing follows."""
    if not endings:
        return []
    there = acts.hold(db, [ending.act for ending in endings])
    return [ending for ending in endings if ending.act.act_id in there]


def _bounce(ending: Ending) -> Told:
    said = {"act_id": str(ending.act.act_id), "reason": ending.detail, "type": "permanent"}
    once = f"bounce:{ending.act.act_id}"
    return Told(event="message.bounced", properties=said, once=once)


def _task(ending: Ending, now: datetime) -> Task:
    act = ending.act
    return Task(
        key=act.key,
        task_id=id_from(now, "outbox", act.act_id, ending.task),
        kind=ending.task or TaskKind.REPEATED_FAILURE,
        title=act.name,
        opened_at=now,
        automation=act.automation,
        run_id=act.run_id,
        decision_id=act.decision_id,
        act_id=act.act_id,
        file=_file(ending),
    )


def _file(ending: Ending) -> dict[str, object]:
    """Return what a person needs to find out whether it was done, or to do it themselves."""
    act = ending.act
    return {
        "proposed": {"act": act.kind, "name": act.name, "step": act.step, "channel": act.channel},
        "because": ending.because,
        "said_there": ending.detail,
        "may_have_happened": ending.state is ActState.UNKNOWN,
        "content": {
            name: value for name, value in act.content.items() if name in ("payload", "values")
        },
    }


def _misfit(ending: Ending) -> Misfit:
    refusal = ActGaveUp(field=ending.act.name, value=ending.because, detail=ending.detail)
    return Misfit(
        TRAY, ending.act.automation, refusal.code, refusal_in_words(refusal), _payload(ending.act)
    )


def _payload(act: Act) -> bytes:
    """Return the act as it stood, for whoever looks into the tray."""
    return msgspec.json.encode(act)
