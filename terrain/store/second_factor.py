"""Which roles need a second factor, since when, by whose word; and who has none yet.

Promise: a change is a new row, so who opened a door, and why, can always be read.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from terrain.core.staff import Role

MOST_SHOWN = 20


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the rule: these roles need a second factor."""

    since: datetime
    by: str
    because: str
    roles: list[Role]


class Bare(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has to have a second factor, and has none."""

    staff_id: int
    name: str


def history(db: Connection, most: int = MOST_SHOWN) -> list[Rule]:
    """Return the versions of the rule, the one that holds first."""
    rows = db.execute(
        "SELECT since, by, because, roles FROM second_factor_rule ORDER BY version DESC LIMIT %s",
        [most],
    )
    return [
        msgspec.convert(dict(zip(Rule.__struct_fields__, row, strict=True)), Rule) for row in rows
    ]


def require(db: Connection, rule: Rule) -> None:
    """Let this rule hold from now on."""
    db.execute(
        "INSERT INTO second_factor_rule (since, by, because, roles) VALUES (%s, %s, %s, %s)",
        [rule.since, rule.by, rule.because, [role.value for role in rule.roles]],
    )


def is_missing(db: Connection, staff_id: int, roles: Collection[Role]) -> bool:
    """Say whether this person has to have a second factor, and has none."""
    row = db.execute(
        """
        SELECT EXISTS (SELECT FROM second_factor_rule
                        WHERE version = (SELECT max(version) FROM second_factor_rule)
                          AND roles && %(roles)s::text[])
           AND NOT EXISTS (SELECT FROM mfa_authenticator
                            WHERE user_id = %(staff_id)s AND type IN ('totp', 'webauthn'))
        """,
        {"staff_id": staff_id, "roles": [role.value for role in roles]},
    ).fetchone()
    return bool(row and row[0])


def without(db: Connection, roles: Collection[Role], most: int = 500) -> list[Bare]:
    """Return those of these roles who have none, by name."""
    with db.cursor(row_factory=class_row(Bare)) as cursor:
        return cursor.execute(
            """
            SELECT id AS staff_id, name FROM staff
             WHERE is_active AND roles && %(roles)s::text[]
               AND NOT EXISTS (SELECT FROM mfa_authenticator
                                WHERE user_id = staff.id AND type IN ('totp', 'webauthn'))
             ORDER BY name, id LIMIT %(most)s
            """,
            {"roles": [role.value for role in roles], "most": most},
        ).fetchall()


def forget(db: Connection, staff_id: int) -> int:
    """Take every factor of this person away, so that they set up a new one; return how many they had."""
    return db.execute("DELETE FROM mfa_authenticator WHERE user_id = %s", [staff_id]).rowcount
