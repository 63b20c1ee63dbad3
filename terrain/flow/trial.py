"""A house made of a folder of files, for whoever wants to try them without a record.

Promise: what is tried here is what would run: the same reader, the shipped law and constants, and a
mistake is refused as `terrain check` would.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from terrain.config import Settings
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.settings import GuardSettings
from terrain.flow.automations import CATALOGUE, beside, drafts_of
from terrain.flow.catalogue import catalogue_of
from terrain.flow.reference import company_of
from terrain.flow.rules import shipped_law
from terrain.flow.versions import NoFolder


def house_of(folder: Path, settings: Settings, sources: Mapping[str, SourceKind]) -> House:
    """Return the house in which this folder's automations would run."""
    if not folder.is_dir():
        raise NoFolder(field="--automations", value=folder)
    catalogue, problems = catalogue_of(beside(folder, CATALOGUE), settings.catalogue)
    drafts = list(drafts_of(folder, catalogue))
    for problem in (*problems, *(each for draft in drafts for each in draft.problems)):
        raise problem
    automations = [draft.automation for draft in drafts if draft.automation]
    return House(
        catalogue=catalogue,
        law=shipped_law(),
        settings=GuardSettings(),
        company=company_of(settings),
        versions={(each.name, each.version): each for each in automations},
        live={each.name: each for each in automations},
        sources=dict(sources),
    )
