"""The shop of the demo as a house: the files of `examples/`, the shipped law, its own sources.

Promise: one source of truth. What the demo plays is what the examples say; there is no second copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import terrain
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.fact import SourceKind
from terrain.core.house import Company, House
from terrain.core.settings import GuardSettings
from terrain.demo.wire import SOURCES
from terrain.errors import Refusal
from terrain.flow.automations import PROCESSES, draft_of, drafts_of
from terrain.flow.catalogue import catalogue_of
from terrain.flow.rules import shipped_law

EXAMPLES = Path(terrain.__file__).parent.parent / "examples"
COMPANY = Company(name="L’eau claire", address="4 quai des Sources, 38000 Grenoble")
# Those of which the demo tells; the other examples are for reading and for the tests.
PLAYED = ("filter-reminder", "faster-parcel")
# On the record these run as well: what a newcomer finds on the first morning.
LOADED = (*PLAYED, "bottle-care")


class NoExamples(Refusal):
    """The demo is played from the files of `examples/`, which are not where the program is."""

    code = "no_examples"


class Files(NamedTuple):
    """What the shop runs on."""

    catalogue: Catalogue
    automations: tuple[Automation, ...]


def files(folder: Path = EXAMPLES, played: Collection[str] = PLAYED) -> Files:
    """Read the shop's files; a mistake in one is refused, as it would be in yours."""
    if not folder.is_dir():
        raise NoExamples(value=folder)
    catalogue, problems = catalogue_of(folder / "catalogue.yaml")
    drafts = [each for each in drafts_of(folder, catalogue) if each.name in played]
    for problem in (*problems, *(problem for draft in drafts for problem in draft.problems)):
        raise problem
    return Files(catalogue, tuple(each.automation for each in drafts if each.automation))


def written(text: str, name: str, catalogue: Catalogue) -> Automation:
    """Read one file more; a mistake in it is a bug of the demo."""
    draft = draft_of(text, f"{name}.yaml", catalogue)
    if draft.automation is None:
        raise draft.problems[0]
    return draft.automation


def lay_out(folder: Path, changed: Mapping[str, str]) -> bool:
    """Copy what the demo plays to where a shop's own files are kept, unless something is there already.

    So the newcomer finds the demo's promises where their own will stand, and can change them. `changed` are
    the texts of those that somebody changed since.
    """
    if folder.exists():
        return False
    folder.mkdir(parents=True)
    for name in ("catalogue.yaml", PROCESSES):
        shutil.copy(EXAMPLES / name, folder)
    shutil.copytree(EXAMPLES / "messages", folder / "messages")
    for name in LOADED:
        shutil.copy(EXAMPLES / "automations" / f"{name}.yaml", folder)
    for name, text in changed.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return True


def house(shop: Files | None = None) -> House:
    """Return everything that deciding needs, for a play in memory."""
    catalogue, automations = shop or files()
    return House(
        catalogue=catalogue,
        law=shipped_law(),
        settings=GuardSettings(),
        company=COMPANY,
        versions={(each.name, each.version): each for each in automations},
        live={each.name: each for each in automations},
        sources={name: SourceKind(kind) for name, kind in SOURCES.items()},
    )
