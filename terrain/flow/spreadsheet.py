"""Rows as a spreadsheet opens them.

Promise: whatever a stranger wrote into a cell, no spreadsheet calculates it.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TextIO

# What a spreadsheet takes for the beginning of a formula, also where it comes after a line's end.
BEGINS_A_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def csv_of(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return these rows under their heading, in one text."""
    text = io.StringIO()
    write(text, heading, rows)
    return text.getvalue()


def write(text: TextIO, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write these rows under their heading, one by one as they come."""
    # Excel reads UTF-8 only where the text begins by saying so.
    text.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows([without_formula(cell) for cell in row] for row in rows)


def without_formula(cell: object) -> object:
    """Return the cell as a spreadsheet shows it without calculating what a stranger wrote."""
    if isinstance(cell, str) and cell.lstrip(" ")[:1] in BEGINS_A_FORMULA and cell.strip(" "):
        return f"'{cell}"
    return cell
