"""The documentation as the tests read it: its pages, their code blocks, their links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)[ \t]*([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """One block of code: its language, what stands behind it, its text."""

    page: Path
    language: str
    note: str
    text: str


def pages() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(found)


def blocks(page: Path) -> Iterator[Block]:
    for language, note, text in FENCE.findall(page.read_text(encoding="utf-8")):
        yield Block(page, language, note.strip(), text)


def commands() -> list[tuple[str, str]]:
    """Return every command of terrain that a page tells people to type, with the page."""
    found = []
    for page in pages():
        for block in blocks(page):
            if block.language in ("console", "sh", "bash"):
                text = block.text.replace("\\\n", " ")
                lines = [line.strip().removeprefix("$ ") for line in text.splitlines()]
                found += [
                    (page.name, typed)
                    for line in lines
                    for typed in re.findall(r"(?:^|\$\()terrain ([^|)#]*)", _bare(line))
                ]
    return found


def files(page: Path) -> dict[str, str]:
    """Return the files that a page tells people to write, by name."""
    named = (block for block in blocks(page) if block.note.startswith("file="))
    return {block.note.removeprefix("file="): block.text for block in named}


def links(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if "://" not in link and "{" not in link]


def _bare(line: str) -> str:
    """Return the line without the variables set before the command."""
    return re.sub(r"^(?:[A-Z_]+=\S+ +)+", "", line)
