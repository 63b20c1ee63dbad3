"""Gathers rows that belong together though others lie between them: the lines of one invoice.

Promise: pure, in one pass and little memory. Rows that come too late for their group are not made
into half an event: they are given as late.
"""

from collections.abc import Iterable, Iterator

import msgspec

from terrain.core.mapping import Row


class Group(msgspec.Struct):
    """The rows of one event, with the numbers of their lines."""

    lines: list[int]
    rows: list[Row]
    late: bool = False


def gathered(rows: Iterable[tuple[int, Row]], by: str, within: int) -> Iterator[Group]:
    """Yield the rows in groups with the same value; a group ends when that many lines passed it by."""
    if not by:
        for number, row in rows:
            yield Group([number], [row])
        return
    open_ones: dict[str, Group] = {}
    ended: set[str] = set()
    for count, (number, row) in enumerate(rows):
        name = str(row.get(by) or "")
        if not name:
            yield Group([number], [row])
            continue
        if name in ended:
            yield Group([number], [row], late=True)
            continue
        group = open_ones.pop(name, None) or Group([], [])
        group.lines.append(number)
        group.rows.append(row)
        open_ones[name] = group  # at the end: the first is always the one that waits longest
        if count % 64 == 0:
            yield from _ended(open_ones, ended, number - within)
    yield from open_ones.values()


def _ended(open_ones: dict[str, Group], ended: set[str], before: int) -> Iterator[Group]:
    while open_ones:
        name, group = next(iter(open_ones.items()))
        if group.lines[-1] >= before:
            return
        ended.add(name)
        yield open_ones.pop(name)
