"""Make, list, replace and revoke the keys that machines show at the door.

A key is shown once, when it is made. Its scopes say what it opens: write, import, decide,
signals, metrics.
"""

from datetime import UTC, datetime

import click
from psycopg import Connection

from terrain.config import secret_of
from terrain.core.fact import SourceKind
from terrain.core.key import DAYS_BESIDE, Key, Scope
from terrain.flow import keys, sources
from terrain.opening import opened
from terrain.store import audit
from terrain.store import keys as kept
from terrain.store.audit import Line
from terrain.store.sources import Source
from terrain.terminal import Terminal, speaks
from terrain.words import _

KINDS = click.Choice([kind.value for kind in SourceKind])
SCOPES = click.Choice([scope.value for scope in Scope])
BESIDE = click.Choice([str(days) for days in DAYS_BESIDE])


@click.group()
def command() -> None:
    pass


@command.command()
@click.argument("source")
@click.option("--label", default="", help="What people will know the key by.")
@click.option(
    "--scope", "scopes", type=SCOPES, multiple=True, default=("write",), show_default=True
)
@click.option("--kind", type=KINDS, help="How far the source is to be believed.")
@speaks
def make(
    terminal: Terminal, source: str, label: str, scopes: tuple[str, ...], kind: str | None
) -> None:
    """Make a key for a source and show it, this once."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        if kind:
            sources.declare(db, [Source(name=source, kind=SourceKind(kind))])
        wanted = keys.draft(label, source, [Scope(each) for each in scopes], datetime.now(UTC))
        key, text = keys.make(db, wanted, secret_of(settings))
        _note(db, "keys", key.key_id)
    _show_once(terminal, key, text)


@command.command()
@click.argument("key_id")
@click.option(
    "--days",
    type=BESIDE,
    default="7",
    show_default=True,
    help="For how many days the old key goes on beside the new one.",
)
@speaks
def rotate(terminal: Terminal, key_id: str, days: str) -> None:
    """Make a key like this one to take its place, and show it, this once."""
    with opened() as (settings, record), record.local() as db, db.transaction():
        secret, now = secret_of(settings), datetime.now(UTC)
        key, text = keys.follow(db, key_id, int(days), secret, now)
        _note(db, "key", key_id)
    _show_once(terminal, key, text)


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show all keys: never the key itself."""
    with opened() as (_settings, record), record.local() as db:
        found, uses = kept.every(db), kept.uses(db)
    rows = [_row(key, uses.get(key.key_id)) for key in found]
    terminal.table(
        [_("Key"), _("Source"), _("Label"), _("Opens"), _("Made"), _("Used"), _("Closes")],
        [list(row.values()) for row in rows],
    )
    terminal.answer(rows)


@command.command()
@click.argument("key_id")
@speaks
def revoke(terminal: Terminal, key_id: str) -> None:
    """Close a key for good."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        was_open = keys.revoke(db, key_id, datetime.now(UTC))
        _note(db, "key_revoke", key_id)
    if was_open:
        terminal.say(_("The key {key_id} opens nothing any more."), key_id=key_id)
    else:
        terminal.say(_("The key {key_id} had been revoked before."), key_id=key_id)
    terminal.answer({"key_id": key_id, "revoked": was_open})


def _show_once(terminal: Terminal, key: Key, text: str) -> None:
    terminal.say(_("This key is shown once; keep it where secrets are kept:"))
    terminal.print(text)
    terminal.answer({"key": text, **_row(key)})


def _note(db: Connection, what: str, key_id: str) -> None:
    """Write into the audit log what was done from here."""
    audit.note(db, Line(at=datetime.now(UTC), what=what, outcome=200, about={"key": key_id}))


def _row(key: Key, used: datetime | None = None) -> dict[str, str]:
    return {
        "key_id": key.key_id,
        "source": key.source,
        "label": key.label,
        "scopes": ", ".join(sorted(key.scopes)),
        "made_at": f"{key.made_at:%Y-%m-%d}",
        "used_at": f"{used:%Y-%m-%d %H:%M}" if used else "",
        "closes_at": f"{key.closes_at:%Y-%m-%d %H:%M}" if key.closes_at else "",
    }
