"""Tells staff what waits in their outbox: by mail, and by a signed webhook to whoever watches.

Promise: a notice is tried until it is told or given up, by whichever worker lives; after a crash it is sent
again under the same Message-ID or key, so that mailboxes and receivers know it for the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.channels.email import Mailer
from terrain.channels.webhook import Call, Caller, Receiver
from terrain.config import Settings, mail_server, public_address, secret_of
from terrain.core.breaker import Cause, Trip
from terrain.core.calling import signing_key
from terrain.core.message import Drawing, Letter
from terrain.core.outbox import How, Result
from terrain.flow import drawn, watching
from terrain.flow.stationery import written
from terrain.store import notices, staff, trips
from terrain.store.connection import Record
from terrain.store.notices import MAIL, Notice
from terrain.words import _, say

MOST = 20
MOST_TRIES = 20
# Longer than any server is waited for; only a crash lets it run out.
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=30)

log = logs.get("notices")

SUBJECTS = {
    0: _("{automation} is stopped"),
    1: _("{automation} is stopped, and nobody has answered yet"),
}
WHY = {
    Cause.METER: _("What came back says more than luck can explain."),
    Cause.FLAG: _("People said that something is wrong with it."),
    Cause.EVENT: _("Something happened of which one is too many."),
    Cause.HAND: _("{by} paused it."),
    Cause.RECALL: _("{by} opened a recall of what it did."),
}


def tell_some(record: Record, settings: Settings, now: datetime) -> int:
    """Tell what is due; return how many notices went on."""
    with record.local() as db:
        with db.transaction():
            some = notices.claim(db, now, now + LEASE, MOST)
        if not some:
            return 0
        mailer, caller = Mailer(mail_server(settings)), Caller()
        try:
            for one in some:
                _tell(db, one, _Lines(settings, mailer, caller), now)
        finally:
            mailer.close()
            caller.close()
    return len(some)


class _Lines(msgspec.Struct):
    """The lines on which staff are told."""

    settings: Settings
    mailer: Mailer
    caller: Caller


def _tell(db: Connection, one: Notice, lines: _Lines, now: datetime) -> None:
    stopped = trips.find(db, one.trip_id)
    assert stopped is not None  # they were written in one transaction, and neither is ever deleted
    way: Callable[..., Result] = _by_mail if one.kind == MAIL else _by_webhook
    result = way(db, one, stopped, lines, now)
    if result.how is How.LEFT:
        notices.told(db, one.notice_id, now)
        return
    log.warning("notice_stayed", notice=one.notice_id, because=result.because)
    notices.put_off(db, one.notice_id, result.because, again_at(one.tries, now))


def again_at(tries: int, now: datetime) -> datetime | None:
    """Return when staff are tried again after so many tries: twice as long each; None: it is given up."""
    if tries >= MOST_TRIES:
        return None
    doublings: int = min(tries, 10)
    return now + min(timedelta(seconds=15 * (1 << doublings)), LONGEST_PAUSE)


def _by_mail(db: Connection, one: Notice, stopped: Trip, lines: _Lines, now: datetime) -> Result:
    return lines.mailer.send(letter_of(db, one, stopped, lines.settings, now), now)


def _by_webhook(
    _db: Connection, one: Notice, stopped: Trip, lines: _Lines, now: datetime
) -> Result:
    url = one.address
    receiver = Receiver(
        name="watch",
        url=url,
        secret=signing_key(secret_of(lines.settings), url),
        idempotent=True,
    )
    said = body_of(one, stopped)
    call = Call(
        receiver=receiver, key=f"notice_{one.notice_id}", body=said, at=int(now.timestamp())
    )
    return lines.caller.call([call])[0]


def body_of(one: Notice, stopped: Trip) -> bytes:
    """Return what a webhook says: which automation, since when, why. Nobody's data."""
    return msgspec.json.encode(
        {
            "type": "automation.stopped",
            "timestamp": stopped.at,
            "data": {
                "trip_id": str(stopped.trip_id),
                "automation": stopped.automation,
                "version": stopped.version,
                "cause": stopped.cause.value,
                "because": stopped.because,
                "level": one.level,
            },
        },
        order="deterministic",
    )


# -- the letter -----------------------------------------------------------------------------------


def letter_of(
    db: Connection, one: Notice, stopped: Trip, settings: Settings, now: datetime
) -> Letter:
    """Return the letter of a notice, in its reader's language."""
    reader = staff.find(db, one.staff_id) if one.staff_id else None
    language = (reader.language if reader else "") or settings.language
    domain = settings.mail_from.rpartition("@")[2]
    drawing = _drawing(db, stopped, now, language)
    return Letter(
        message=written(
            "stopped",
            say(language, SUBJECTS[min(one.level, 1)], automation=stopped.automation),
            language,
            ZoneInfo(settings.time_zone),
            name=reader.name if reader else "",
            before=_told_before(db, one),
            picture=drawing.name if drawing else "",
            **_said(stopped, settings, language),
        ),
        sender=settings.mail_from,
        sender_name=settings.company,
        to=one.address,
        message_id=f"<notice.{stopped.trip_id:x}.{one.notice_id:x}@{domain}>",
        thread=f"<trip.{stopped.trip_id:x}@{domain}>",
        drawings=(drawing,) if drawing else (),
    )


def _said(stopped: Trip, settings: Settings, language: str) -> dict[str, Any]:
    """Return what there is to say of the stop itself, whoever reads it."""
    return {
        "company": settings.company,
        "automation": stopped.automation,
        "why": say(language, WHY[stopped.cause], by=stopped.by),
        "sentence": _sentence(stopped, language),
        "since": stopped.at,
        "until": stopped.answer_by,
        "address": f"{public_address(settings)}/automations/{stopped.automation}/watch",
    }


def _sentence(stopped: Trip, language: str) -> str:
    """Return the meter's own computed sentence where there is one, else the reason as it was kept."""
    said = stopped.evidence.get("sentence")
    if isinstance(said, dict):
        return str(said.get(language) or next(iter(said.values()), ""))
    return stopped.because if stopped.cause in (Cause.HAND, Cause.RECALL, Cause.METER) else ""


def _told_before(db: Connection, one: Notice) -> list[str]:
    """Return the names of those further down who were told and have not answered."""
    before = {
        each.staff_id
        for each in notices.of_trip(db, one.trip_id)
        if each.level < one.level and each.staff_id not in (0, one.staff_id)
    }
    return [each.name for each in staff.everybody(db) if each.staff_id in before]


def _drawing(db: Connection, stopped: Trip, now: datetime, language: str) -> Drawing | None:
    """Return the picture of the meter that stopped it, if it was a meter."""
    evidence = stopped.evidence
    for each in watching.stand(db, now, stopped.automation):
        watch = each.watch
        if (watch.signal, watch.first_version) == (
            evidence.get("signal"),
            evidence.get("first_version"),
        ):
            return drawn.meter_of(db, each, f"meter-{stopped.trip_id:x}", language, now)
    return None
