"""What stands in English stands in French: the same chapters, commands and figures, in careful French."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import FENCE, ROOT, blocks, links

# Each English page and its French one; where no name is given it is the same with `.fr` in it.
CALLED = {
    "README.md": "LISEZMOI.md",
    "docs/glossary.md": "docs/glossaire.fr.md",
    "docs/quickstart.md": "docs/prise-en-main.fr.md",
    "docs/rights.md": "docs/droits.fr.md",
    "docs/tour.md": "docs/visite.fr.md",
}
TOLD = [
    page
    for folder in ("how-to", "why")
    for page in sorted((ROOT / "docs" / folder).glob("*.md"))
    if not page.name.endswith(".fr.md") and page.name != "something-is-wrong.md"
]
FRENCH = sorted([*(ROOT / "docs").rglob("*.fr.md"), ROOT / "LISEZMOI.md"])
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")
QUOTED = re.compile(r"\"[^\"]*\"|#.*")
# A sign of two parts, a closing quote or a per cent sign is tied to its word, and so is an opening quote.
LOOSE = re.compile(r"[ \n](?:[;:!?»](?![\w\[])|%)|«[ \n]|\d \d{3}\b|[\u00a0\u202f]\s")
STRAIGHT = re.compile(r"\w'\w")


def in_french(page: Path) -> Path:
    name = str(page.relative_to(ROOT))
    return ROOT / CALLED.get(name, name.removesuffix(".md") + ".fr.md")


def prose(page: Path) -> str:
    """Return what is to be read: the page without its code."""
    return CODE.sub("", FENCE.sub("", page.read_text(encoding="utf-8")))


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


@pytest.mark.parametrize("page", TOLD, ids=lambda page: str(page.name))
def test_a_page_is_told_in_french_with_the_same_chapters(page: Path) -> None:
    french = in_french(page)

    assert french.exists()
    assert chapters(french) == chapters(page)
    assert f"[En français]({french.name})" in page.read_text(encoding="utf-8")
    assert f"[In English]({page.name})" in french.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", TOLD, ids=lambda page: str(page.name))
def test_a_page_tells_the_same_commands_and_figures_in_french(page: Path) -> None:
    assert typed(in_french(page)) == typed(page)
    assert figures(in_french(page)) == figures(page)


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: str(page.name))
def test_a_french_page_leads_to_french_pages(page: Path) -> None:
    for link in links(page):
        led_to = (page.parent / link.partition("#")[0]).resolve()
        if led_to.suffix == ".md" and led_to not in FRENCH and in_french(led_to) != page:
            assert not in_french(led_to).exists(), link


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: str(page.name))
def test_french_is_set_with_care(page: Path) -> None:
    loose = [found.group() for found in LOOSE.finditer(prose(page))]

    assert loose == []
    assert STRAIGHT.findall(prose(page)) == []
