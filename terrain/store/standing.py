"""Who stands where in an automation, in numbers and in lists.

Promise: read only, and reports all (scale.md R13). What could grow without end is counted up to a limit,
so that a picture costs the same with a thousand sleepers and with a million.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

COUNTED = 10_000


class Standing(NamedTuple):
    """How many stand somewhere; `more` where there are more than were counted."""

    n: int = 0
    more: bool = False


class RunRow(NamedTuple):
    """One run as a list shows it."""

    bucket: int
    customer_id: int
    run_id: int
    version: int
    subject: str
    state: str
    started_at: datetime
    due_at: datetime | None


def by_automation(
    db: Connection, names: Collection[str], most: int = COUNTED
) -> dict[str, Standing]:
    """Return how many runs each of these automations has under way."""
    rows = db.execute(
        """
        SELECT a.name, (SELECT count(*)
                          FROM (SELECT FROM run r
                                 WHERE r.automation = a.name AND r.ended_at IS NULL
                                 LIMIT %(most)s) AS counted)
          FROM unnest(%(names)s::text[]) AS a (name)
        """,
        {"names": list(names), "most": most + 1},
    )
    return {name: _standing(n, most) for name, n in rows}


def by_version(db: Connection, name: str, versions: Collection[int]) -> dict[int, Standing]:
    """Return how many runs are under way on each of these versions."""
    rows = db.execute(
        """
        SELECT v.version, (SELECT count(*)
                             FROM (SELECT FROM run r
                                    WHERE r.automation = %(name)s AND r.version = v.version
                                      AND r.ended_at IS NULL
                                    LIMIT %(most)s) AS counted)
          FROM unnest(%(versions)s::integer[]) AS v (version)
        """,
        {"name": name, "versions": list(versions), "most": COUNTED + 1},
    )
    return {version: _standing(n, COUNTED) for version, n in rows}


def by_step(
    db: Connection, name: str, version: int, steps: Collection[str]
) -> dict[str, dict[str, Standing]]:
    """Return how many runs of a version stand at each of these steps, by their state."""
    rows = db.execute(
        """
        SELECT s.step, here.state, count(*)
          FROM unnest(%(steps)s::text[]) AS s (step)
         CROSS JOIN LATERAL (SELECT r.state
                               FROM run r
                              WHERE r.automation = %(name)s AND r.version = %(version)s
                                AND r.step = s.step AND r.ended_at IS NULL
                              LIMIT %(most)s) AS here
         GROUP BY s.step, here.state
        """,
        {"name": name, "version": version, "steps": list(steps), "most": COUNTED + 1},
    )
    found: dict[str, dict[str, Standing]] = {}
    for step, state, n in rows:
        found.setdefault(step, {})[state] = _standing(n, COUNTED)
    return found


def at_step(db: Connection, name: str, version: int, step: str, most: int = 50) -> list[RunRow]:
    """Return some of the runs that stand at one step."""
    with db.cursor(row_factory=class_row(RunRow)) as rows:
        return rows.execute(
            f"""
            SELECT {", ".join(RunRow._fields)}
              FROM run
             WHERE automation = %s AND version = %s AND step = %s AND ended_at IS NULL
             LIMIT %s
            """,
            [name, version, step, most],
        ).fetchall()


def _standing(n: int, most: int) -> Standing:
    return Standing(min(n, most), n > most)
