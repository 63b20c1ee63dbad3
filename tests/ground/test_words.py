"""Nobody meets a missing word: every refusal and every marked sentence exists in both languages."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import terrain
from terrain import words
from terrain.cli import COMMANDS, summary

PACKAGE = Path(terrain.__file__).parent
CODE = re.compile(r"[a-z0-9_.]+")
MAY_BREAK_BEFORE_A_MARK = re.compile(r"\S [:;?!»%€](?: |\n|\.|,|$)|« ")
MARKED_IN_TEMPLATES = re.compile(r"""\b_\(\s*(?:"([^"]+)"|'([^']+)')""")


def every_refusal() -> Mapping[str, str]:
    """Return the code of each kind of refusal in the package, read from its source."""
    kinds = [
        kind
        for file in PACKAGE.rglob("*.py")
        for kind in ast.walk(ast.parse(file.read_text()))
        if isinstance(kind, ast.ClassDef)
    ]
    refusing = {"Refusal"}
    for _ in range(5):  # a refusal of a refusal of …
        refusing |= {kind.name for kind in kinds if refusing & {ast.unparse(b) for b in kind.bases}}
    return {kind.name: code_of(kind) for kind in kinds if kind.name in refusing - {"Refusal"}}


def code_of(kind: ast.ClassDef) -> str:
    for line in kind.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(line.value, ast.Constant):
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            if ast.unparse(target) == "code":
                return str(line.value.value)
    return ""


def every_marked_sentence() -> Iterator[str]:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield from _sentences_of(node)
    yield from (summary(file) for file in COMMANDS.glob("[a-z]*.py"))
    for file in [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.txt"), *PACKAGE.rglob("*.jinja")]:
        for found in MARKED_IN_TEMPLATES.finditer(file.read_text()):
            yield found[1] or found[2]


def _sentences_of(call: ast.Call) -> Iterator[str]:
    """Yield what a call says: `say(language, "…")`, `terminal.say("…")`, `_("…")`."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in {"_", "say", "table", "progress"}:
        return
    texts = [
        each for each in call.args[:2] if isinstance(each, ast.Constant | ast.List | ast.Tuple)
    ]
    for node in ast.walk(texts[-1]) if texts else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    catalogue = po(language)
    codes = set(every_refusal().values()) - {""}

    assert "wrong_setting" in codes
    assert {code for code in codes if not spoken(catalogue, code, "refusal")} == set()


def test_no_two_kinds_of_refusal_share_a_code() -> None:
    codes = [code for code in every_refusal().values() if code]

    assert {code for code in codes if codes.count(code) > 1} == set()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_marked_sentence_is_translated(language: str) -> None:
    catalogue = po(language)
    marked = set(every_marked_sentence())
    if language == "en":  # what is written in words is its own English; a code is not
        marked = {sentence for sentence in marked if CODE.fullmatch(sentence)}

    assert {sentence for sentence in marked if not spoken(catalogue, sentence)} == set()


@pytest.mark.parametrize("book", ["phrases", "audit_phrases"])
def test_no_book_of_phrases_is_written_over_by_another_of_its_name(book: str) -> None:
    tree = ast.parse((PACKAGE / "console" / f"{book}.py").read_text())
    names = [ast.unparse(each.targets[0]) for each in tree.body if isinstance(each, ast.Assign)]

    assert {name for name in names if names.count(name) > 1} == set()


def test_both_languages_fill_the_same_gaps() -> None:
    english, french = po("en"), po("fr")
    for message in english:
        other = french.get(str(message.id), message.context) if message.id else None
        if other is not None and isinstance(message.string, str):
            assert gaps(message.string) == gaps(str(other.string)), message.id


def test_no_french_line_begins_with_a_punctuation_mark() -> None:
    sentences = [
        said
        for message in po("fr")
        for said in ([message.string] if isinstance(message.string, str) else message.string or ())
    ]
    breakable = [said for said in sentences if MAY_BREAK_BEFORE_A_MARK.search(said)]
    assert len(sentences) > 2_000
    assert breakable == []


@pytest.mark.parametrize("wanted", ["fr_CA.UTF-8", "fr-BE, en;q=0.8", "FR"])
def test_a_french_reader_is_spoken_to_in_french(wanted: str) -> None:
    assert words.nearest_language(wanted) == "fr"


def test_a_reader_of_another_language_is_spoken_to_in_english() -> None:
    assert words.nearest_language("C.UTF-8") == "en"
    assert words.nearest_language("de, fr;q=0.5") == "fr"


def po(language: str) -> Catalog:
    with (words.LOCALE / language / "LC_MESSAGES" / "terrain.po").open("rb") as file:
        return read_po(file, locale=language)


def spoken(catalogue: Catalog, msgid: str, context: str | None = None) -> bool:
    message = catalogue.get(msgid, context)
    return bool(message and message.string and all(message.string))


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
