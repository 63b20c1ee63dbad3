"""The words of a mapping file, and their documentation."""

import re
from pathlib import Path

import pytest

from terrain.core.identifier import Kind
from terrain.core.mapping import As, columns_of
from terrain.flow.mapping import CONDITION, EVENT, FIELD, TOP, mapping_of

DOCS = Path(__file__).parents[2] / "docs" / "reference"
WORDS = {*TOP, *FIELD, *CONDITION, *EVENT, *(kind.value for kind in Kind), *(a.value for a in As)}


@pytest.mark.parametrize("page", ["mapping.md", "mapping.fr.md"])
def test_every_word_of_a_mapping_is_documented(page: str) -> None:
    text = (DOCS / page).read_text()

    assert {word for word in WORDS if not re.search(rf"\b{word}\b", text)} == set()


@pytest.mark.parametrize("page", ["mapping.md", "mapping.fr.md"])
def test_the_example_of_the_documentation_is_a_mapping(page: str, tmp_path: Path) -> None:
    example = (DOCS / page).read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "m.yaml").write_text(example)
    mapping, problems = mapping_of(tmp_path / "m.yaml")

    assert problems == []
    assert mapping
    assert len(columns_of(mapping)) == 7


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("kind: transction", "transaction"),
        ("within: many", "1000"),
        ("group: [a, b]", "text"),
        ("leave_out: [{when: {a: b}}]", "None"),
        ("leave_out: [{because: x, when: {a: {strats: b}}}]", "starts"),
        ("leave_out: [{because: x, when: {a: {under: low}}}]", "0"),
        ("once: [{event: x, properties: {a: {column: b, always: c}}}]", "column / text / always"),
        ("once: [{event: x, properties: {a: {column: b, as: nmber}}}]", "number"),
        ("once: [{event: x, totals: {t: {over: items, of: [a]}}}]", ""),
        ("once: [{event: x, totals: {t: {of: [a]}}}]", "None"),
    ],
)
def test_a_misspelt_word_is_told_with_the_one_that_was_meant(
    tmp_path: Path, line: str, right: str
) -> None:
    head = "source: x\ncustomer: {user_id: who}\ntime: {column: at}\nevents: [{event: y}]\n"
    (tmp_path / "m.yaml").write_text(head + line)
    mapping, problems = mapping_of(tmp_path / "m.yaml")

    assert mapping is None
    assert (problems[0].where.line, str(problems[0].right)) == (5, right)


def test_a_mapping_that_swells_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("a: &a [x, x]\nb: [*a, *a]\n")
    mapping, problems = mapping_of(tmp_path / "m.yaml")

    assert mapping is None
    assert problems
