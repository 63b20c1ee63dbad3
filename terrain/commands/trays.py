"""Look after what could not be handled: list, show, retry, close."""

import os
from datetime import UTC, datetime

import click

from terrain.flow import trays
from terrain.opening import opened
from terrain.store import trays as kept_trays
from terrain.store.trays import Kept
from terrain.terminal import Terminal, speaks
from terrain.words import _

MOST_SHOWN = 100


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@click.option("--kind", help="Only this kind: event, bug, act ...")
@speaks
def list_(terminal: Terminal, kind: str | None) -> None:
    """Show what waits, the oldest first."""
    with opened() as (_settings, record), record.local() as db:
        waiting = kept_trays.waiting(db, kind=kind, most=MOST_SHOWN)
        counts = kept_trays.count(db)
    if not waiting:
        terminal.say(_("The trays are empty."))
    terminal.table(
        [_("Number"), _("Since"), _("Kind"), _("Source"), _("Why")],
        [_row(each, terminal.language) for each in waiting] if waiting else [],
    )
    terminal.answer({"counts": counts, "waiting": [_as_json(each) for each in waiting]})


@command.command()
@click.argument("tray_id", type=int)
@speaks
def show(terminal: Terminal, tray_id: int) -> None:
    """Show one line whole, with what was sent."""
    with opened() as (_settings, record), record.local() as db:
        kept = trays.find(db, tray_id)
    terminal.print("  ".join(str(each) for each in _row(kept, terminal.language)))
    terminal.print(kept.payload.decode("utf-8", "replace"))
    terminal.answer(_as_json(kept) | {"payload": kept.payload.decode("utf-8", "replace")})


@command.command()
@click.argument("tray_id", type=int)
@speaks
def retry(terminal: Terminal, tray_id: int) -> None:
    """Try again, and close the line if it works."""
    with opened() as (_settings, record), record.conn_for(0) as db:
        trays.retry(db, trays.find(db, tray_id), _who(), datetime.now(UTC))
    terminal.say(_("Number {number} was handled this time."), number=str(tray_id))
    terminal.answer({"retried": tray_id})


@command.command()
@click.argument("tray_ids", type=int, nargs=-1, required=True)
@speaks
def close(terminal: Terminal, tray_ids: tuple[int, ...]) -> None:
    """Mark lines as looked after."""
    with opened() as (_settings, record), record.local() as db:
        closed = kept_trays.close(db, tray_ids, _who(), datetime.now(UTC))
    terminal.say(_("{closed} lines were closed."), closed=closed)
    terminal.answer({"closed": closed})


def _who() -> str:
    return os.environ.get("USER", "") or "terminal"


def _row(kept: Kept, language: str) -> list[object]:
    since = f"{kept.at:%Y-%m-%d %H:%M}"
    return [kept.tray_id, since, kept.kind, kept.source, trays.sentence(kept, language)]


def _as_json(kept: Kept) -> dict[str, object]:
    names = ("tray_id", "at", "kind", "source", "code", "reason", "closed_at", "closed_by")
    return {name: getattr(kept, name) for name in names}
