"""The pictures of the pages as letters carry them.

Promise: one drawing, one set of words, one set of colours: what a letter shows is rendered from the template
and the style sheet that the page itself is made of, by day, because paper and mail are light.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel import dates, numbers
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

import terrain
from terrain import words
from terrain.channels.drawing import as_png
from terrain.core.message import Drawing
from terrain.core.meter_picture import Picture

CONSOLE = Path(terrain.__file__).parent / "console"
# Twice as many dots as it is shown wide: sharp on a phone.
WIDE, SHOWN_WIDE = 1040, 520
_TOKENS = re.compile(r"--([\w-]+):\s*([^;]+);")
_RULES = re.compile(r"^\.(?:meter|quadrant)\b[^{}]*\{[^{}]*\}", re.MULTILINE)
_VAR = re.compile(r"var\(--([\w-]+)\)")


def meter(drawn: Picture, name: str, label: str, language: str) -> Drawing:
    """Draw the count beside its bound, as the page of the watch does."""
    macros = _templates().get_template("meter.html").make_module(voice(language))
    svg = macros.picture(drawn, "drawn", label)  # type: ignore[attr-defined] # a macro of the template
    return Drawing(name=name, png=as_png(str(svg), WIDE, styles()))


def voice(language: str) -> dict[str, Any]:
    """Return what the templates of pictures say things with."""
    return {
        "_": partial(_said, language),
        "number": lambda value: numbers.format_decimal(value, locale=language),
        "share": lambda value: numbers.format_percent(value, "#,##0.## %", locale=language),
        "short_day": _short_day(language),
    }


def _said(language: str, sentence: str, /, **values: object) -> Markup:
    said = escape(words.say(language, sentence))
    return said.format(**values) if values else said


def _short_day(language: str) -> Callable[[date], str]:
    return lambda day: str(dates.format_date(day, "d MMM", locale=language))


@cache
def styles() -> str:
    """Return the rules for pictures of the pages' own style sheet, with its colours by day."""
    sheet = (CONSOLE / "static" / "terrain.css").read_text(encoding="utf-8")
    by_day = dict(_TOKENS.findall(sheet.partition(":root {")[2].partition("}")[0]))
    rules = "\n".join(_RULES.findall(sheet))
    return _VAR.sub(lambda found: by_day.get(found[1], "inherit").strip(), rules)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(CONSOLE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
