"""Check automation files: every mistake with its file, its line and what was likely meant.

Looks in the folder of TERRAIN_AUTOMATIONS, or in the one you name: `catalogue.yaml`, the automation
files and the words of `messages/`. Nothing is changed; no database is needed.
"""

import json
from pathlib import Path
from typing import Any

import click

from terrain.config import read
from terrain.core.settings import GuardSettings
from terrain.errors import Refusal
from terrain.flow.check import Checked, check_folder
from terrain.flow.grammar import schema
from terrain.flow.versions import NoFolder
from terrain.terminal import Terminal, speaks
from terrain.words import _, refusal_in_words, refusal_sentence

DONE, REFUSED = 0, 1


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--schema", "as_schema", is_flag=True, help="Print the JSON Schema for editors.")
@speaks
def command(terminal: Terminal, folder: Path | None, *, as_schema: bool) -> int:
    if as_schema:
        terminal.print(_as_text(schema()))
        terminal.answer(schema())
        return DONE
    settings = read()
    where = folder or settings.automations
    if not where.is_dir():
        raise NoFolder(field="TERRAIN_AUTOMATIONS", value=where)
    checked = check_folder(where, GuardSettings(), settings.catalogue)
    _tell(terminal, checked)
    terminal.answer(_as_rows(checked))
    return REFUSED if checked.all_problems else DONE


def _tell(terminal: Terminal, checked: Checked) -> None:
    for problem in checked.all_problems:
        terminal.print(refusal_sentence(terminal.language, problem))
    good = sum(1 for draft in checked.drafts if not draft.problems)
    terminal.say(
        _("{good} of {all} automations are fit to run."), good=good, all=len(checked.drafts)
    )


def _as_rows(checked: Checked) -> dict[str, Any]:
    return {
        "catalogue": [_row(problem) for problem in checked.problems],
        "automations": [
            {
                "file": draft.file,
                "automation": draft.name,
                "problems": [_row(problem) for problem in draft.problems],
            }
            for draft in checked.drafts
        ],
    }


def _row(problem: Refusal) -> dict[str, object]:
    return refusal_in_words(problem)


def _as_text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
