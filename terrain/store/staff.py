"""The accounts of those who work here: made, found, given roles, let go.

Promise: whoever is let go is out at once, everywhere; somebody who administers always remains.
"""

from collections.abc import Collection
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


def find(db: Connection, staff_id: int) -> Account | None:
    """Return the account with this number."""
    return _one(db, f"SELECT {_COLUMNS} FROM staff WHERE id = %s", staff_id)


def by_email(db: Connection, email: str) -> Account | None:
    """Return the account with this address, however it is written."""
    found = f"SELECT {_COLUMNS} FROM staff WHERE lower(email) = lower(%s)"
    return _one(db, found, email.strip())


def lock_administrators(db: Connection) -> set[int]:
    """Return who administers, and let nobody change that before this transaction ends."""
    rows = db.execute(
        """
        SELECT id FROM staff
         WHERE is_active AND joined_at IS NOT NULL AND roles @> ARRAY[%s]
         ORDER BY id
           FOR UPDATE
        """,
        [Role.ADMINISTRATOR.value],
    )
    return {number for (number,) in rows}


def keep_roles(db: Connection, staff_id: int, roles: Collection[Role]) -> None:
    """Give them these roles and no others."""
    kept = [role.value for role in Role if role in roles]
    db.execute("UPDATE staff SET roles = %s WHERE id = %s", [kept, staff_id])


def keep_active(db: Connection, staff_id: int, *, active: bool) -> None:
    """Let them in, or not any more."""
    db.execute("UPDATE staff SET is_active = %s WHERE id = %s", [active, staff_id])


def keep_words(db: Connection, staff_id: int, name: str, language: str) -> None:
    """Call them so, in this language; none: the one that their browser asks for."""
    db.execute(
        "UPDATE staff SET name = %s, language = %s WHERE id = %s", [name, language, staff_id]
    )


def keep_email(db: Connection, staff_id: int, email: str) -> None:
    """Let this be the address they sign in with."""
    db.execute("UPDATE staff SET email = lower(%s) WHERE id = %s", [email, staff_id])


def keep_password(db: Connection, staff_id: int, hashed: str, now: datetime) -> None:
    """Keep the hash of a new password; whoever has one has joined."""
    db.execute(
        "UPDATE staff SET password = %s, joined_at = coalesce(joined_at, %s) WHERE id = %s",
        [hashed, now, staff_id],
    )


def remove(db: Connection, staff_id: int) -> None:
    """Take away an account that nobody ever used."""
    db.execute("DELETE FROM staff WHERE id = %s AND joined_at IS NULL", [staff_id])


def _one(db: Connection, statement: str, what: object) -> Account | None:
    with db.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement.encode(), [what]).fetchone()
    return convert(row, Account) if row else None
