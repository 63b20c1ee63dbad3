"""Versions that somebody would like to see live, and what became of them.

Promise: a proposal is settled once, by a name and with a reason, and stays to be read for ever.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from terrain.core.approval import Origin, Settled, Signature
from terrain.core.automation import Automation

_decode = msgspec.json.Decoder(Automation).decode
_encode = msgspec.json.Encoder().encode


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal; by nobody where a file says it. `version` is the number it got when it was put live."""

    proposal_id: int
    name: str
    at: datetime
    state: str
    origin: str
    by: str = ""
    because: str = ""
    staff_id: int = 0
    digest: str
    file: str
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_because: str = ""
    version: int = 0

    @property
    def signature(self) -> Signature:
        return Signature(by=self.by, because=self.because, staff_id=self.staff_id)

    @property
    def waits(self) -> bool:
        return self.state == Settled.WAITS


_COLUMNS = ", ".join(Proposal.__struct_fields__)


def add(db: Connection, proposal: Proposal, automation: Automation) -> None:
    """Keep a proposal."""
    db.execute(
        """
        INSERT INTO automation_proposal (proposal_id, name, at, state, origin, by, because, staff_id,
                                         digest, file, parsed)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            *(proposal.proposal_id, proposal.name, proposal.at, proposal.state, proposal.origin),
            *(proposal.by, proposal.because, proposal.staff_id),
            *(proposal.digest, proposal.file, _encode(automation)),
        ],
    )


def find(db: Connection, proposal_id: int) -> Proposal | None:
    """Return one proposal."""
    with db.cursor(row_factory=class_row(Proposal)) as rows:
        return rows.execute(
            f"SELECT {_COLUMNS} FROM automation_proposal WHERE proposal_id = %s", [proposal_id]
        ).fetchone()


def automation_of(db: Connection, proposal_id: int) -> Automation:
    """Return what a proposal says, as it was read when it was made."""
    row = db.execute(
        "SELECT parsed FROM automation_proposal WHERE proposal_id = %s", [proposal_id]
    ).fetchone()
    assert row is not None  # whoever asks has the proposal in hand
    return _decode(row[0])


def of(db: Connection, name: str, most: int = 20) -> list[Proposal]:
    """Return the latest proposals for one automation, the newest first."""
    with db.cursor(row_factory=class_row(Proposal)) as rows:
        return rows.execute(
            f"SELECT {_COLUMNS} FROM automation_proposal WHERE name = %s"
            " ORDER BY at DESC, proposal_id LIMIT %s",
            [name, most],
        ).fetchall()


def waiting(db: Connection, name: str) -> list[Proposal]:
    """Return the proposals for one automation that nobody has settled yet, the newest first."""
    with db.cursor(row_factory=class_row(Proposal)) as rows:
        return rows.execute(
            f"SELECT {_COLUMNS} FROM automation_proposal WHERE name = %s AND state = %s"
            " ORDER BY at DESC, proposal_id",
            [name, Settled.WAITS],
        ).fetchall()


def all_waiting(db: Connection, most: int = 20) -> list[Proposal]:
    """Return the proposals that nobody has settled yet, the oldest first."""
    with db.cursor(row_factory=class_row(Proposal)) as rows:
        return rows.execute(
            f"SELECT {_COLUMNS} FROM automation_proposal WHERE state = %s ORDER BY at, proposal_id LIMIT %s",
            [Settled.WAITS, most],
        ).fetchall()


def waiting_for(db: Connection, names: Collection[str]) -> dict[str, int]:
    """Return of these automations those for which something is proposed, with how much."""
    rows = db.execute(
        "SELECT name, count(*) FROM automation_proposal WHERE name = ANY(%s) AND state = %s GROUP BY name",
        [list(names), Settled.WAITS],
    )
    return dict(rows.fetchall())


def settle(db: Connection, settled: Proposal) -> bool:
    """Write down what became of a proposal; tell whether nobody had before."""
    done = db.execute(
        """
        UPDATE automation_proposal
           SET state = %(state)s, settled_at = %(settled_at)s, settled_by = %(settled_by)s,
               settled_because = %(settled_because)s, version = %(version)s
         WHERE proposal_id = %(proposal_id)s AND state = 'waits'
        """,
        msgspec.structs.asdict(settled),
    )
    return done.rowcount == 1


def take_back_the_folders(db: Connection, name: str, now: datetime) -> None:
    """Withdraw what the folder proposed: it says something else now."""
    db.execute(
        """
        UPDATE automation_proposal SET state = 'withdrawn', settled_at = %s
         WHERE name = %s AND state = 'waits' AND origin = %s
        """,
        [now, name, Origin.FOLDER],
    )
