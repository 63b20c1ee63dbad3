"""See what people have to do, one task with everything it needs, and close it."""

import os
from datetime import UTC, datetime

import click
import msgspec

from terrain.core.task import Task
from terrain.flow import tasks
from terrain.opening import opened
from terrain.store import tasks as kept
from terrain.terminal import Terminal, speaks
from terrain.words import _

MOST_SHOWN = 100


@click.group()
def command() -> None:
    pass


@command.command(name="list")
@speaks
def list_(terminal: Terminal) -> None:
    """Show the open tasks, the oldest first."""
    with opened() as (_settings, record), record.local() as db:
        waiting = kept.open_ones(db, MOST_SHOWN)
    if not waiting:
        terminal.say(_("No task is open."))
    terminal.table(
        [_("Task"), _("What"), _("Automation"), _("Opened"), _("Due")],
        [_row(task, terminal.language) for task in waiting],
    )
    terminal.answer([_plain(task) for task in waiting])


@command.command()
@click.argument("task_id", type=int)
@speaks
def show(terminal: Terminal, task_id: int) -> None:
    """Show one task with everything you need."""
    with opened() as (_settings, record), record.local() as db:
        task = tasks.open_task(db, task_id)
    terminal.print("  ".join(_row(task, terminal.language)))
    terminal.say(_("Everything you need"))
    terminal.print(msgspec.json.format(msgspec.json.encode(task.file)).decode())
    terminal.answer(_plain(task))


@command.command()
@click.argument("task_id", type=int)
@click.argument("outcome")
@speaks
def close(terminal: Terminal, task_id: int, outcome: str) -> None:
    """Close a task by saying what came of it; whatever waits for it goes on."""
    with opened() as (_settings, record), record.local() as db, db.transaction():
        task = tasks.open_task(db, task_id)
        ours = tasks.close(db, task, _who(), outcome.strip(), datetime.now(UTC))
        told = task.outcome
    if ours:
        terminal.say(_("Task {number} is closed."), number=str(task_id))
    else:
        terminal.say(
            _("Somebody had closed task {number} already: “{outcome}”"),
            number=str(task_id),
            outcome=told,
        )
    terminal.answer({"closed": ours, "task_id": task_id})


def _who() -> str:
    return os.environ.get("USER", "") or "terminal"


def _row(task: Task, language: str) -> list[str]:
    due = f"{task.due_at:%Y-%m-%d %H:%M}" if task.due_at else "—"
    opened_at = f"{task.opened_at:%Y-%m-%d %H:%M}"
    return [str(task.task_id), tasks.title_of(task, language), task.automation, opened_at, due]


def _plain(task: Task) -> object:
    return msgspec.to_builtins(task)
