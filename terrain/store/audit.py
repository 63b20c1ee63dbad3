"""What staff did, line by line: who, when, on which page, about what, and how it ended.

Promise: a line is only ever added; nothing in Terrain changes one, and the only way to lose one is that it
grew older than the house keeps them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

COLUMNS = "audit_id, at, staff_id, name, what, outcome, customer_id, about, details"
# So that letting go of a year never holds up a page.
MOST_LET_GO = 5_000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line. Nobody's `staff_id` is a terminal's or a stranger's; `outcome` is a status of HTTP."""

    at: datetime
    what: str
    outcome: int
    staff_id: int | None = None
    name: str = ""
    customer_id: int | None = None
    about: Mapping[str, Any] = {}
    details: Mapping[str, Any] = {}
    audit_id: int = 0


class Before(NamedTuple):
    """The line down to which was read: by its time, then its number, so that none is left out."""

    at: datetime
    audit_id: int = 2**63 - 1


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines somebody wants to see; what is not set narrows nothing."""

    staff_id: int | None = None
    what: str | None = None
    customer_id: int | None = None
    since: datetime | None = None


# The statement is made of the conditions that are asked for, so that each finds its own index.
CONDITIONS = {
    "staff_id": "staff_id = %(staff_id)s",
    "what": "what = %(what)s",
    "customer_id": "customer_id = %(customer_id)s",
    "since": "at >= %(since)s",
}


def note(db: Connection, line: Line) -> None:
    """Add a line."""
    db.execute(
        """
        INSERT INTO audit (at, staff_id, name, what, outcome, customer_id, about, details)
        VALUES (%(at)s, %(staff_id)s, %(name)s, %(what)s, %(outcome)s, %(customer_id)s,
                %(about)s, %(details)s)
        """,
        msgspec.structs.asdict(line)
        | {"about": Jsonb(dict(line.about)), "details": Jsonb(dict(line.details))},
    )


def lines(db: Connection, sought: Sought, before: Before, most: int) -> list[Line]:
    """Return the latest lines before this one that were asked for, the latest first."""
    asked = {name: of for name, of in msgspec.structs.asdict(sought).items() if of is not None}
    conditions = ["(at, audit_id) < (%(at)s, %(audit_id)s)", *(CONDITIONS[name] for name in asked)]
    rows = db.execute(
        f"SELECT {COLUMNS} FROM audit WHERE {' AND '.join(conditions)}"
        " ORDER BY at DESC, audit_id DESC LIMIT %(most)s",
        {**asked, **before._asdict(), "most": most},
    )
    return [_of_row(row) for row in rows]


def let_go(db: Connection, until: datetime, most: int = MOST_LET_GO) -> int:
    """Let the oldest lines go, those from before this moment; return how many they were."""
    done = db.execute(
        """
        DELETE FROM audit WHERE audit_id IN
            (SELECT audit_id FROM audit WHERE at < %(until)s ORDER BY at, audit_id LIMIT %(most)s)
        """,
        {"until": until, "most": most},
    )
    return done.rowcount


def _of_row(row: tuple[Any, ...]) -> Line:
    return Line(**dict(zip(COLUMNS.split(", "), row, strict=True)))
