"""What a house of some size oversees, for the town of the benchmarks: sixty automations and their watches.

Promise: rows as the worker keeps them, in the number that a company with 200,000 customers has: open flags,
needs that nothing serves, recalls of thousands, and a year counted of each process.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from terrain.core.act import Reach
from terrain.core.automation import Automation
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Day
from terrain.core.look import Kept, begun
from terrain.core.recall import Kind, Recall, Remedy, Scope, State
from terrain.core.signal import BAD
from terrain.core.watch import Because, Reading, Watch
from terrain.core.watch import State as Light
from terrain.flow.seeing import months_back
from terrain.store import automations, processes, recalls, watches

AUTOMATIONS, FLAGS, NEEDS, GROUPS, PEOPLE = 60, 300, 2_000, 80, 10_000
SIGNALS = sorted(BAD)
DAY = timedelta(days=1)
# One watch in so many is amber, or hears nothing.
AMBER, DEAF = 23, 41
CUSTOMERS = "SELECT bucket, customer_id, row_number() OVER () AS n FROM directory LIMIT %(many)s"


def oversee(db: Connection) -> None:
    """Fill the tables of oversight."""
    now = datetime.now(UTC)
    known = automations.live(db)
    every = [*known, *_more(db, known, now)]
    names = [each.name for each in every]
    watches.save(db, _watches(names, now))
    _months(db, names, now)
    for table in ("flag", "need", "recalled"):  # doubled, the demo's few would be thousands
        db.execute(f"TRUNCATE {table}".encode())
    for statement in SAID:
        db.execute(statement, {"names": names, "flags": FLAGS, "needs": NEEDS, "groups": GROUPS})
    _recall(db, names, now)


def _more(db: Connection, known: list[Automation], now: datetime) -> Iterator[Automation]:
    """Put more automations live: those of the demo, under other names."""
    files = {each.name: automations.file_of(db, each.name, each.version) or "" for each in known}
    for n in range(AUTOMATIONS - len(known)):
        like = known[n % len(known)]
        name = f"{like.name}-{n:02}"
        more = msgspec.structs.replace(like, name=name, digest=f"{like.digest}-{n}")
        file = files[like.name].replace(f"automation: {like.name}", f"automation: {name}")
        automations.add_version(db, more, file, now - 90 * DAY)
        yield more


def _watches(names: list[str], now: datetime) -> Iterator[Kept]:
    for n, (name, signal) in enumerate(product(names, SIGNALS)):
        watch = Watch(
            automation=name,
            first_version=1,
            version=1,
            signal=signal,
            reach=Reach.INBOX,
            agreed=Agreed(share=0.003, origin=Origin.DECLARED, reason=""),
            acts_per_year=200_000,
        )
        days = tuple(Day((now - back * DAY).date(), 550, n % 3) for back in range(40, 0, -1))
        yield msgspec.structs.replace(begun(watch, days, now), reading=_reading(n, now))


def _reading(n: int, now: datetime) -> Reading:
    state, because, strength, deaf_since = _said_by(n, now)
    return Reading(
        state=state,
        because=because,
        strength=strength,
        deaf_since=deaf_since,
        acts=60_000,
        bad=60 + n % 50,
    )


def _said_by(n: int, now: datetime) -> tuple[Light, Because, float, datetime | None]:
    if n % AMBER == 0:
        return Light.AMBER, Because.EVIDENCE, 9.0 + n % 7, None
    if n % DEAF == 0:
        return Light.GREY, Because.GAP, 0.0, now - DAY
    return Light.CLEAR, Because.WITHIN, 0.1, None


def _months(db: Connection, names: list[str], now: datetime) -> None:
    chance = random.Random(11)  # noqa: S311 - the same town each time
    for name, month in product(names, months_back(now, 12)):
        processes.save(db, processes.Month(name, month, now, _counts(chance, month)))


def _counts(chance: random.Random, month: date) -> dict[str, float]:
    acts = 1_000 + 10 * month.month + chance.randrange(9_000)
    hurt = chance.randrange(1, acts // 100)
    return {
        "acts": acts,
        "useful": int(acts * chance.uniform(0.1, 0.7)),
        "sure": int(acts * chance.uniform(0.6, 1)),
        "wrong": hurt // 3,
        "hurt": hurt,
        "made_good": hurt // 4,
        "signal.complaint": hurt // 3,
        "signal.stop": hurt // 3,
        "signal.wrong_assumption": hurt // 3,
        "stop.offered": acts,
        "correct.offered": acts,
        "stop.used": hurt,
        "stop.heeded": int(hurt * chance.uniform(0.5, 1)),
        "person.offered": acts,
        "person.asked": acts // 50,
        "person.in_time": int(acts // 50 * chance.uniform(0.3, 1)),
    }


def _recall(db: Connection, names: list[str], now: datetime) -> None:
    """Open one recall in each state; each of those whose people were found is about as many."""
    words = {of: {"subject": "We were wrong", "body": "Sorry."} for of in ("en", "fr")}
    for n, state in enumerate(State):
        since, until = now - 40 * DAY, now - 10 * DAY
        recall = Recall(
            recall_id=1_000 + n,
            automation=names[n],
            state=state,
            opened_at=now - n * DAY,
            opened_by="Inès",
            because="The wrong filter was named.",
            since=since,
            until=until,
            scope=Scope(automation=names[n], since=since, until=until),
        )
        recalls.add(db, recall, [0])
        if state is State.LOOKING:
            continue
        remedy = None if state is State.FOUND else Remedy(kind=Kind.MESSAGE, words=words)
        db.execute(
            "UPDATE recall SET found_at = %s, people = %s, acts_done = %s, remedy = %s WHERE recall_id = %s",
            [now, PEOPLE, PEOPLE, remedy and Jsonb(msgspec.to_builtins(remedy)), recall.recall_id],
        )
        db.execute(TOUCHED, {"many": PEOPLE, "recall": recall.recall_id})


TOUCHED = f"""
    INSERT INTO recalled (bucket, customer_id, recall_id, done, first_at, last_at, state, acts)
    SELECT bucket, customer_id, %(recall)s, 1, now() - interval '20 days', now() - interval '20 days',
           (ARRAY['found', 'due', 'made', 'reached', 'not_reached'])[1 + n %% 5],
           jsonb_build_array(jsonb_build_object('at', '2026-11-02T10:00:00+00:00', 'act_id', '1',
               'decision_id', '1', 'name', 'hello', 'channel', 'email', 'state', 'left'))
      FROM ({CUSTOMERS}) d
