"""The columns of a table as a statement names them, so that many rows travel as one array a column.

Binary arrays through `unnest` cost half the CPU of text ones, and a tenth of a row at a time (scale.md
R17); written out by hand they would bury the statements that use them.
"""

from collections.abc import Iterable, Sequence
from typing import Any


class Columns:
    """Columns with their types, in one order: `Columns("bucket smallint, customer_id bigint")`."""

    def __init__(self, described: str) -> None:
        pairs = [column.split() for column in described.replace("\n", " ").split(",")]
        self.names = ", ".join(name for name, _ in pairs)
        arrays = ", ".join(f"%b::{kind}[]" for _, kind in pairs)
        # One row alone travels as plain values: an array a column costs four times the CPU of that.
        self.values = "VALUES (" + ", ".join(f"%b::{kind}" for _, kind in pairs) + ")"
        self.unnest = f"unnest({arrays}) AS row ({self.names})"

    def arrays(self, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
        """Return the rows as one list a column, ready to be the parameters of `unnest`."""
        return [list(column) for column in zip(*rows, strict=True)]
