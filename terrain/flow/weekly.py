"""The letter of each week, on Monday morning: to everybody who answers for an automation, how theirs did.

Promise: one letter a person and week. The row that stands for it is claimed in a transaction before the letter
is written; whoever dies after that costs nobody the letter, and what leaves again after a kill leaves under
the same Message-ID. It holds counts and the names of automations, and nothing of any customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from terrain import logs
from terrain.channels.email import Mailer
from terrain.config import Settings, mail_server
from terrain.core.outbox import How
from terrain.flow import breaker, owners
from terrain.flow.telling import again_at
from terrain.flow.week import Reader, letter_of, week_of
from terrain.store import automations, staff, weekly_letters
from terrain.store.connection import Record
from terrain.store.weekly_letters import Due

# On Mondays from this hour on, by the company's clock; whoever was not there on Monday still gets it on Tuesday.
HOUR = time(7)
STAYS_DUE = timedelta(days=2)
MOST_AT_ONCE = 5
# Longer than it takes to draw the pictures of five letters and give them to a slow server.
LEASE = timedelta(minutes=10)
log = logs.get("weekly")


def send_some(record: Record, settings: Settings, now: datetime) -> int:
    """Send some of the letters that are due; return how many were tried."""
    monday = due(now, ZoneInfo(settings.time_zone))
    if monday is None or not settings.weekly_letter:
        return 0
    with record.local() as db:
        with db.transaction():
            if not weekly_letters.is_queued(db, monday):
                weekly_letters.queue(db, monday, [one.who.staff_id for one in _readers(db)], now)
        with db.transaction():
            some = weekly_letters.claim(db, now, now + LEASE, MOST_AT_ONCE)
        if some:
            _send(db, some, settings, now)
    return len(some)


def due(now: datetime, zone: ZoneInfo) -> date | None:
    """Return the Monday whose letter is due now; None on all other days."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    begin = datetime.combine(monday, HOUR, zone)
    return monday if begin <= local < begin + STAYS_DUE else None


def _send(db: Connection, some: Sequence[Due], settings: Settings, now: datetime) -> None:
    weeks = {one.week: week_of(db, one.week, settings, now) for one in some}
    readers = {one.who.staff_id: one for one in _readers(db)}
    mailer = Mailer(mail_server(settings))
    try:
        for one in some:
            reader = readers.get(one.staff_id)
            if reader is None:  # they left, or answer for nothing any more
                weekly_letters.put_off(db, one, "no_reader", None)
                continue
            letter = letter_of(db, reader, weeks[one.week], settings, now)
            result = mailer.send(letter, now)
            if result.how is How.LEFT:
                weekly_letters.sent(db, one, now)
            else:
                log.warning("letter_stayed", staff=one.staff_id, because=result.because)
                weekly_letters.put_off(db, one, result.because, again_at(one.tries, now))
    finally:
        mailer.close()


# -- who reads it ----------------------------------------------------------------------------------


def _readers(db: Connection) -> list[Reader]:
    """Return everybody who answers for an automation, with its name."""
    joined = {one.staff_id for one in staff.everybody(db) if one.joined_at is not None}
    everybody = [one for one in breaker.everybody(db) if one.staff_id in joined]
    names = [one.name for one in automations.every(db) if one.live_version and not one.retired_at]
    named = automations.owners(db, names)
    found = (
        Reader(who=one, names=frozenset(owners.among(one, named, everybody))) for one in everybody
    )
    return [one for one in found if one.names]
