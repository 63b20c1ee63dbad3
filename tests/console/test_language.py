"""A page speaks the reader's language, and every sentence on it is translated."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.lexer import Lexer

import terrain
from terrain import words

TEMPLATES = sorted((Path(terrain.__file__).parent / "console" / "templates").glob("*.html"))
# What is the same in both languages.
SAME = {
    "wide",
    "work",
    "working",
    "Français",
    "English",
    "Terrain",
    "·",
    "%",
    "…",
    "–",
    "100 %",
    "0 %",
}
with (words.LOCALE / "fr" / "LC_MESSAGES" / "terrain.po").open("rb") as po:
    FRENCH = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in read_po(po, locale="fr")
        if message.string and all(message.string)
    }
TAG = re.compile(r"<[^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r'\b[a-z-]+="[^"]*"|&\w+;')
WORD = re.compile(r"[^\W\d_]{2,}")


def test_the_browsers_language_is_spoken(reader: Any) -> None:
    answer = reader.get("/left", HTTP_ACCEPT_LANGUAGE="fr-CA, en;q=0.5")

    assert answer.headers["Content-Language"] == "fr"
    assert '<html lang="fr"' in answer.content.decode()


def test_a_chosen_language_holds_on_the_next_page(reader: Any) -> None:
    reader.get("/left?language=fr", HTTP_ACCEPT_LANGUAGE="en")

    assert reader.get("/left", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"] == "fr"
    assert reader.get("/left?language=xx").headers["Content-Language"] == "fr"


def test_a_refusal_speaks_the_readers_language(reader: Any) -> None:
    page = reader.get("/nowhere", HTTP_ACCEPT_LANGUAGE="fr").content.decode()

    assert "Rien n’a été changé" in page


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_sentence_is_written_outside_the_catalogue(template: Path) -> None:
    lexer = Lexer(Environment(autoescape=True))
    data = [text for _, kind, text in lexer.tokeniter(template.read_text(), None) if kind == "data"]
    bare = TAG.sub(" ", re.sub(r"<style.*?</style>", "", " ".join(data), flags=re.DOTALL))

    bare = ATTRIBUTE.sub(" ", bare)  # written by a macro, apart from its tag

    assert [word for word in WORD.findall(bare) if word not in SAME] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_sentence_of_a_template_is_translated(template: Path) -> None:
    with template.open("rb") as file:
        found = extract("jinja2", file, keywords={"_": None, "many": (1, 2)})
        said = [said if isinstance(said, str) else said[0] for _, said, _, _ in found]

    assert [each for each in said if each not in FRENCH] == []


def test_every_code_that_can_be_stored_has_its_phrase() -> None:
    from terrain.console import audit_phrases, phrases  # noqa: PLC0415

    books = {**vars(phrases), **vars(audit_phrases)}
    named = [table for name, table in books.items() if name.isupper()]
    tables = [table for table in named if isinstance(table, dict)]
    assert [
        said
        for table in tables
        for said in table.values()
        if isinstance(said, str) and said not in FRENCH
    ] == []
    for table in tables:
        kinds = {type(code) for code in table if isinstance(code, StrEnum)}
        assert all(set(kind) == set(table) for kind in kinds)
