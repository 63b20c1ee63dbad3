"""Counts, for each source and fact, what became of the claims (a report over all customers).

Promise: read over whole persons, so a claim under one of somebody's names is held against a correction
under another.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.trust import Trust, worst_first

# What each source said, beside what the customer said and what came back about it.
_JUDGED: LiteralString = """
    WITH said AS (
        SELECT p.survivor_id AS person, c.*
          FROM claim c
          JOIN customer p ON p.bucket = c.bucket AND p.customer_id = c.customer_id
         WHERE c.fact NOT LIKE 'wish.%%' AND c.fact NOT IN ('complaint', 'in_charge', 'wants_a_person')
    ), own AS (
        SELECT person, fact, about, value_key, at FROM said WHERE kind = 'customer_said'
    ), came AS (
        SELECT p.survivor_id AS person, e.fact, e.about, e.value_key,
               max(e.at) FILTER (WHERE e.kind = 'denied') AS denied_at,
               max(e.at) FILTER (WHERE e.kind IN ('bounce', 'returned')) AS returned_at,
               bool_or(e.kind IN ('click', 'delivered', 'confirmed')) AS proved
          FROM evidence e
          JOIN customer p ON p.bucket = e.bucket AND p.customer_id = e.customer_id
         GROUP BY p.survivor_id, e.fact, e.about, e.value_key
    ), compared AS (
        SELECT s.source, s.kind, s.fact, s.person, s.about, s.value_key, s.first_at,
               bool_or(o.value_key = s.value_key) IS TRUE AS agreed,
               bool_or(o.value_key <> s.value_key
                       AND o.at BETWEEN s.at - interval '1 year' AND s.at + interval '1 year')
                   IS TRUE AS differed
          FROM said s
          LEFT JOIN own o ON s.kind <> 'customer_said' AND o.person = s.person AND o.fact = s.fact
                         AND o.about = s.about
         GROUP BY s.bucket, s.customer_id, s.source, s.kind, s.fact, s.person, s.about, s.value_key,
                  s.first_at
    ), judged AS (
        SELECT s.source, s.kind, s.fact,
               (e.denied_at >= s.first_at) IS TRUE OR (s.differed AND NOT s.agreed) AS by_customer,
               (e.returned_at >= s.first_at) IS TRUE AS by_evidence,
               s.agreed OR e.proved IS TRUE AS is_right
          FROM compared s
          LEFT JOIN came e ON e.person = s.person AND e.fact = s.fact AND e.about = s.about
                          AND e.value_key = s.value_key
    )
    SELECT source, kind, fact, count(*),
           count(*) FILTER (WHERE is_right AND NOT by_customer AND NOT by_evidence),
           count(*) FILTER (WHERE by_customer),
           count(*) FILTER (WHERE by_evidence AND NOT by_customer)
      FROM judged
     GROUP BY source, kind, fact
"""


def report(db: Connection) -> list[Trust]:
    """Return how often each source was right and wrong about each fact, the worst first.

    Wishes, complaints and the like are left out: of them, the last word is simply how things stand.
    """
    rows = db.execute(_JUDGED)
    return worst_first(
        [
            Trust(
                source=source,
                kind=SourceKind(kind),
                fact=fact,
                said=said,
                right=right,
                wrong_by_customer=by_customer,
                wrong_by_evidence=by_evidence,
            )
            for source, kind, fact, said, right, by_customer, by_evidence in rows
        ]
    )
