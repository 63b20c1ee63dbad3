"""What the documentation tells people to do can be done."""

import runpy
import shlex
from pathlib import Path

import click
import pytest

from terrain.cli import Commands
from terrain.core.settings import GuardSettings
from terrain.flow.check import check_folder
from terrain.flow.mapping import mapping_of
from tests.docs.pages import ROOT, blocks, commands, files, links, pages

README, LISEZMOI = ROOT / "README.md", ROOT / "LISEZMOI.md"


@pytest.mark.parametrize(("page", "typed"), commands(), ids=lambda each: str(each)[:60])
def test_every_command_that_a_page_shows_exists(page: str, typed: str) -> None:
    words = shlex.split(typed)
    found: click.Command | None = Commands(name="terrain")
    context = click.Context(Commands(name="terrain"))
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        found = found.get_command(context, words.pop(0))
    assert found is not None, (page, typed)
    known = {option for each in found.params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}, (page, typed)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.name))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        target, _, _ = link.partition("#")
        assert not target or (page.parent / target).exists(), link


@pytest.mark.parametrize("page", [README, LISEZMOI], ids=lambda page: str(page.name))
def test_the_first_automation_is_fit_to_run(page: Path, tmp_path: Path) -> None:
    for name, text in files(page).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    checked = check_folder(tmp_path / "automations", GuardSettings())

    assert [draft.name for draft in checked.drafts] == ["all-well"]
    assert checked.all_problems == []


def test_both_readmes_write_the_same_files() -> None:
    assert files(README).keys() == files(LISEZMOI).keys()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.name))
def test_every_mapping_that_a_page_shows_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.note == "mapping":
            file = tmp_path / "mapping.yaml"
            file.write_text(block.text)
            mapping, problems = mapping_of(file)
            assert mapping is not None, problems


@pytest.mark.parametrize("name", ["settings", "commands"])
def test_the_reference_says_what_the_program_says(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAIN_LANGUAGE", "en")
    monkeypatch.delenv("TERRAIN_AUTOMATIONS", raising=False)
    made = runpy.run_path(str(ROOT / "scripts" / "reference"))["pages"]()
    (path,) = (path for path in made if path.stem == name)

    assert path.read_text(encoding="utf-8") == made[path], "run scripts/reference"
