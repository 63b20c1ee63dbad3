"""What the page about the meter says can be worked out is worked out, and still comes out."""

import re
from itertools import takewhile

import pytest

from terrain.core.blindness import acts_to_prove
from terrain.core.meter import AMBER, RED, Bound, Cohort, read, strength
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "why" / "the-meter.md"
BOUND = Bound(p0=0.003, acts_per_year=365_000)
LEVELS = (AMBER, RED, 1_000)


def table(head: str) -> list[list[str]]:
    """Return the cells of the table that begins so."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(head)) + 2
    rows = takewhile(lambda line: line.startswith("|"), lines[start:])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def number(said: str) -> int:
    return int(re.sub(r"\D", "", said))


@pytest.mark.parametrize("row", table("| acts | amber"), ids=lambda row: str(row[0]))
def test_so_many_bad_acts_are_needed(row: list[str]) -> None:
    acts, *needed = map(number, row)
    for bad, level in zip(needed, LEVELS, strict=True):
        readings = [strength(read([Cohort(acts, each)], BOUND), BOUND) for each in (bad - 1, bad)]
        assert readings[0] < level <= readings[1]


@pytest.mark.parametrize("row", table("| bound → now | in one"), ids=lambda row: str(row[0]))
def test_so_blind_it_is(row: list[str]) -> None:
    p0, share = (float(each) / 100 for each in row[0].removesuffix("%").split("→"))

    assert [acts_to_prove(p0, share, sure) for sure in (0.5, 0.9)] == [*map(number, row[1:])]


def test_what_was_measured_is_what_the_design_promises() -> None:
    for row in table("| bound, acts a day"):
        measured = re.match(r"\*\*([\d.]+) %", row[1])
        assert measured
        assert float(measured[1]) <= 1
