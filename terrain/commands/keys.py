"""Make, list and revoke the keys that machines show at the door.

A key is shown once, when it is made. Its scopes say what it opens: write, import, decide, read,
manage, metrics.
"""

from datetime import UTC, datetime

import click

from terrain.config import secret_of
from terrain.core.fact import SourceKind
from terrain.core.key import Key, Scope
from terrain.flow import keys, sources
from terrain.opening import opened
from terrain.store import keys as kept
from terrain.store.sources import Source
from terrain.terminal import Terminal, speaks
from terrain.words import _

KINDS = click.Choice([kind.value for kind in SourceKind])
SCOPES = click.Choice([scope.value for scope in Scope])


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
    terminal.say(_("This key is shown once; keep it where secrets are kept:"))
    terminal.print(text)
    terminal.answer({"key": text, **_row(key)})


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show all keys: never the key itself."""
    with opened() as (_settings, record), record.local() as db:
        found = kept.every(db)
    terminal.table(
        [_("Key"), _("Source"), _("Label"), _("Opens"), _("Made"), _("Revoked")],
        [list(_row(key).values()) for key in found],
    )
    terminal.answer([_row(key) for key in found])


@command.command()
@click.argument("key_id")
@speaks
def revoke(terminal: Terminal, key_id: str) -> None:
    """Close a key for good."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        was_open = keys.revoke(db, key_id, datetime.now(UTC))
    if was_open:
        terminal.say(_("The key {key_id} opens nothing any more."), key_id=key_id)
    else:
        terminal.say(_("The key {key_id} had been revoked before."), key_id=key_id)
    terminal.answer({"key_id": key_id, "revoked": was_open})


def _row(key: Key) -> dict[str, str]:
    return {
        "key_id": key.key_id,
        "source": key.source,
        "label": key.label,
        "scopes": ", ".join(sorted(key.scopes)),
        "made_at": f"{key.made_at:%Y-%m-%d}",
        "revoked_at": f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else "",
    }
