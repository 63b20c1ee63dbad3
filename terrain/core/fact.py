"""What is believed about a customer, who says so, and how sure that is (`guard.md` sections 1 and 4).

A *claim* is one value of one fact as one source says it; it only ever gains later confirmations. *Evidence*
speaks for or against a value whoever claimed it. A *belief* is what follows from both at one moment: it is
derived, never stored. Wishes are facts too, with the customer as their source (`wish.channel`,
`wish.absence`, `wish.date` ...), so that one history, one page and one correction serve them all.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from terrain.core.word import Word


class SourceKind(Word):
    """Who says it. What the customer typed or said is theirs, also at a checkout."""

    CUSTOMER_SAID = "customer_said"
    STAFF_HEARD = "staff_heard"
    TRANSACTION = "transaction"
    BEHAVIOUR = "behaviour"
    THIRD_PARTY = "third_party"
    INFERRED = "inferred"


class EvidenceKind(Word):
    """What came back that speaks for or against a value. An open or an SMS "delivered" says nothing.

    `denied` is the customer's express correction: it closes the value, whoever claims it, and is not weighed.
    """

    CLICK = "click"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    BOUNCE = "bounce"
    RETURNED = "returned"
    DENIED = "denied"


class FactKey(msgspec.Struct, frozen=True, order=True):
    """Which fact, and about what: `("uses", "filter-a")`; `about` is empty for facts of the person."""

    fact: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.fact}({self.about})" if self.about else self.fact


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one fact as one source says it. `at` is the latest time it was said, `first_at` the first.

    `closed_at` is when the customer expressly corrected it: from then on it is no rival any more.
    `confidence` is a model's own calibrated probability, where the source gave one (never above .80).
    `assumed` marks what an archive's mapping assumed rather than knew.
    """

    key: FactKey
    value: Any
    source: str
    kind: SourceKind
    first_at: datetime
    at: datetime
    message_id: str
    closed_at: datetime | None = None
    confidence: float | None = None
    assumed: bool = False


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came back and bears on a value of a fact, whoever claimed it."""

    key: FactKey
    value: Any
    kind: EvidenceKind
    at: datetime
    message_id: str


class Belief(msgspec.Struct, frozen=True, kw_only=True):
    """What is believed at one moment: the value that holds, how sure, who says so, who says otherwise."""

    key: FactKey
    value: Any
    confidence: float
    holder: Claim
    rivals: tuple[Claim, ...] = ()
    disputed: bool = False


def key_of_json(text: bytes) -> int:
    """Return the 63-bit name of a value written as JSON, keys sorted: equal values are found by it."""
    digest = blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
