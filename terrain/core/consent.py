"""What a customer allowed, with proof: by purpose and channel, never assumed silently (`law.md` FR-EP-5).

Each row is one giving or withdrawing. What stands is the latest by its own time, then message id, so the
order of arrival does not matter. A stop that the customer asked for never decays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from terrain.core.word import Word


class Purpose(Word):
    """Every act declares one purpose; mixed means prospecting."""

    SERVICE = "service"
    PROSPECTING = "prospecting"
    LEGAL_OBLIGATION = "legal_obligation"
    SAFETY = "safety"


class Channel(Word):
    """How a customer is reached."""

    EMAIL = "email"
    SMS = "sms"
    CALL = "call"
    CHAT = "chat"
    POST = "post"
    WEBHOOK = "webhook"
    SHADOW = "shadow"


# The fact that holds the address a channel leads to; chat, webhooks and shadow need none.
ADDRESS_OF = {
    Channel.EMAIL: "email",
    Channel.SMS: "phone",
    Channel.CALL: "phone",
    Channel.POST: "address",
}


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One yes or no of a customer, with everything the proof needs; a gap in the proof is a gap in the consent."""

    purpose: Purpose
    channel: Channel
    given: bool
    at: datetime
    message_id: str
    source: str
    identifier: str = ""
    controller: str = ""
    wording: str = ""
    wording_version: str = ""
    positive_act: str = ""
    where: str = ""
    language: str = ""
    assumed: bool = False

    def missing_proof(self) -> tuple[str, ...]:
        """Return the names of the proof's fields that are empty (FR-EP-5)."""
        needed = (
            "identifier",
            "controller",
            "wording",
            "wording_version",
            "positive_act",
            "where",
            "language",
        )
        return tuple(name for name in needed if not getattr(self, name))


def standing(consents: Iterable[Consent], purpose: Purpose, channel: Channel) -> Consent | None:
    """Return the latest yes or no for this purpose and channel, or None when nobody ever asked."""
    about_it = [row for row in consents if row.purpose is purpose and row.channel is channel]
    return max(about_it, key=lambda row: (row.at, row.message_id), default=None)
