"""A file as a page shows it: numbered lines, gently coloured, and what became of them from one text to another.

Promise: made on the server, from text alone; whatever a line holds is shown and nothing in it acts.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff

from markupsafe import Markup, escape

LONGEST_LINE = 2_000
_PIECE = re.compile(
    r"""(?P<note>(?:^|(?<=\s))\#.*$)
    |(?P<key>(?:^|(?<=[\s{,\[]))[\w.-]+(?=:(?:\s|$)))
    |(?P<text>"[^"]*"|'(?:[^']|'')*')
    |(?P<number>(?<![\w.])\d+(?:[.,:]\d+)*\b)
    |(?P<sign>[\[\]{}]|^\s*-(?=\s))""",
    re.VERBOSE,
)


def lines(text: str) -> list[Markup]:
    """Return the lines of a YAML text with its keys, notes, texts and numbers marked."""
    return [_coloured(line[:LONGEST_LINE]) for line in text.splitlines()]


def changed(old: str, new: str) -> list[tuple[str, str]]:
    """Return the difference of two texts, each line with what became of it: "", "gone" or "come"."""
    return list(_changed(old.splitlines(), new.splitlines()))


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in unified_diff(old, new, n=2, lineterm=""):
        if line.startswith(("---", "+++")) and not line[3:].strip():
            continue
        if line.startswith("@@"):
            yield "apart", "⋯"
        else:
            kind = {"-": "gone", "+": "come"}.get(line[0], "")
            yield kind, line[1 : LONGEST_LINE + 1]


def _coloured(line: str) -> Markup:
    pieces: list[Markup] = []
    read = 0
    for found in _PIECE.finditer(line):
        pieces.append(escape(line[read : found.start()]))
        pieces.append(Markup('<span class="y-{}">{}</span>').format(found.lastgroup, found.group()))
        read = found.end()
    return Markup("").join([*pieces, escape(line[read:])])
