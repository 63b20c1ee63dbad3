"""Nobody meets a missing word: every refusal and every marked sentence exists in both languages."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import terrain
from terrain import words
from terrain.cli import COMMANDS, summary
from terrain.errors import Refusal

PACKAGE = Path(terrain.__file__).parent
MARKED_IN_TEMPLATES = re.compile(r"""\b_\(\s*(?:"([^"]+)"|'([^']+)')""")


def every_refusal(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for kind in of.__subclasses__():
        yield kind
        yield from every_refusal(kind)


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
    if name not in {"_", "say", "say_many", "table", "progress"}:
        return
    texts = [
        each for each in call.args[:2] if isinstance(each, ast.Constant | ast.List | ast.Tuple)
    ]
    for node in ast.walk(texts[-1]) if texts else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


@pytest.fixture(scope="module", autouse=True)
def _the_whole_package_is_loaded() -> None:
    for module in pkgutil.walk_packages(terrain.__path__, "terrain."):
        if "console" not in module.name:  # Django's modules need its settings
            importlib.import_module(module.name)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    catalogue = po(language)
    codes = {kind.code for kind in every_refusal() if kind.__module__.startswith("terrain.")}

    assert {code for code in codes - {""} if not spoken(catalogue, code, "refusal")} == set()


def test_every_refusal_of_a_kind_of_its_own_has_its_own_code() -> None:
    assert len({kind.code for kind in every_refusal()}) > 1
    assert [k for k in every_refusal() if not k.code and not k.__subclasses__()] == []


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_marked_sentence_is_translated(language: str) -> None:
    catalogue = po(language)
    # In English the sentence is its own key; a key that is no sentence needs an entry there too.
    own = {s for s in every_marked_sentence() if language == "en" and " " in s.strip()}

    assert {s for s in set(every_marked_sentence()) - own if not spoken(catalogue, s)} == set()


def test_both_languages_fill_the_same_gaps() -> None:
    english, french = po("en"), po("fr")
    for message in english:
        other = french.get(str(message.id), message.context) if message.id else None
        if other is not None and isinstance(message.string, str):
            assert gaps(message.string) == gaps(str(other.string)), message.id


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
