"""A figure in the documentation is one that was measured, and still comes out."""

import re
from datetime import date

import pytest

from terrain.demo import shop, telling
from tests.docs.pages import ROOT

ASKING = ROOT / "docs" / "why" / "asking.md"


@pytest.mark.slow
def test_the_two_accounts_are_those_of_the_page() -> None:
    body = telling.tell(shop.house(), date(2025, 1, 6))
    counted = {
        str(row[0]["en"]): (row[1], row[2])
        for section in body["sections"]
        for row in section.get("table", {}).get("rows", ())
        if len(row) == 3
    }

    for label, careful, naive in re.findall(
        r"^\| ([^|]+) \| ([\d,]+) \| ([\d,]+) \|$", text(), re.MULTILINE
    ):
        name = label.replace("*", "").removesuffix(", in points")
        assert counted[name] == (number(careful), number(naive)), label


def text() -> str:
    return ASKING.read_text(encoding="utf-8")


def number(written: str) -> int:
    return int(written.replace(",", ""))
