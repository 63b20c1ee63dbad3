"""The pictures of the pages as letters carry them.

Promise: one drawing, one set of words, one set of colours: what a letter shows is rendered from the template
and the style sheet that the page itself is made of, by day, because paper and mail are light.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from psycopg import Connection

import terrain
from terrain.channels.drawing import as_png
from terrain.core import meter_picture, quadrant_picture
from terrain.core.message import Drawing
from terrain.core.meter_picture import Picture
from terrain.core.quadrant import Corner
from terrain.flow import watching
from terrain.flow.grade_said import corner_called
from terrain.flow.grading import Graded, standing, with_room
from terrain.flow.stationery import voice
from terrain.flow.watching import Stand

CONSOLE = Path(terrain.__file__).parent / "console"
# Pictures name days, and no hours.
UTC = ZoneInfo("UTC")
# Twice as many dots as it is shown wide: sharp on a phone.
WIDE, SHOWN_WIDE = 1040, 520
_TOKENS = re.compile(r"--([\w-]+):\s*([^;]+);")
_RULES = re.compile(r"^\.(?:meter|quadrant)\b[^{}]*\{[^{}]*\}", re.MULTILINE)
_VAR = re.compile(r"var\(--([\w-]+)\)")


def meter_of(
    db: Connection, stand: Stand, name: str, language: str, now: datetime
) -> Drawing | None:
    """Draw how a watch stands; nothing where there is nothing to draw."""
    year = watching.year(db, stand.watch, now)
    found = meter_picture.picture(stand.watch, stand.reading, year, now.date())
    return meter(found, name, language) if found else None


def meter(drawn: Picture, name: str, language: str) -> Drawing:
    """Draw the count beside its bound, as the page of the watch does."""
    macros = _templates().get_template("meter.html").make_module(voice(language, UTC))
    svg = macros.picture(drawn, name, "")  # type: ignore[attr-defined] # a macro of the template
    return Drawing(name=name, png=as_png(str(svg), WIDE, styles()))


def quadrant(placed: Sequence[Graded], name: str, language: str) -> Drawing:
    """Draw where these processes stand, as the page of the quadrant does."""
    macros = _templates().get_template("quadrant_parts.html").make_module(voice(language, UTC))
    corners = {corner: corner_called(corner, language) for corner in Corner}
    drawn = quadrant_picture.picture(list(map(standing, with_room(placed))))
    page = str(macros.picture(drawn, "", corners, here=name))  # type: ignore[attr-defined] # the same
    svg = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
    return Drawing(name=name, png=as_png(svg, WIDE, styles()))


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
