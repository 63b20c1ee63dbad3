"""Publishes a folder of automation files: what says something new becomes a version.

Promise: a mistake costs nobody anything. A file that is refused leaves its previous version running
and says so wherever automations are shown; runs under way finish on the version they started with.
"""

from datetime import datetime
from pathlib import Path

import msgspec
from psycopg import Connection

from terrain.config import read
from terrain.core.approval import Origin, Settled, needs_another
from terrain.core.automation import Automation
from terrain.core.breaker import Cause, Resuming
from terrain.core.identifier import new_id
from terrain.errors import Refusal, did_you_mean
from terrain.flow import breaker, rules
from terrain.flow.automations import Draft
from terrain.flow.breaker import Tripping
from terrain.flow.check import Checked, check_folder
from terrain.store import automations, folder, proposals
from terrain.store.automations import Listed, Signed
from terrain.store.folder import Said
from terrain.store.proposals import Proposal
from terrain.words import refusal_in_words


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a folder: which automations are new or changed, refused, or gone.

    `waiting` are those whose change reaches too far to go live by being saved: somebody has to approve it.
    `older` are files that say what they said before, while a version put live elsewhere runs.
    """

    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    problems: tuple[Refusal, ...] = ()


class UnknownAutomation(Refusal):
    code = "unknown_automation"
    status = 404


class NoFolder(Refusal):
    code = "no_folder"


def publish(
    db: Connection,
    where: Path,
    now: datetime,
    products: str = "",
    approved: Signed | None = None,
) -> Published:
    """Make the folder's files the versions that run, each by itself; the caller opens the transaction.

    What reaches a phone or further becomes a proposal instead, unless somebody `approved` the folder.
    """
    if not where.is_dir():
        raise NoFolder(field="TERRAIN_AUTOMATIONS", value=where)
    checked = check_folder(where, rules.settings(db), products)
    if not checked.problems:
        automations.keep_catalogue(db, checked.catalogue, now)
    good = {draft.name: draft for draft in checked.drafts if _good(draft, checked)}
    bad = [draft for draft in checked.drafts if draft.name not in good]
    became = {name: _take_in(db, draft, approved, now) for name, draft in good.items()}
    for draft in bad:
        reasons = [refusal_in_words(problem) for problem in draft.problems or checked.problems]
        automations.refuse(db, draft.name or Path(draft.file).stem, reasons, now)
    return Published(
        **{what: tuple(name for name in became if became[name] == what) for what in _BECAME},
        refused=tuple(draft.name or draft.file for draft in bad),
        retired=_retire(db, checked.drafts, now),
        problems=tuple(checked.all_problems),
    )


def pause(db: Connection, name: str, by: str, because: str, now: datetime) -> Listed:
    """Let the automation do nothing more until it is resumed; runs keep their place."""
    rules.refuse_a_short_reason(because)
    known(db, name)
    by_hand = Tripping(automation=name, cause=Cause.HAND, because=because, by=by)
    breaker.trip(db, by_hand, breaker.alarm_of(read()), now)
    paused = automations.find(db, name)
    assert paused is not None  # it was there a line ago, in the same transaction
    return paused


def resume(db: Connection, name: str, now: datetime, said: Resuming) -> Listed:
    """Let it go on: what was held while it was paused is weighed again, now.

    What was stopped for doing harm takes a reason, and what is different since (`flow/breaker.py`).
    """
    known(db, name)
    breaker.resume(db, name, said, now)
    return known(db, name)


def live_automation(db: Connection, name: str) -> tuple[Listed, Automation]:
    """Return an automation as it stands, with the version that runs."""
    listed = known(db, name)
    found = automations.versions(db).get((name, listed.live_version))
    if found is None:
        raise UnknownAutomation(value=name, right="terrain automations publish")
    return listed, found


def known(db: Connection, name: str) -> Listed:
    """Return an automation as it stands; refuse a name that none has."""
    listed = automations.find(db, name)
    if listed is None:
        names = [one.name for one in automations.every(db)]
        raise UnknownAutomation(value=name, right=did_you_mean(name, names) or ", ".join(names))
    return listed


def _good(draft: Draft, checked: Checked) -> bool:
    """A file is good when it is right and the names it was read with hold."""
    return draft.automation is not None and not checked.problems


_BECAME = ("changed", "same", "waiting", "older")


def _take_in(db: Connection, draft: Draft, approved: Signed | None, now: datetime) -> str:
    """Take in what one file says, and return what became of it."""
    said = draft.automation
    assert said is not None  # only good drafts come here
    listed = automations.stand(db, draft.name, now)
    live = automations.version(db, draft.name, listed.live_version)
    last = folder.last(db, draft.name)
    folder.keep(
        db,
        Said(name=draft.name, file=draft.file, said=draft.text, digest=said.digest, seen_at=now),
    )
    if live is not None and live.digest == said.digest:
        proposals.take_back_the_folders(db, draft.name, now)
        automations.add_version(db, said, draft.text, now)
        return "changed" if listed.retired_at else "same"
    if last is not None and last.digest == said.digest and approved is None:
        automations.accept(db, draft.name)
        return "waiting" if _waits(db, draft.name) else "older"
    proposals.take_back_the_folders(db, draft.name, now)
    if approved is None and needs_another(live, said):
        automations.accept(db, draft.name)
        _propose(db, draft, said, now)
        return "waiting"
    automations.add_version(db, said, draft.text, now, approved)
    return "changed"


def _waits(db: Connection, name: str) -> bool:
    return any(each.origin == Origin.FOLDER for each in proposals.waiting(db, name))


def _propose(db: Connection, draft: Draft, said: Automation, now: datetime) -> None:
    proposal = Proposal(
        proposal_id=new_id(now),
        name=draft.name,
        at=now,
        state=Settled.WAITS,
        origin=Origin.FOLDER,
        digest=said.digest,
        file=draft.text,
    )
    proposals.add(db, proposal, said)


def _retire(db: Connection, drafts: list[Draft], now: datetime) -> tuple[str, ...]:
    """Let those start nothing new whose files are gone; runs under way finish.

    What never had a file, because it was written on a page, cannot lose one.
    """
    there = {draft.name or Path(draft.file).stem for draft in drafts}
    refused = {one.name for one in automations.every(db) if one.refused is not None}
    gone = sorted((folder.names(db) | refused) - there)
    retired = automations.retire(db, gone, now)
    folder.forget(db, gone)
    for name in gone:
        proposals.take_back_the_folders(db, name, now)
    return retired
