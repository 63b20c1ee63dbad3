"""Compare those who were treated with those who were held out, from a table with one person a row.

Each difference comes with a 95 % interval. Where treated people differ from the others, that is said first,
and they are compared among alike people.
"""

from pathlib import Path
from typing import Any

import click
import msgspec

from terrain.core.arms import Difference
from terrain.flow.holdout_file import Asked, report_of, report_said
from terrain.terminal import Terminal, speaks
from terrain.words import _


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--arm", required=True, help="The column that says how each person was treated.")
@click.option("--held-out", required=True, help="What stands there for those who were not.")
@click.option("--did", multiple=True, help="A column that is 1 for who did something, else 0.")
@click.option("--spent", multiple=True, help="A column with an amount.")
@click.option("--kind", default="", help="A column with the kind of person, to compare alike ones.")
@speaks
def command(terminal: Terminal, /, file: Path, **columns: Any) -> None:
    asked = Asked(**columns)
    if not asked.did and not asked.spent:
        raise click.UsageError("--did or --spent")
    found = report_of(file, asked)
    for sentence in report_said(found, terminal.language):
        terminal.print(f"· {sentence}")
    kinds = [(name, each) for name, some in found.strata.items() for each in some]
    if kinds:
        terminal.table(
            [_("Kind"), _("Arm"), _("Outcome"), _("Treated"), _("Held out")],
            [[name, *_row(each)] for name, each in kinds],
        )
    terminal.answer(msgspec.to_builtins(found))


def _row(each: Difference) -> list[str]:
    return [each.arm, each.what, f"{each.treated:.4f}", f"{each.held_out:.4f}"]
