"""Markdown as a letter shows it: as plain text, and as HTML that carries its looks with it.

Promise: no HTML of anybody's gets through, and no link but to the web, a mailbox or a telephone.
"""

import re
import string
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

LEADS = re.compile(r"^(https?://|mailto:|tel:)", re.IGNORECASE)
_PUNCTUATION = {ord(sign): "\\" + sign for sign in string.punctuation}
# Marks that turn the reading direction round, and other letters that nobody sees.
_UNSEEN = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
_UNSEEN |= dict.fromkeys([*range(0x2028, 0x202F), *range(0x2066, 0x206A)], " ")
_SPACES = re.compile(" +")

GREEN = "#3f6b57"
LINE = "#c9d3c6"
# A mail client drops what stands in <style>, so each element carries its own.
STYLES = {
    "p": "margin:0 0 1em",
    "h1": f"margin:0 0 .7em;font-size:1.45em;line-height:1.25;font-weight:normal;color:{GREEN}",
    "h2": f"margin:1.4em 0 .6em;font-size:1.2em;font-weight:normal;color:{GREEN}",
    "h3": "margin:1.2em 0 .5em;font-size:1em",
    "a": f"color:{GREEN};text-decoration:underline",
    "ul": "margin:0 0 1em;padding-left:1.4em",
    "ol": "margin:0 0 1em;padding-left:1.6em",
    "li": "margin:0 0 .3em",
    "blockquote": f"margin:0 0 1em;padding-left:1em;border-left:3px double {LINE}",
    "hr": f"border:0;border-top:3px double {LINE};margin:1.6em 0",
    "code": "font-family:monospace",
}
BUTTON = (
    f"display:inline-block;padding:.6em 1.3em;border:1px solid {GREEN};border-radius:1.4em;"
    f"color:{GREEN};text-decoration:none"
)
_ONLY_A_LINK = ["link_open", "text", "link_close"]


def escaped(text: str) -> str:
    """Return the text so that Markdown takes every sign of it as a letter."""
    return in_one_line(text).translate(_PUNCTUATION)


def in_one_line(text: str) -> str:
    """Return the text without line ends and unseen letters; the narrow spaces of French stay."""
    return _SPACES.sub(" ", text.translate(_UNSEEN)).strip(" ")


def parsed(source: str) -> list[Token]:
    return _parser().parse(source)


def as_html(tokens: Sequence[Token], lead: Callable[[str], str]) -> str:
    """Return the HTML; every link to the web goes where `lead` says."""
    for token in tokens:
        _dress([token], lead)
        if token.children:
            _dress(token.children, lead)
    parser = _parser()
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html


def as_text(tokens: Sequence[Token]) -> str:
    """Return the letter for those who read without HTML, its links written out."""
    lines: list[str] = []
    margin: list[str] = []
    is_tight = False
    for token in tokens:
        if token.type == "paragraph_open":
            is_tight = token.hidden
        if token.type in _OPENS:
            margin.append(_OPENS[token.type](token))
        elif token.type in _CLOSES:
            margin.pop()
        elif token.type in _LISTS_END:
            lines += [""] if lines[-1:] != [""] else []
            is_tight = False
        elif token.type == "hr":
            lines += ["* * *", ""]
        elif token.content:
            said = _inline(token.children) if token.children else token.content
            lines += [*_hung(said.strip("\n").split("\n"), margin), *([] if is_tight else [""])]
    return "\n".join(lines).strip() + "\n"


def _bullet(token: Token) -> str:
    return f"{token.info}. " if token.info else "- "


_OPENS: dict[str, Callable[[Token], str]] = {
    "list_item_open": _bullet,
    "blockquote_open": lambda _: "> ",
}
_CLOSES = ("list_item_close", "blockquote_close")
_LISTS_END = ("bullet_list_close", "ordered_list_close")


def _hung(lines: Iterable[str], margin: list[str]) -> Iterable[str]:
    """Set the bullet before the first line, and the others under it."""
    for line in lines:
        yield "".join(margin) + line
        margin[:] = [mark if mark == "> " else " " * len(mark) for mark in margin]


def _inline(tokens: Sequence[Token]) -> str:
    said: list[str] = []
    begins: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "link_open":
            begins.append((len(said), str(token.attrGet("href") or "")))
        elif token.type == "link_close":
            start, address = begins.pop()
            if "".join(said[start:]) != address:
                said.append(f" ({address.removeprefix('mailto:').removeprefix('tel:')})")
        else:
            said.append("\n" if token.type.endswith("break") else token.content)
    return "".join(said)


def _dress(tokens: Sequence[Token], lead: Callable[[str], str]) -> None:
    alone = [token.type for token in tokens] == _ONLY_A_LINK
    for token in tokens:
        if token.nesting < 0 or token.tag not in STYLES:
            continue
        token.attrSet("style", BUTTON if alone else STYLES[token.tag])
        if token.tag == "a":
            token.attrSet("href", lead(str(token.attrGet("href") or "")))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).disable(
        ["image", "html_block", "html_inline"]
    )
    object.__setattr__(parser, "validateLink", lambda url: bool(LEADS.match(url)))
    return parser
