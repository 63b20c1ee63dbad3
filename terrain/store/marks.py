"""A mark for each thing that pages show live: it changes whenever what they show of it does.

Promise: marks are made of what is there, so they are compared for being different and never ordered. A row
that was committed late makes another mark like any other, so nobody who compares can miss it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from psycopg import Connection

from terrain.store import overview, recalls, sources
from terrain.store.counters import hour_of
from terrain.store.leases import LASTS

Marks = dict[str, str]
# What moves by itself are the newest needs; older ones are moved by a person, who sees it.
LATEST_NEEDS = 500


class Topic(StrEnum):
    """What moves on a page by itself."""

    COUNTS = "counts"
    TASKS = "tasks"
    TRAYS = "trays"
    SOURCES = "sources"
    AUTOMATIONS = "automations"
    WATCHES = "watches"  # how each signal of each automation stands
    STOPS = "stops"  # what is stopped, who looks after it, how far it has come back
    FLAGS = "flags"
    RECALLS = "recalls"
    NEEDS = "needs"


def marks(db: Connection, now: datetime) -> Marks:
    """Return the mark of every topic. A page asks before it reads anything else it shows."""
    return {topic.value: _mark(look(db, now)) for topic, look in _LOOKS.items()}


def _mark(state: object) -> str:
    return blake2b(repr(state).encode(), digest_size=6).hexdigest()


def _counts(db: Connection, now: datetime) -> object:
    since = hour_of(now - timedelta(hours=1))
    counted = db.execute(
        "SELECT what, sum(n) FROM counter WHERE hour >= %s GROUP BY what ORDER BY what", [since]
    ).fetchall()
    at_work = [each.name for each in overview.workers(db) if each.seen_at > now - LASTS]
    return since, counted, at_work, overview.count(db, "pending")


def _tasks(db: Connection, now: datetime) -> object:
    return db.execute(
        """
        SELECT count(*), bit_xor(hashtextextended(task_id::text || ' ' || taken_by, 0)),
               count(*) FILTER (WHERE due_at <= %s)
          FROM task WHERE done_at IS NULL
        """,
        [now],
    ).fetchone()


def _trays(db: Connection, _now: datetime) -> object:
    return db.execute(
        """
        SELECT count(*), bit_xor(hashtextextended(tray_id::text || ' ' || extract(epoch FROM at), 0))
          FROM tray WHERE closed_at IS NULL
        """
    ).fetchone()


def _sources(db: Connection, now: datetime) -> object:
    return [
        (each.name, each.kind, each.declared, each.promised, each.events, each.is_silent(now))
        for each in sources.every(db)
    ]


def _automations(db: Connection, _now: datetime) -> object:
    return db.execute(
        """
        SELECT (SELECT sum(changes) FROM reference),
               (SELECT bit_xor(hashtextextended(name || coalesce(refused::text, ''), 0)) FROM automation),
               (SELECT bit_xor(hashtextextended(proposal_id::text || state, 0)) FROM automation_proposal)
        """
    ).fetchone()


def _watches(db: Connection, _now: datetime) -> object:
    return db.execute(
        """
        SELECT count(*), bit_xor(hashtextextended(
                   concat_ws(' ', automation, first_version, signal, state, because, bad, acts), 0))
          FROM watch
        """
    ).fetchone()


def _stops(db: Connection, _now: datetime) -> object:
    return db.execute(
        """
        SELECT count(*), bit_xor(hashtextextended(trip_id::text || cause || level || answered_by, 0)),
               (SELECT trip_id FROM trip ORDER BY at DESC, trip_id DESC LIMIT 1)
          FROM trip WHERE resumed_at IS NULL
        """
    ).fetchone()


def _flags(db: Connection, _now: datetime) -> object:
    return db.execute(
        "SELECT count(*), bit_xor(hashtextextended(flag_id::text, 0)) FROM flag WHERE answered_at IS NULL"
    ).fetchone()


def _recalls(db: Connection, now: datetime) -> object:
    listed = recalls.latest(db)
    moving = [each.recall_id for each in listed if recalls.moves(each, now)]
    stands = [(each.recall_id, each.state, each.previewed_at, each.prepared_at) for each in listed]
    return stands, recalls.progress(db, moving)


def _needs(db: Connection, _now: datetime) -> object:
    return db.execute(
        """
        SELECT bit_xor(hashtextextended(need_id::text || ' ' || group_id::text, 0))
          FROM (SELECT need_id, group_id FROM need ORDER BY at DESC, need_id DESC LIMIT %s) AS latest
        """,
        [LATEST_NEEDS],
    ).fetchone()


_LOOKS: dict[Topic, Callable[[Connection, datetime], object]] = {
    Topic.COUNTS: _counts,
    Topic.TASKS: _tasks,
    Topic.TRAYS: _trays,
    Topic.SOURCES: _sources,
    Topic.AUTOMATIONS: _automations,
    Topic.WATCHES: _watches,
    Topic.STOPS: _stops,
    Topic.FLAGS: _flags,
    Topic.RECALLS: _recalls,
    Topic.NEEDS: _needs,
}
