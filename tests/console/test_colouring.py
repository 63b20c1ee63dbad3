"""A file on a page is coloured gently, and whatever stands in it stays text."""

import pytest

from terrain.console.colouring import LONGEST_LINE, changed, lines
from tests.journeys import EXAMPLES


def test_keys_notes_texts_and_numbers_are_marked() -> None:
    [line] = lines('wait: {for: "6 months", times: 3}  # a note: not a key')

    assert '<span class="y-key">wait</span>:' in line
    assert '<span class="y-text">&#34;6 months&#34;</span>' in line
    assert '<span class="y-number">3</span>' in line
    assert '<span class="y-note"># a note: not a key</span>' in line


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", 'a: "<b>"', "# <img src=x>", "<key>: 1", "'</li>'"]
)
def test_nothing_in_a_file_acts(text: str) -> None:
    [line] = lines(text)

    assert "<script" not in line
    assert "<b>" not in line
    assert "<img" not in line
    assert "</li>" not in line


@pytest.mark.parametrize("file", sorted((EXAMPLES / "automations").iterdir()), ids=lambda f: f.stem)
def test_not_a_letter_of_a_file_is_lost(file: object) -> None:
    text = file.read_text()  # type: ignore[attr-defined]
    shown = [line.striptags() for line in lines(text)]

    assert [each.split() for each in shown] == [each.split() for each in text.splitlines()]


def test_a_very_long_line_is_cut_and_costs_nothing() -> None:
    [line] = lines("a" * 500_000)

    assert len(line) == LONGEST_LINE
    assert lines("") == []


def test_the_difference_of_two_texts_says_what_came_and_went() -> None:
    said = changed("a: 1\nb: 2\nc: 3\n", "a: 1\nb: 4\nc: 3\n")

    assert said == [("apart", "⋯"), ("", "a: 1"), ("gone", "b: 2"), ("come", "b: 4"), ("", "c: 3")]
    assert changed("a: 1\n", "a: 1\n") == []


def test_a_line_that_looks_like_the_head_of_a_difference_is_a_line() -> None:
    assert ("gone", "-- x") in changed("-- x\n", "y\n")
