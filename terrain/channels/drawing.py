"""An SVG as the PNG that a letter carries: mail clients show no SVG.

Promise: the very same drawing that stands in the page, with letters that come along, so that it looks the same
on a machine without fonts.
"""

import re
from pathlib import Path

import resvg_py

LETTERS = Path(__file__).parent.parent / "letters"
FONT, FAMILY = LETTERS / "spectral.ttf", "Spectral SemiBold"
PAPER = "#fffdf8"
# What our letters lack, and what stands for it: the space that keeps lines of French together, which a drawing
# does not break; the arrow at the end of an axis.
_INSTEAD = str.maketrans({"\u202f": "\u2009", "→": "›"})
_SVG = "http://www.w3.org/2000/svg"
# Inside a page an SVG needs no name of its language; by itself it is nothing without.
_HEAD = re.compile(r"<svg\b(?![^>]*\sxmlns=)")


def as_png(svg: str, wide: int, styles: str = "") -> bytes:
    """Return the drawing so many pixels wide; `styles` are those of the page that it stands in."""
    return resvg_py.svg_to_bytes(
        svg_string=_HEAD.sub(f'<svg xmlns="{_SVG}"', svg.translate(_INSTEAD), count=1),
        width=wide,
        background=PAPER,
        style_sheet=f'{styles}\ntext {{ font-family: "{FAMILY}"; }}',
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family=FAMILY,
        serif_family=FAMILY,
        sans_serif_family=FAMILY,
    )
