"""Show the grade of every process, or open one: its parts, why it is no better, what would earn the next letter.

The worker counts what was seen once an hour; --count does so now. How a grade is made: docs/why/grades.md.
"""

from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from terrain.core.efficiency import Axis, Part
from terrain.flow import grading, seeing
from terrain.flow.grade_said import (
    basis_called,
    corner_called,
    figure_called,
    figure_said,
    grade_said,
    heading_said,
    part_called,
    served_called,
)
from terrain.flow.grading import Graded
from terrain.flow.spoken import number_said, share_said
from terrain.opening import opened
from terrain.terminal import Terminal, speaks
from terrain.words import _, say


@click.command()
@click.argument("name", required=False, default="")
@click.option("--count", "is_counted", is_flag=True, help="Count first what is due.")
@speaks
def command(terminal: Terminal, name: str, is_counted: bool) -> None:
    now = datetime.now(UTC)
    with opened() as (settings, record), record.local() as db:
        if is_counted:
            seeing.count(db, settings, now)
        if name:
            _open(terminal, grading.graded_one(db, settings, name, now))
            return
        found = grading.graded_all(db, settings, now)
    if not found:
        terminal.say(
            _("There is no process yet: neither an automation nor a line in processes.yaml.")
        )
    terminal.table(
        [_("Process"), _("Served by"), _("Grade"), _("Points"), _("Seen"), _("Where it stands")],
        [_row(each, terminal.language) for each in found],
    )
    terminal.answer([plain(each, terminal.language) for each in found])


def _row(each: Graded, language: str) -> list[str]:
    return [
        each.process.name,
        served_called(each.process.served, language),
        each.grade.letter or "–",
        number_said(round(each.grade.points, 1), language) if each.grade.letter else "–",
        number_said(each.grade.seen, language),
        corner_called(each.spot.corner, language) if each.spot else "–",
    ]


def _open(terminal: Terminal, each: Graded) -> None:
    language, grade = terminal.language, each.grade
    terminal.print("  ".join(_row(each, language)))
    towards = f"→ {grade.next.letter}:" if grade.next else "·"
    for place, sentence in enumerate(grade_said(grade, language)):
        terminal.print(f"{'·' if place < len(grade.reasons) else towards} {sentence}")
    if each.heading:
        terminal.print(f"! {heading_said(each.heading, language)}")
    for title, axis in (
        (_("For the customer"), grade.customer),
        (_("For the business"), grade.business),
    ):
        terminal.print("")
        terminal.say(title)
        _parts(terminal, axis)
    terminal.answer(plain(each, language))


def _parts(terminal: Terminal, axis: Axis) -> None:
    for part in axis.parts:
        called = part_called(part.code, terminal.language)
        terminal.print(f"  {_earned(part, terminal.language)}  {called}")
        for figure in part.figures:
            words = figure_called(figure, terminal.language)
            said = figure_said(figure, terminal.language)
            basis = basis_called(figure.basis, terminal.language)
            terminal.print(f"      {words}: {said} ({basis})")


def _earned(part: Part, language: str) -> str:
    """Return what a part brought: points of how many, or a share of what the business has of it."""
    if not part.most:
        return share_said(part.earned, language)
    earned, most = (number_said(round(each, 1), language) for each in (part.earned, part.most))
    return say(language, _("{n} of {most}"), n=earned, most=most)


def plain(each: Graded, language: str) -> dict[str, Any]:
    """Return it for a program: every number, and the sentences in the reader's language."""
    found: dict[str, Any] = msgspec.to_builtins(each, str_keys=True)
    found["corner"] = each.spot.corner if each.spot else None
    found["said"] = grade_said(each.grade, language)
    return found
