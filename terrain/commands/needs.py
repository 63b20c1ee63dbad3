"""See the needs that nothing serves, those alike together, and put them together otherwise.

Alike means: they share words. The words are shown; what you put together or part by hand stays so.
"""

from datetime import UTC, datetime, timedelta

import click
import msgspec

from terrain.flow import needs
from terrain.opening import opened
from terrain.terminal import Terminal, speaks
from terrain.words import _


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@click.option(
    "--days", type=click.IntRange(1, 3_660), default=90, help="Seen in the last so many days."
)
@speaks
def list_(terminal: Terminal, days: int) -> None:
    """Show the groups of needs, the one that concerns most customers first."""
    now = datetime.now(UTC)
    with opened() as (_settings, record), record.local() as db:
        with db.transaction():
            while needs.gather(db, now):
                pass
        found = needs.listed(db, now - timedelta(days=days))
    if not found:
        terminal.say(_("No need was told that nothing serves."))
    terminal.table(
        [_("Group"), _("Customers"), _("Times"), _("Words they share"), _("For instance")],
        [
            [one.group_id, one.customers, one.needs, ", ".join(one.words), next(iter(one.said), "")]
            for one in found
        ],
    )
    terminal.answer(found)


@command.command()
@click.argument("group_id", type=int)
@speaks
def show(terminal: Terminal, group_id: int) -> None:
    """Show the needs of one group in the words in which they were said."""
    with opened() as (_settings, record), record.local() as db:
        found = needs.show(db, group_id)
    terminal.table(
        [_("Need"), _("Since"), _("In their words")],
        [[one.need_id, f"{one.at:%Y-%m-%d}", one.words] for one in found],
    )
    terminal.answer(msgspec.to_builtins(found))


@command.command()
@click.argument("group_id", type=int)
@click.argument("into", type=int)
@speaks
def merge(terminal: Terminal, group_id: int, into: int) -> None:
    """Put all needs of one group into another."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        moved = needs.merge(db, group_id, into)
    terminal.say(_("{n} needs were moved."), n=moved)
    terminal.answer({"moved": moved, "group": into})


@command.command()
@click.argument("need_id", type=int)
@speaks
def part(terminal: Terminal, need_id: int) -> None:
    """Take a need out of its group into one of its own."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        group_id = needs.part(db, need_id, datetime.now(UTC))
    terminal.say(_("It stands in group {number} now."), number=str(group_id))
    terminal.answer({"need": need_id, "group": group_id})
