"""A figure in the documentation is one that was measured, and still comes out."""

import re
from datetime import date

import pytest

from terrain.demo import shop, telling
from tests.docs.pages import ROOT

ASKING = {
    "en": ROOT / "docs" / "why" / "asking.md",
    "fr": ROOT / "docs" / "why" / "asking.fr.md",
}
ROW = re.compile(r"^\| ([^|]+) \| ([\d,\u202f]+) \| ([\d,\u202f]+) \|$", re.MULTILINE)


@pytest.mark.slow
def test_the_two_accounts_are_those_of_the_page() -> None:
    body = telling.tell(shop.house(), date(2025, 1, 6))
    for language, page in ASKING.items():
        counted = {
            plain(row[0][language]): (row[1], row[2])
            for section in body["sections"]
            for row in section.get("table", {}).get("rows", ())
            if len(row) == 3
        }
        rows = ROW.findall(page.read_text(encoding="utf-8"))

        assert len(rows) == 15
        for label, careful, naive in rows:
            name = re.sub(r", (in|en) points$", "", plain(label).replace("*", ""))
            assert counted[name] == (number(careful), number(naive)), label


def plain(label: object) -> str:
    return str(label).replace("\u00a0", " ").replace("\u202f", " ")


def number(written: str) -> int:
    return int(re.sub(r"\D", "", written))
