"""The accounts of those who work here: made, found, given roles, let go.

Promise: whoever is let go is out at once, everywhere; somebody who administers always remains.
"""

from datetime import datetime

from msgspec import Struct, convert
from psycopg import Connection
from psycopg.rows import dict_row

from terrain.core.staff import Role

_COLUMNS = "id AS staff_id, name, email, language, roles, is_active, made_at, joined_at, last_login"


class Account(Struct, frozen=True, kw_only=True):
    """One account, as the staff room shows it."""

    staff_id: int
    name: str
    email: str
    language: str
    roles: list[Role]
    is_active: bool
    made_at: datetime
    joined_at: datetime | None
    last_login: datetime | None


class New(Struct, frozen=True, kw_only=True):
    """Somebody who is to have an account. Without a password nobody signs in with one."""

    name: str
    email: str
    roles: list[Role]
    password: str = "!"  # noqa: S105 - what Django writes where there is none
    language: str = ""
    invited_by: int | None = None
    joined_at: datetime | None = None


def make(db: Connection, new: New) -> int:
    """Make the account; return its number."""
    row = db.execute(
        """
        INSERT INTO staff (name, email, roles, password, language, invited_by_id, joined_at)
        VALUES (%(name)s, %(email)s, %(roles)s, %(password)s, %(language)s, %(invited_by)s,
                %(joined_at)s)
        RETURNING id
        """,
        {
            "name": new.name,
            "email": new.email.lower(),
            "roles": [role.value for role in new.roles],
            "password": new.password,
            "language": new.language,
            "invited_by": new.invited_by,
            "joined_at": new.joined_at,
        },
    ).fetchone()
    return int(row[0]) if row else 0


def everybody(db: Connection) -> list[Account]:
    """Return all accounts, by name."""
    with db.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"SELECT {_COLUMNS} FROM staff ORDER BY name, id").fetchall()
    return convert(rows, list[Account])


def is_empty(db: Connection) -> bool:
    """Say whether nobody has an account yet."""
    return db.execute("SELECT FROM staff LIMIT 1").fetchone() is None
