"""What no automation serves is declared in a few lines, and checked like an automation."""

from __future__ import annotations

from pathlib import Path

import pytest

from terrain.core.act import Benefit
from terrain.core.process import Basis, Process, Said, Served
from terrain.core.settings import GuardSettings
from terrain.demo.returns import THE_FORM
from terrain.demo.shop import EXAMPLES
from terrain.flow.automations import files_of
from terrain.flow.check import check_folder
from terrain.flow.processes import COSTS, KEYS, MAY_SERVE, processes_of
from terrain.flow.yaml_file import FileRefusal

WHAT = "what: {en: Send back., fr: Renvoyer.}"


def declared(folder: Path, *lines: str) -> tuple[Process, list[FileRefusal]]:
    text = "\n".join(("processes:", "  return-form:", *(f"    {line}" for line in lines)))
    (folder / "processes.yaml").write_text(text)
    found, problems = processes_of(folder / "processes.yaml")
    return found["return-form"], problems


def test_the_form_of_the_demo_is_the_one_that_the_examples_declare() -> None:
    found, problems = processes_of(EXAMPLES / "processes.yaml")

    assert problems == []
    assert found["return-form"] == THE_FORM
    assert found["advice"].costs.own == Said(value=9)


def test_two_lines_are_enough(tmp_path: Path) -> None:
    found, problems = declared(tmp_path, WHAT, "served: phone_menu")

    assert problems == []
    assert (found.served, found.owner, found.benefit) == (Served.PHONE_MENU, "", Benefit.NONE)
    assert found.effort.basis is Basis.DEFAULT


def test_without_a_file_nothing_is_declared(tmp_path: Path) -> None:
    assert processes_of(None) == ({}, [])
    assert processes_of(tmp_path / "processes.yaml") == ({}, [])


def test_an_empty_file_declares_nothing(tmp_path: Path) -> None:
    (tmp_path / "processes.yaml").write_text("processes:\n")

    assert processes_of(tmp_path / "processes.yaml") == ({}, [])


@pytest.mark.parametrize(
    ("line", "code", "right"),
    [
        ("ownr: Camille", "unknown_key", "owner"),
        ("served: self-service", "wrong_value", "self_service"),
        ("served: automation", "wrong_value", "people, self_service, phone_menu"),
        ("benefit: usefull", "wrong_value", "useful"),
        ("minutes: 0", "wrong_value", "0.1, 15"),
        ("minutes: soon", "wrong_value", "1, 2.5"),
        ("minutes: 1.0e+999", "wrong_value", "0.1, 15"),
        ("costs: {persn: 9}", "unknown_key", "person"),
        ("costs: {person: -1}", "wrong_value", "0.1, 15"),
        ("bounds: {complaints: 1 in 1000}", "unknown_key", "complaint"),
        ("only_way: perhaps", "wrong_value", "yes, no"),
        ("what: {en: Send back.}", "missing_key", "en, fr"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_meant(
    tmp_path: Path, line: str, code: str, right: str
) -> None:
    key = line.partition(":")[0]
    usual = [each for each in (WHAT, "served: people") if not each.startswith(key)]
    _, problems = declared(tmp_path, *usual, line)

    assert [(each.code, each.right) for each in problems] == [(code, right)]
    assert problems[0].where.automation == "return-form"
    assert problems[0].where.line == 3 + len(usual)


def test_what_it_is_and_who_serves_have_to_be_said(tmp_path: Path) -> None:
    _, problems = declared(tmp_path, "owner: Camille")

    assert [(each.code, each.field) for each in problems] == [
        ("missing_key", "what"),
        ("missing_key", "served"),
    ]


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "processes.yaml").write_text("processes: [")
    found, problems = processes_of(tmp_path / "processes.yaml")

    assert found == {}
    assert [each.code for each in problems] == ["not_yaml"]


def test_it_is_checked_with_the_automations_and_is_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "processes.yaml").write_text("proceses:\n")
    checked = check_folder(tmp_path, GuardSettings())

    assert files_of(tmp_path) == []
    assert [problem.code for problem in checked.all_problems] == ["unknown_key"]


@pytest.mark.parametrize("page", ["processes.md", "processes.fr.md"])
def test_the_page_about_it_names_every_key_and_its_example_is_fit(
    page: str, tmp_path: Path
) -> None:
    text = (EXAMPLES.parent / "docs" / "reference" / page).read_text(encoding="utf-8")
    (tmp_path / "processes.yaml").write_text(text.split("```yaml\n")[1].split("```")[0])
    found, problems = processes_of(tmp_path / "processes.yaml")

    assert problems == []
    assert found["return-form"].only_way
    assert all(f"`{key}`" in text for key in (*KEYS, *COSTS, *MAY_SERVE))
