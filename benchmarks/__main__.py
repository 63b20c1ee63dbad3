"""Runs the benchmarks that are named, or all of them, and prints the table."""

from __future__ import annotations

import argparse
import importlib
import sys

from benchmarks.row import Row, table
from benchmarks.town import PEOPLE

ALL = (
    "weigh",
    "replay",
    "sleepers",
    "door",
    "decide",
    "crediting",
    "end_to_end",
    "webhooks",
    "memory",
    "meter",
    "watch",
    "pages",
    "search",
    "reliability",
    "rights",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ALL], help="which ones; none: all")
    parser.add_argument("--long", action="store_true", help="take more time, and kill more often")
    parser.add_argument(
        "--people", type=int, default=PEOPLE, help="how many live in the town of the pages"
    )
    parser.add_argument(
        "--page", action="append", default=[], help="ask for this page only; may be given again"
    )
    asked = parser.parse_args()
    rows: list[Row] = []
    for name in asked.names or ALL:
        sys.stderr.write(f"{name} …\n")
        more = {"people": asked.people, "only": asked.page} if name == "pages" else {}
        rows += importlib.import_module(f"benchmarks.{name}").measure(long=asked.long, **more)
    print(table(rows))


if __name__ == "__main__":
    main()
