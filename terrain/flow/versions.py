"""Publishes a folder of automation files: what says something new becomes a version.

Promise: a mistake costs nobody anything. A file that is refused leaves its previous version running
and says so wherever automations are shown; runs under way finish on the version they started with.
"""

from datetime import datetime
from pathlib import Path

import msgspec
from psycopg import Connection

from terrain.core.automation import Automation
from terrain.core.settings import GuardSettings
from terrain.errors import Refusal, did_you_mean
from terrain.flow import rules
from terrain.flow.automations import Draft
from terrain.flow.check import Checked, check_folder
from terrain.store import automations, runs
from terrain.store.automations import Listed
from terrain.words import refusal_in_words


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a folder: which automations are new or changed, refused, or gone."""

    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    problems: tuple[Refusal, ...] = ()


class UnknownAutomation(Refusal):
    code = "unknown_automation"
    status = 404


class NoFolder(Refusal):
    code = "no_folder"


def publish(db: Connection, folder: Path, now: datetime, products: str = "") -> Published:
    """Make the folder's files the versions that run, each by itself; the caller opens the transaction."""
    if not folder.is_dir():
        raise NoFolder(field="TERRAIN_AUTOMATIONS", value=folder)
    checked = check_folder(folder, _settings(db), products)
    if not checked.problems:
        automations.keep_catalogue(db, checked.catalogue, now)
    before = {one.name: one for one in automations.every(db)}
    good = {draft.name: draft for draft in checked.drafts if _good(draft, checked)}
    bad = [draft for draft in checked.drafts if draft.name not in good]
    changed = tuple(name for name, draft in good.items() if _publish(db, draft, before, now))
    for draft in bad:
        reasons = [refusal_in_words(problem) for problem in draft.problems or checked.problems]
        automations.refuse(db, draft.name or Path(draft.file).stem, reasons, now)
    retired = _retire(db, before, checked.drafts, now)
    return Published(
        changed=changed,
        same=tuple(name for name in good if name not in changed),
        refused=tuple(draft.name or draft.file for draft in bad),
        retired=retired,
        problems=tuple(checked.all_problems),
    )


def pause(db: Connection, name: str, by: str, because: str, now: datetime) -> Listed:
    """Let the automation do nothing more until it is resumed; runs keep their place."""
    rules.refuse_a_short_reason(because)
    _known(db, name)
    paused = automations.pause(db, name, {"by": by, "because": because}, now)
    assert paused is not None  # it was there a line ago, in the same transaction
    return paused


def resume(db: Connection, name: str, now: datetime) -> Listed:
    """Let it go on: what was held while it was paused is weighed again, now."""
    _known(db, name)
    resumed = automations.resume(db, name)
    runs.wake_held(db, name, now)
    assert resumed is not None
    return resumed


def live_automation(db: Connection, name: str) -> tuple[Listed, Automation]:
    """Return an automation as it stands, with the version that runs."""
    listed = _known(db, name)
    found = automations.versions(db).get((name, listed.live_version))
    if found is None:
        raise UnknownAutomation(value=name, right="terrain automations publish")
    return listed, found


def _known(db: Connection, name: str) -> Listed:
    listed = automations.find(db, name)
    if listed is None:
        names = [one.name for one in automations.every(db)]
        raise UnknownAutomation(value=name, right=did_you_mean(name, names) or ", ".join(names))
    return listed


def _settings(db: Connection) -> GuardSettings:
    return rules.settings(db)


def _good(draft: Draft, checked: Checked) -> bool:
    """A file is good when it is right and the names it was read with hold."""
    return draft.automation is not None and not checked.problems


def _publish(db: Connection, draft: Draft, before: dict[str, Listed], now: datetime) -> bool:
    assert draft.automation is not None  # only good drafts come here
    known = before.get(draft.name)
    version = automations.add_version(db, draft.automation, draft.text, now)
    return known is None or known.live_version != version or known.retired_at is not None


def _retire(
    db: Connection, before: dict[str, Listed], drafts: list[Draft], now: datetime
) -> tuple[str, ...]:
    """Let those start nothing new whose files are gone; runs under way finish."""
    there = {draft.name or Path(draft.file).stem for draft in drafts}
    gone = [one.name for one in before.values() if one.name not in there and not one.retired_at]
    automations.retire(db, gone, now)
    return tuple(gone)
