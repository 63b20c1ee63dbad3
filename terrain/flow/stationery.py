"""The paper on which those who work here are written to: the same words as text and as HTML.

Promise: whatever is filled in is escaped in the HTML; both parts come from templates beside each other
(`terrain/letters/<kind>.txt` and `.html`), so that neither says what the other does not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, numbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

import terrain
from terrain import words
from terrain.core.message import Message
from terrain.flow.spoken import bound_said, day_said, moment_said, share_said

LETTERS = Path(terrain.__file__).parent / "letters"


def written(kind: str, subject: str, language: str, zone: ZoneInfo, /, **values: Any) -> Message:
    """Return a letter of this kind, filled."""
    said = {**values, "subject": subject, "language": language}
    text, html = (
        _paper().get_template(f"{kind}.{part}").render(voice(language, zone, html=html) | said)
        for part, html in (("txt", False), ("html", True))
    )
    return Message(subject=subject, text=_tidy(text), html=html, language=language)


def voice(language: str, zone: ZoneInfo, *, html: bool = True) -> dict[str, Any]:
    """Return what letters and their pictures say things with; in HTML, whatever they say is escaped."""
    safe = escape if html else str
    return {
        "_": partial(_said, language, safe),
        "many": partial(_many, language, safe),
        "number": lambda value: numbers.format_decimal(value, locale=language),
        "share": lambda value: share_said(value, language),
        "bound": lambda value: bound_said(value, language),
        "percent": lambda value: numbers.format_percent(value, "#,##0 %", locale=language),
        "signed": lambda value: numbers.format_decimal(value, "+#,##0.#;−#,##0.#", locale=language),
        "day": lambda day: day_said(day, language),
        "short_day": _short_day(language),
        "moment": lambda moment: moment_said(moment, language, zone),
    }


def _tidy(text: str) -> str:
    """Return the text without blanks at the ends of lines, nor more than one empty line in a row."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = (line for n, line in enumerate(lines) if line or lines[n - 1])
    return "\n".join(kept) + "\n"


def _said(language: str, safe: Callable[[str], str], sentence: str, /, **values: object) -> str:
    said = safe(words.say(language, sentence))
    return said.format(**values) if values else said


def _many(
    language: str, safe: Callable[[str], str], one: str, several: str, n: int, /, **values: object
) -> str:
    sentence = words.catalogue(language).ngettext(one, several, n)
    return safe(sentence).format(n=numbers.format_decimal(n, locale=language), **values)


def _short_day(language: str) -> Callable[[date], str]:
    return lambda day: str(dates.format_date(day, "d MMM", locale=language))


@cache
def _paper() -> Environment:
    return Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
