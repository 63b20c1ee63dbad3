"""Automations with all their versions, and whether they are paused.

Promise: versions are only ever added, so a run can finish on the one it started with, and each keeps the
names of whoever proposed it and put it live; pausing again keeps the first person's name and reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from terrain.core.approval import Origin, Signature
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.house import Outside
from terrain.store import reference

WHAT = "automations"


class _Named(msgspec.Struct):
    """Those whom an automation names."""

    owner: str = ""
    deputy: str = ""


_decode_named = msgspec.json.Decoder(_Named).decode
_decode = msgspec.json.Decoder(Automation).decode
_decode_catalogue = msgspec.json.Decoder(Catalogue).decode
_encode = msgspec.json.Encoder().encode


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One automation as it stands. `refused` tells why its file's latest state is not the one that runs.

    `reach` and `by_mail` tell how far one was seen to go that another system runs.
    """

    name: str
    live_version: int
    changed_at: datetime
    paused_at: datetime | None = None
    paused_by: str = ""
    paused_because: str = ""
    retired_at: datetime | None = None
    refused: list[dict[str, Any]] | None = None
    reach: str = ""
    by_mail: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether another system runs it: no version of ours was ever live."""
        return bool(self.reach) and not self.live_version


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version came from, and whose names stand under it."""

    origin: Origin = Origin.FOLDER
    proposed: Signature = Signature(by="")
    approved: Signature = Signature(by="")


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version as a list shows it."""

    name: str
    version: int
    since: datetime
    digest: str
    origin: str
    proposed_by: str
    proposed_because: str
    approved_by: str
    approved_because: str


_VERSION = ", ".join(Version.__struct_fields__)
_LISTED = ", ".join(Listed.__struct_fields__)


def every(db: Connection) -> list[Listed]:
    """Return all automations by name, retired ones too."""
    with db.cursor(row_factory=class_row(Listed)) as rows:
        return rows.execute(f"SELECT {_LISTED} FROM automation ORDER BY name").fetchall()


def find(db: Connection, name: str) -> Listed | None:
    """Return one automation."""
    with db.cursor(row_factory=class_row(Listed)) as rows:
        return rows.execute(f"SELECT {_LISTED} FROM automation WHERE name = %s", [name]).fetchone()


def owners(db: Connection, names: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the owner and the deputy that each of these automations names now."""
    rows = db.execute(
        """
        SELECT a.name, v.parsed
          FROM automation a JOIN automation_version v ON v.name = a.name AND v.version = a.live_version
         WHERE a.name = ANY(%s)
        """,
        [list(names)],
    )
    found = ((name, _decode_named(parsed)) for name, parsed in rows)
    return {name: (named.owner, named.deputy) for name, named in found}


def refused(db: Connection, most: int = 100) -> list[Listed]:
    """Return the automations whose file was refused, by name."""
    with db.cursor(row_factory=class_row(Listed)) as rows:
        return rows.execute(
            f"SELECT {_LISTED} FROM automation WHERE refused IS NOT NULL ORDER BY name LIMIT %s",
            [most],
        ).fetchall()


def stand(db: Connection, name: str, now: datetime) -> Listed:
    """Return the automation as it stands, known from now on, and let nobody else change it meanwhile."""
    db.execute(
        "INSERT INTO automation (name, live_version, changed_at) VALUES (%s, 0, %s)"
        " ON CONFLICT (name) DO NOTHING",
        [name, now],
    )
    with db.cursor(row_factory=class_row(Listed)) as rows:
        listed = rows.execute(
            f"SELECT {_LISTED} FROM automation WHERE name = %s FOR UPDATE", [name]
        ).fetchone()
    assert listed is not None  # automations are retired, never deleted
    return listed


def seen_outside(db: Connection, name: str, seen: Outside, now: datetime) -> None:
    """Know an automation that another system runs, and how far it was seen to go."""
    stand(db, name, now)
    done = db.execute(
        """
        UPDATE automation SET reach = %(reach)s, by_mail = %(by_mail)s
         WHERE name = %(name)s AND (reach, by_mail) <> (%(reach)s, %(by_mail)s)
        """,
        {"name": name, "reach": seen.reach.value, "by_mail": seen.by_mail},
    )
    if done.rowcount:
        reference.changed(db, WHAT)


def hold(db: Connection, name: str) -> None:
    """Let nobody else decide about this automation until the transaction ends."""
    db.execute("SELECT FROM automation WHERE name = %s FOR UPDATE", [name])


def version(db: Connection, name: str, number: int) -> Automation | None:
    """Return one version as it was read when it was new."""
    row = db.execute(
        "SELECT parsed FROM automation_version WHERE name = %s AND version = %s", [name, number]
    ).fetchone()
    return msgspec.structs.replace(_decode(row[0]), version=number) if row else None


def history(db: Connection, name: str, most: int = 50, until: int = 2**31 - 1) -> list[Version]:
    """Return the latest versions of one automation up to this one, the newest first."""
    with db.cursor(row_factory=class_row(Version)) as rows:
        return rows.execute(
            f"SELECT {_VERSION} FROM automation_version WHERE name = %s AND version <= %s"
            " ORDER BY version DESC LIMIT %s",
            [name, until, most],
        ).fetchall()


def versions(db: Connection) -> dict[tuple[str, int], Automation]:
    """Return every version of every automation, as it was read when it was new."""
    rows = db.execute("SELECT name, version, parsed FROM automation_version")
    return {
        (name, version): msgspec.structs.replace(_decode(parsed), version=version)
        for name, version, parsed in rows
    }


