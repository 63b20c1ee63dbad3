"""What a command says, to a person in their language or to a program in JSON.

Promise: the same command serves both; with --json, standard output holds JSON and nothing else.

A command is a file in `terrain/commands` that defines `command`:

    @click.command()
    @speaks
    def command(terminal: Terminal) -> None:
        terminal.say("{n} keys were made.", n=3)
        terminal.answer({"keys": 3})
"""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
import msgspec

from terrain.words import language_of_terminal, say

P = ParamSpec("P")
T = TypeVar("T")
STEPS = 200  # how often, at most, a bar is drawn
# What a customer typed must not move the cursor, colour the screen or turn its letters around.
UNSEEN = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
VISIBLE = dict.fromkeys(UNSEEN, "�") | {ord("\n"): "\n", ord("\t"): "\t"}
IN_ONE_LINE = VISIBLE | dict.fromkeys(map(ord, "\r\n\t\u2028\u2029"), " ")


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads, and how."""

    language: str
    as_json: bool = False

    def say(self, msgid: str, /, **values: object) -> None:
        """Tell a person one sentence."""
        self.print(say(self.language, msgid, **values))

    def print(self, text: str) -> None:
        """Tell a person what needs no translation."""
        if not self.as_json:
            click.echo(text.translate(VISIBLE))

    def answer(self, value: object) -> None:
        """Tell a program the whole answer, once."""
        if self.as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2))

    def table(self, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Show a person rows under translated headings."""
        if self.as_json:
            return
        lines = [[say(self.language, each) for each in heading]]
        lines += [[_in_one_line(cell) for cell in row] for row in rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(heading))]
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            click.echo("  ".join(cells).rstrip())

    def progress(self, items: Iterable[T], msgid: str, *, total: int | None = None) -> Iterator[T]:
        """Pass the items on, with a bar where somebody watches."""
        if self.as_json or not sys.stderr.isatty():
            yield from items
            return
        with click.progressbar(
            items,
            length=total,
            label=say(self.language, msgid),
            file=sys.stderr,
            update_min_steps=max(1, (total or 0) // STEPS),
        ) as bar:
            yield from bar


def _in_one_line(cell: object) -> str:
    return "" if cell is None else str(cell).translate(IN_ONE_LINE)


def at_the_terminal() -> str:
    """Return whose terminal this is, as their name stands under what they do there."""
    return os.environ.get("USER", "") or "terminal"


def speaks(function: Callable[Concatenate[Terminal, P], T]) -> Callable[P, T]:
    """Give a command its --json, and the terminal as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @functools.wraps(function)
    def command(*args: Any, as_json: bool, **kwargs: Any) -> T:
        terminal = Terminal(language=language_of_terminal(os.environ), as_json=as_json)
        return function(terminal, *args, **kwargs)

    return command  # type: ignore[return-value]  # click fills in as_json
