"""Acts that somebody might want to do to Léa: good defaults, so that a test names only what matters."""

from datetime import datetime
from typing import Any

import msgspec

from terrain.core.act import ActKind, Assumption, Benefit, Proposal, Reach, Undo
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import UsedFact
from terrain.core.fact import FactKey, SourceKind

REMINDER = Proposal(
    automation="filter-reminder",
    version=1,
    step="send",
    act=ActKind.SEND,
    name="filter-reminder",
    purpose=Purpose.PROSPECTING,
    benefit=Benefit.USEFUL,
    reach=Reach.INBOX,
    undo=Undo.BY_CUSTOMER,
    channel=Channel.EMAIL,
    assumes=(Assumption(key=FactKey("email")),),
)
NOTICE = msgspec.structs.replace(REMINDER, purpose=Purpose.SERVICE, automation="notice")
UPGRADE = Proposal(
    automation="faster-parcel",
    version=1,
    step="do",
    act=ActKind.DO,
    name="upgrade_shipping",
    purpose=Purpose.SERVICE,
    benefit=Benefit.IMPORTANT,
    reach=Reach.HOME,
    undo=Undo.EASILY,
    channel=Channel.WEBHOOK,
    assumes=(Assumption(key=FactKey("wants_sooner", "42")),),
)


def but(proposal: Proposal, **other: Any) -> Proposal:
    """Return the same act, but for this."""
    return msgspec.structs.replace(proposal, **other)


def her_address(
    source: str = "shop", confidence: float = 0.9, since: datetime | None = None
) -> UsedFact:
    """Return what an act relied on that was to reach her where she lives."""
    return UsedFact(
        key=FactKey("address"),
        value="12 rue des Lilas",
        confidence=confidence,
        source=source,
        kind=SourceKind.TRANSACTION,
        since=since,
    )


def a_fact(name: str, confidence: float) -> UsedFact:
    return UsedFact(
        key=FactKey(name),
        value=True,
        confidence=confidence,
        source="shop",
        kind=SourceKind.TRANSACTION,
        since=None,
    )
