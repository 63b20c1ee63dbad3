"""Drawings as PNG: the same picture, also on a machine without fonts."""

import struct
import zlib

import pytest

from terrain.channels.drawing import as_png

BAR = '<svg viewBox="0 0 40 20"><rect fill="#1d4b38" width="20" height="20"/></svg>'
WORDS = '<svg viewBox="0 0 200 20"><text x="0" y="15" font-size="14">{}</text></svg>'


def rows_of(png: bytes) -> tuple[int, int, list[bytes]]:
    """Return how wide and high a PNG of eight bits is, and its rows with their filters undone."""
    wide, high, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (png[:8], depth, kind) == (b"\x89PNG\r\n\x1a\n", 8, 6)
    packed, at = b"", 8
    while at < len(png):
        (long,) = struct.unpack(">I", png[at : at + 4])
        packed += png[at + 8 : at + 8 + long] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += long + 12
    raw, size = zlib.decompress(packed), wide * 4 + 1
    return wide, high, [raw[n * size : n * size + size] for n in range(high)]


def test_it_is_as_wide_as_asked_and_keeps_its_shape() -> None:
    wide, high, _ = rows_of(as_png(BAR, 80))

    assert (wide, high) == (80, 40)


def test_it_stands_on_paper_and_not_on_nothing() -> None:
    _, _, rows = rows_of(as_png('<svg viewBox="0 0 4 4"></svg>', 4))

    assert rows[0][1:5] == bytes((0xFF, 0xFD, 0xF8, 0xFF))


@pytest.mark.parametrize("said", ["12", "décès évités", "« 0,3 % »", "’"])
def test_letters_are_drawn_without_any_font_of_the_machine(said: str) -> None:
    assert as_png(WORDS.format(said), 200) != as_png(WORDS.format(""), 200)


def test_the_narrow_space_of_french_is_no_box() -> None:
    assert as_png(WORDS.format("0,3\u202f%"), 200) == as_png(WORDS.format("0,3\u2009%"), 200)


def test_an_arrow_is_no_box_either() -> None:
    assert as_png(WORDS.format("up →"), 200) == as_png(WORDS.format("up ›"), 200)


def test_what_has_its_name_already_is_not_named_twice() -> None:
    named = BAR.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')

    assert as_png(named, 40) == as_png(BAR, 40)


def test_what_is_no_drawing_is_no_picture_either() -> None:
    with pytest.raises(ValueError, match="SVG"):
        as_png("<p>no</p>", 40)
