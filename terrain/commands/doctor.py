"""Say what is wrong, and what to do about it."""

import click

from terrain.checkup import State, findings
from terrain.cli import DONE, WRONG_OUTSIDE
from terrain.config import read
from terrain.terminal import Terminal, speaks

SIGNS = {State.FINE: "✓", State.UNSURE: "·", State.WRONG: "✗"}


@click.command()
@speaks
def command(terminal: Terminal) -> int:
    found = []
    for finding in findings(read(), terminal.language):
        found.append(finding)
        terminal.print(f"{SIGNS[finding.state]} {finding.found}")
        if finding.remedy:
            terminal.print(f"    → {finding.remedy}")
    terminal.answer(found)
    return WRONG_OUTSIDE if any(each.state is State.WRONG for each in found) else DONE
