"""What stands in English stands in French: the same chapters, commands and figures, in careful French."""

import re
import runpy
from pathlib import Path

import pytest

from tests.docs.pages import FENCE, ROOT, blocks, links, pages

# Each English page and its French one; where no name is given it is the same with `.fr` in it.
CALLED = {
    "README.md": "LISEZMOI.md",
    "docs/glossary.md": "docs/glossaire.fr.md",
    "docs/quickstart.md": "docs/prise-en-main.fr.md",
    "docs/rights.md": "docs/droits.fr.md",
    "docs/tour.md": "docs/visite.fr.md",
}
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "french"))
FRENCH = SCRIPT["pages"]()
# For those who work on Terrain, or written by a program; the settings are said in both languages on one page.
IN_ENGLISH = {"CHANGELOG.md", "CONTRIBUTING.md", "commands.md", "figures.md", "settings.md"}
TOLD = [page for page in pages() if page not in FRENCH and page.name not in IN_ENGLISH]
LINKED = re.compile(r"\]\([^)]*\)")
QUOTED = re.compile(r"\"[^\"]*\"|#.*")


def in_french(page: Path) -> Path:
    name = str(page.relative_to(ROOT))
    return ROOT / CALLED.get(name, name.removesuffix(".md") + ".fr.md")


def chapters(page: Path) -> list[int]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [len(signs) for signs in re.findall(r"^(#+) ", text, re.MULTILINE)]


def typed(page: Path) -> list[str]:
    """Return the commands of the page; what stands in quotes is said in the reader's language."""
    return [
        QUOTED.sub("", block.text).rstrip() for block in blocks(page) if block.language == "console"
    ]


def figures(page: Path) -> list[list[str]]:
    """Return the numbers of each row of each table and of what stands in bold, written alike."""
    rows = re.findall(r"^\|.*\|$|\*\*[^*]+\*\*", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"(?<=\d)[,\u202f](?=\d{3}\b)", "", row) for row in rows]
    return [re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", row)) for row in plain]


def numbers(page: Path) -> list[str]:
    """Return the numbers of the page that no language says in words: those of two digits and more."""
    text = LINKED.sub("", page.read_text(encoding="utf-8"))
    return re.findall(r"\d{2,}", re.sub(r"(?<=\d)[,\u202f](?=\d{3}\b)", "", text))


@pytest.mark.parametrize("page", TOLD, ids=lambda page: str(page.name))
def test_a_page_is_told_in_french_with_the_same_chapters(page: Path) -> None:
    french = in_french(page)

    assert french.exists()
    assert chapters(french) == chapters(page)
    assert f"[En français]({french.relative_to(page.parent)})" in page.read_text(encoding="utf-8")
    assert f"[In English]({page.name})" in french.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", TOLD, ids=lambda page: str(page.name))
def test_a_page_tells_the_same_commands_and_figures_in_french(page: Path) -> None:
    assert typed(in_french(page)) == typed(page)
    assert figures(in_french(page)) == figures(page)
    assert sorted(numbers(in_french(page))) == sorted(numbers(page))


def test_the_glossaries_explain_the_same_words() -> None:
    entry = re.compile(r"^\*\*(.+?)\*\* \((.+?)\)\.", re.MULTILINE)
    english = entry.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    french = entry.findall((ROOT / "docs" / "glossaire.fr.md").read_text(encoding="utf-8"))

    assert len(english) >= 50
    assert sorted(english) == sorted((one, other) for other, one in french)


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: str(page.name))
def test_a_french_page_leads_to_french_pages(page: Path) -> None:
    for link in links(page):
        led_to = (page.parent / link.partition("#")[0]).resolve()
        if led_to.suffix == ".md" and led_to not in FRENCH and in_french(led_to) != page:
            assert not in_french(led_to).exists(), link


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: str(page.name))
def test_french_signs_are_tied_to_their_words(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert text == SCRIPT["tied"](text), "run scripts/french"


def test_what_ties_them_leaves_code_and_what_is_tied_alone() -> None:
    loose = "L'\u00e9tat : « oui » ; `a : b ; c` ? 1 200 et 5 % ![image](a ; b)\n```sh\na ; b 'c'\n```\n"
    tied = SCRIPT["tied"](loose)

    assert tied == (
        "L’\u00e9tat\u00a0: «\u202foui\u202f»\u202f; `a : b ; c`\u202f? 1\u202f200 et 5\u202f% "
        "![image](a ; b)\n```sh\na ; b 'c'\n```\n"
    )
    assert SCRIPT["tied"](tied) == tied
