"""One act that was done to a customer, as far as something may come back about it.

Promise: what left says when; of what failed, or of which nobody knows, nothing is guessed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from terrain.core.act import ActKind, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey


class Used(msgspec.Struct, frozen=True):
    """A fact that the decision about an act relied on, and the value it had."""

    key: FactKey
    value: Any = None


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """One act that was done to the customer, as far as something may come back about it.

    `at` is when it left; None for one that failed, or of which nobody knows: that is credited only by name.
    `held_out`: it was not done, so that what comes back anyway can be compared with; numbered as its decision.
    `surveys`: it asked whether it helped, so whoever says so was invited to.
    """

    key: CustomerKey
    act_id: int
    decision_id: int
    at: datetime | None
    kind: ActKind
    channel: Channel
    purpose: Purpose
    reach: Reach
    automation: str
    version: int
    recipient: str = ""
    subject: str = ""
    surveys: bool = False
    held_out: bool = False
    used: tuple[Used, ...] = ()

    @property
    def matters(self) -> set[str]:
        """What it was about: the words of its subject, and of what its facts were about."""
        return {*self.subject.split("/"), *(used.key.about for used in self.used)} - {""}
