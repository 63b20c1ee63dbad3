"""What the pages about the customer's rights promise is what the program does."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import psycopg
import pytest
from babel.messages.pofile import read_po

from terrain import words
from terrain.config import read
from terrain.core.rights import Right
from terrain.flow import export, forgetting
from tests.docs.pages import ROOT
from tests.erased import Planted

PAGES = {"en": ROOT / "docs" / "rights.md", "fr": ROOT / "docs" / "droits.fr.md"}
ARTICLES = ("12", *(str(number) for number in range(15, 23)))
CODE = re.compile(r"`([a-z_]+)`")


@pytest.fixture(params=["en", "fr"])
def language(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def page(language: str) -> str:
    return PAGES[language].read_text(encoding="utf-8")


@pytest.fixture
def planted(fresh_database: str, tmp_path: Path) -> Iterator[Planted]:
    with psycopg.connect(fresh_database, autocommit=True) as db:
        yield Planted(db, tmp_path)


def rows(page: str, first: str) -> dict[str, str]:
    """Return the rows of the table whose head begins so, by their first cell."""
    lines = page[page.index(f"| {first} |") :].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    cells = [line.strip("| ").split(" | ", 1) for line in lines]
    return {name.strip("`"): rest for name, rest in cells}


def test_every_article_has_its_row(page: str) -> None:
    assert tuple(rows(page, "Article")) == ARTICLES


def test_every_button_it_names_is_on_a_page(page: str, language: str) -> None:
    with (words.LOCALE / "fr" / "LC_MESSAGES" / "terrain.po").open("rb") as file:
        # What is written in words is its own English.
        known = {str(each.id if language == "en" else each.string) for each in read_po(file)}
    named = [
        button
        for row in rows(page, "Article").values()
        for button in re.findall(r"\*\*(.+?)\*\*", row)
    ]

    assert len(named) >= 9
    assert [button for button in named if button not in known] == []


def test_every_right_that_can_be_asked_is_named(page: str) -> None:
    assert {right.value for right in Right} <= set(CODE.findall(page))


def test_the_times_are_those_that_hold(page: str) -> None:
    assert f"({read().erase_after_days};" in page or f"({read().erase_after_days}\u202f;" in page
    assert f"{forgetting.ROWS_A_STEP:,}" in page.replace("5\u202f000", "5,000")
    assert forgetting.FILE in page


def test_the_copy_is_described_field_by_field(page: str, planted: Planted) -> None:
    file = io.BytesIO()
    with planted.db.transaction():
        one = export.of(planted.db, planted.key, planted.house, planted.now)
        export.write_whole(planted.db, one, file)
    copy = msgspec.json.decode(file.getvalue())
    described = rows(page, "chapter" if "| chapter |" in page else "chapitre")

    assert list(described) == list(copy)
    for name, told in described.items():
        for each in copy[name] if isinstance(copy[name], list) and name != "decisions" else ():
            assert set(each) <= set(CODE.findall(told)), name
    assert set(copy["customer"]) <= set(CODE.findall(described["customer"]))


def test_the_tables_are_described_column_by_column(page: str, planted: Planted) -> None:
    file = io.BytesIO()
    with planted.db.transaction():
        one = export.of(planted.db, planted.key, planted.house, planted.now)
        export.write_provided(planted.db, one, file)
    described = rows(page, "file" if "| file |" in page else "fichier")

    with ZipFile(file) as archive:
        heads = {
            name: archive.read(name).decode("utf-8-sig").splitlines()[0].split(",")
            for name in archive.namelist()
            if name.endswith(".csv")
        }
    assert heads == {name: CODE.findall(told) for name, told in described.items()}
