"""A new version of an automation, from somebody's wish to what runs: proposed, looked at, put live.

Promise: nothing goes live that the checker would refuse, nothing that somebody else changed meanwhile
without being read again, and nothing that reaches a phone or further on one person's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.approval import (
    NeedsAnotherPerson,
    Origin,
    Settled,
    Signature,
    furthest,
    needs_another,
)
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.identifier import new_id
from terrain.core.settings import GuardSettings
from terrain.errors import Refusal
from terrain.flow import reference, rules
from terrain.flow.automations import Draft, draft_of
from terrain.flow.check import check_draft
from terrain.flow.yaml_file import FileRefusal
from terrain.store import automations, folder, proposals
from terrain.store.automations import Listed, Signed
from terrain.store.proposals import Proposal


class UnknownProposal(Refusal):
    """There is no proposal of this number."""

    code = "unknown_proposal"
    status = 404


class AlreadySettled(Refusal):
    """Somebody was faster: the proposal is live, withdrawn or rejected."""

    code = "proposal_settled"
    status = 409


class ChangedMeanwhile(Refusal):
    """Another version went live since the difference was read."""

    code = "changed_meanwhile"
    status = 409


class NotTheirs(Refusal):
    """A proposal is taken back by whoever made it; others reject it, and say why."""

    code = "not_their_proposal"
    status = 403


class NothingChanged(Refusal):
    """It says what the version that runs says."""

    code = "nothing_changed"


class AnotherName(FileRefusal):
    """A new version keeps the name; what has another name is another automation."""

    code = "another_name"


class Workshop(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is read and checked with: the names, the guard's constants, where the words lie."""

    folder: Path
    catalogue: Catalogue
    settings: GuardSettings


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A text that somebody wants to see live under a name; an empty name takes the file's own."""

    text: str
    name: str = ""
    origin: Origin = Origin.PAGE


def workshop(db: Connection, settings: Settings) -> Workshop:
    """Return the workshop of this house."""
    return Workshop(
        folder=settings.automations,
        catalogue=automations.catalogue(db) or reference.own_catalogue(),
        settings=rules.settings(db),
    )


def checked(change: Change, bench: Workshop) -> Draft:
    """Read and check a text as `terrain check` does; every mistake with its line."""
    file = f"{change.name or 'automation'}.yaml"
    draft = draft_of(_plain(change.text), file, bench.catalogue)
    if draft.automation is not None and change.name and draft.name != change.name:
        draft.problems.append(AnotherName(draft.where(), value=draft.name, right=change.name))
    return check_draft(draft, bench.catalogue, bench.settings, bench.folder)


def propose(
    db: Connection, change: Change, bench: Workshop, signed: Signature, now: datetime
) -> Proposal:
    """Keep a new version for somebody to look at; nothing of it runs yet."""
    rules.refuse_a_short_reason(signed.because)
    draft = checked(change, bench)
    said = right(draft)
    listed = automations.stand(db, draft.name, now)
    live = automations.version(db, draft.name, listed.live_version)
    waiting = proposals.waiting(db, draft.name)
    if said.digest in {live.digest if live else "", *(each.digest for each in waiting)}:
        raise NothingChanged(value=draft.name)
    proposal = Proposal(
        proposal_id=new_id(now),
        name=draft.name,
        at=now,
        state=Settled.WAITS,
        origin=change.origin,
        by=signed.by,
        because=signed.because.strip(),
        staff_id=signed.staff_id,
        digest=said.digest,
        file=draft.text,
    )
    proposals.add(db, proposal, said)
    return proposal


def approve(
    db: Connection, found: Proposal, bench: Workshop, signed: Signature, now: datetime
) -> int:
    """Put a proposal live and return its version.

    `found` is the proposal as it was read; its `version` is the one that ran when its difference was.
    """
    proposal, listed = _held(db, found, now)
    if listed.live_version != found.version:
        raise ChangedMeanwhile(field=proposal.name, value=listed.live_version, right=found.version)
    live = automations.version(db, proposal.name, listed.live_version)
    said = right(checked(Change(text=proposal.file, name=proposal.name), bench))
    if needs_another(live, said):
        if proposal.signature.is_of(signed):
            raise NeedsAnotherPerson(
                field=proposal.name, value=signed.by, reach=furthest(live, said)
            )
        rules.refuse_a_short_reason(signed.because)
    names = Signed(origin=Origin(proposal.origin), proposed=proposal.signature, approved=signed)
    version = automations.add_version(db, said, proposal.file, now, names)
    live_now = msgspec.structs.replace(proposal, version=version, state=Settled.LIVE)
    _settle(db, live_now, signed, now)
    return version


def as_read(proposal: Proposal, seen: int) -> Proposal:
    """Return the proposal as somebody read it while the version `seen` ran."""
    return msgspec.structs.replace(proposal, version=seen)


def withdraw(db: Connection, found: Proposal, signed: Signature, now: datetime) -> None:
    """Take one's own proposal back."""
    proposal, _ = _held(db, found, now)
    if not proposal.signature.is_of(signed):
        raise NotTheirs(value=signed.by, right=proposal.by or "—")
    _settle(db, msgspec.structs.replace(proposal, state=Settled.WITHDRAWN), signed, now)


def reject(db: Connection, found: Proposal, signed: Signature, now: datetime) -> None:
    """Say no to somebody's proposal, with the reason that they will read."""
    rules.refuse_a_short_reason(signed.because)
    proposal, _ = _held(db, found, now)
    _settle(db, msgspec.structs.replace(proposal, state=Settled.REJECTED), signed, now)


def find(db: Connection, proposal_id: int) -> Proposal:
    """Return a proposal."""
    found = proposals.find(db, proposal_id)
    if found is None:
        raise UnknownProposal(value=proposal_id)
    return found


def the_one_that_waits(db: Connection, name: str) -> Proposal:
    """Return the latest proposal for an automation that nobody has settled yet."""
    waiting: Sequence[Proposal] = proposals.waiting(db, name)
    if not waiting:
        raise UnknownProposal(value=name)
    return waiting[0]


def text_to_change(db: Connection, name: str, version: int) -> str:
    """Return the text to start from: the folder's own, with its latest comments, where it says the same."""
    last, live = folder.last(db, name), automations.version(db, name, version)
    if last is not None and live is not None and last.digest == live.digest:
        return last.said
    return automations.file_of(db, name, version) or ""


def _held(db: Connection, found: Proposal, now: datetime) -> tuple[Proposal, Listed]:
    """Return the proposal as it stands, with nobody else able to settle it meanwhile."""
    listed = automations.stand(db, found.name, now)
    proposal = find(db, found.proposal_id)
    if not proposal.waits:
        raise AlreadySettled(value=proposal.state, right=proposal.settled_by or "—")
    return proposal, listed


def _settle(db: Connection, settled: Proposal, signed: Signature, now: datetime) -> None:
    because = signed.because.strip()
    signed_off = msgspec.structs.replace(
        settled, settled_at=now, settled_by=signed.by, settled_because=because
    )
    proposals.settle(db, signed_off)


def right(draft: Draft) -> Automation:
    """Return what a draft says, or raise the first thing that is wrong with it."""
    for problem in draft.problems:
        raise problem
    assert draft.automation is not None  # a draft without an automation has a problem
    return draft.automation


def _plain(text: str) -> str:
    """Return the text with the ends of lines that files have; forms send others."""
    return text.replace("\r\n", "\n")
