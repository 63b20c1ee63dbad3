"""One line of the table: what was measured, what the machine could do at best, and what we aimed at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """`figure` and `limit` are in `unit`; the ratio is figure / limit, or limit / figure where less is better."""

    name: str
    figure: float
    unit: str
    aim: float | None = None
    limit: float | None = None
    limit_is: str = ""
    less_is_better: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How much of the limit is reached (1.0: all of it)."""
        if not self.limit or not self.figure:
            return None
        return self.limit / self.figure if self.less_is_better else self.figure / self.limit

    @property
    def reached(self) -> bool:
        """Whether the aim was reached, where there is one."""
        if self.aim is None:
            return True
        return self.figure <= self.aim if self.less_is_better else self.figure >= self.aim


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| what | measured | aim | limit in the same run | of the limit | note |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    aim = "–" if row.aim is None else f"{'≤' if row.less_is_better else '≥'} {_short(row.aim)}"
    mark = "" if row.reached else " ✗"
    limit = f"{_short(row.limit)} {row.unit} ({row.limit_is})" if row.limit else "–"
    ratio = f"{row.ratio:.0%}" if row.ratio else "–"
    measured = f"**{_short(row.figure)} {row.unit}**{mark}"
    return f"| {row.name} | {measured} | {aim} | {limit} | {ratio} | {row.note} |"


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