""".encode()  # noqa: S608 - a constant
SAID = (
    f"""
    INSERT INTO flag (bucket, version, customer_id, flag_id, act_id, decision_id, at, answered_at, automation,
                      reason, words, message_id, puller, answered_by)
    SELECT bucket, 1, customer_id, n, 0, 0, now() - n * interval '7 minutes',
           CASE WHEN n > %(flags)s THEN now() - n * interval '5 minutes' END,
           (%(names)s::text[])[1 + n %% cardinality(%(names)s::text[])], 'wrong_fact',
           'Le filtre annoncé n’est pas le sien.', 'flag-' || n, 'staff:' || n %% 40, ''
      FROM ({CUSTOMERS.replace("%(many)s", "5000")}) d
    """.encode(),  # noqa: S608 - a constant
    f"""
    INSERT INTO need (bucket, customer_id, need_id, group_id, act_id, decision_id, at, automation, words)
    SELECT bucket, customer_id, n, 1 + (n * n) %% %(groups)s, 0, 0, now() - n * interval '40 minutes',
           (%(names)s::text[])[1 + n %% cardinality(%(names)s::text[])],
           'Elle voudrait que la livraison attende son retour de vacances, semaine ' || n %% 52
      FROM ({CUSTOMERS.replace("%(many)s", "%(needs)s")}) d
    """.encode(),  # noqa: S608 - a constant
    """
    INSERT INTO counter (bucket, automation, version, what, hour, n)
    SELECT 0, a, 1, w, date_trunc('hour', now()) - h * interval '1 hour', 20 + h %% 9
      FROM generate_series(1, 200) h, unnest(%(names)s::text[]) a,
           unnest(ARRAY['act.left', 'run.started', 'run.ended', 'decided.act', 'signal.helped',
                        'signal.complaint', 'signal.no_answer']) w
    ON CONFLICT DO NOTHING
    """,
)