def live(db: Connection) -> list[Automation]:
    """Return what every automation that is not retired says now, by name."""
    rows = db.execute(
        """
        SELECT v.parsed, v.version FROM automation a
          JOIN automation_version v ON v.name = a.name AND v.version = a.live_version
         WHERE a.retired_at IS NULL ORDER BY a.name
        """
    )
    return [msgspec.structs.replace(_decode(parsed), version=version) for parsed, version in rows]


def file_of(db: Connection, name: str, version: int) -> str | None:
    """Return the file as it was when this version was new."""
    row = db.execute(
        "SELECT file FROM automation_version WHERE name = %s AND version = %s", [name, version]
    ).fetchone()
    return row[0] if row else None


def add_version(
    db: Connection, automation: Automation, file: str, now: datetime, signed: Signed | None = None
) -> int:
    """Make this the live version, a new one unless it says what the live one says; return its number."""
    live = db.execute(
        """
        SELECT v.version, v.digest, a.retired_at IS NULL AND a.refused IS NULL
          FROM automation a JOIN automation_version v ON v.name = a.name AND v.version = a.live_version
         WHERE a.name = %s FOR UPDATE OF a
        """,
        [automation.name],
    ).fetchone()
    if live and live[1] == automation.digest and live[2]:
        return int(live[0])
    same = live is not None and live[1] == automation.digest
    number = int(live[0]) if live and same else _next_version(db, automation.name)
    if not same:
        _write(
            db, msgspec.structs.replace(automation, version=number), file, now, signed or Signed()
        )
    db.execute(
        """
        INSERT INTO automation (name, live_version, changed_at) VALUES (%(name)s, %(version)s, %(now)s)
        ON CONFLICT (name) DO UPDATE
           SET live_version = %(version)s, changed_at = %(now)s, refused = NULL, retired_at = NULL
        """,
        {"name": automation.name, "version": number, "now": now},
    )
    reference.changed(db, WHAT)
    return number


def _write(
    db: Connection, automation: Automation, file: str, now: datetime, signed: Signed
) -> None:
    db.execute(
        """
        INSERT INTO automation_version (name, version, since, digest, origin, proposed_by,
                                        proposed_because, approved_by, approved_because, file, parsed)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            *(automation.name, automation.version, now, automation.digest, signed.origin),
            *(signed.proposed.by, signed.proposed.because),
            *(signed.approved.by, signed.approved.because),
            *(file, _encode(automation)),
        ],
    )


def _next_version(db: Connection, name: str) -> int:
    row = db.execute(
        "SELECT coalesce(max(version), 0) + 1 FROM automation_version WHERE name = %s", [name]
    ).fetchone()
    return row[0] if row else 1


def refuse(db: Connection, name: str, reasons: list[dict[str, Any]], now: datetime) -> None:
    """Write down why this automation's file was refused; the version that runs goes on running."""
    db.execute(
        """
        INSERT INTO automation (name, live_version, changed_at, refused)
        VALUES (%(name)s, 0, %(now)s, %(reasons)s)
        ON CONFLICT (name) DO UPDATE SET refused = %(reasons)s
        """,
        {"name": name, "now": now, "reasons": Jsonb(reasons)},
    )


def accept(db: Connection, name: str) -> None:
    """Forget that this automation's file was refused: it reads well again."""
    db.execute(
        "UPDATE automation SET refused = NULL WHERE name = %s AND refused IS NOT NULL", [name]
    )


def retire(db: Connection, names: list[str], now: datetime) -> tuple[str, ...]:
    """Let these start nothing new: their files are gone. Runs under way finish. Return which they were."""
    gone = db.execute(
        "UPDATE automation SET retired_at = %s, changed_at = %s, refused = NULL"
        " WHERE name = ANY(%s) AND retired_at IS NULL RETURNING name",
        [now, now, names],
    ).fetchall()
    if gone:
        reference.changed(db, WHAT)
    return tuple(sorted(name for (name,) in gone))


def pause(db: Connection, name: str, signed: Mapping[str, str], now: datetime) -> Listed | None:
    """Stop the automation, `by` whom and `because` of what; pausing it again keeps the first reason."""
    done = db.execute(
        """
        UPDATE automation
           SET paused_at = %(now)s, paused_by = %(by)s, paused_because = %(because)s
         WHERE name = %(name)s AND paused_at IS NULL
        """,
        {**signed, "name": name, "now": now},
    )
    if done.rowcount:
        reference.changed(db, WHAT)
    return find(db, name)


def resume(db: Connection, name: str) -> Listed | None:
    """Let the automation go on."""
    done = db.execute(
        """
        UPDATE automation SET paused_at = NULL, paused_by = '', paused_because = ''
         WHERE name = %s AND paused_at IS NOT NULL
        """,
        [name],
    )
    if done.rowcount:
        reference.changed(db, WHAT)
    return find(db, name)


def catalogue(db: Connection) -> Catalogue | None:
    """Return the catalogue that holds now, if one was ever published."""
    row = db.execute(
        "SELECT parsed FROM catalogue_version ORDER BY version DESC LIMIT 1"
    ).fetchone()
    return _decode_catalogue(row[0]) if row else None


def keep_catalogue(db: Connection, new: Catalogue, now: datetime) -> None:
    """Keep this catalogue if it says anything else than the one that holds."""
    row = db.execute(
        "SELECT version, digest FROM catalogue_version ORDER BY version DESC LIMIT 1"
    ).fetchone()
    if row and row[1] == new.version:
        return
    db.execute(
        "INSERT INTO catalogue_version (version, since, digest, parsed) VALUES (%s, %s, %s, %s)",
        [row[0] + 1 if row else 1, now, new.version, _encode(new)],
    )
    reference.changed(db, "catalogue")
