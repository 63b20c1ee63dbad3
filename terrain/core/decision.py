"""What the guard decided about one proposed act, with everything needed to explain it to the person it touched.

A decision is kept for ever, whether or not anything was done. `because` is a code with words in French and
English; the losses, certainties and facts used are the guard's own figures, not a retelling.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from terrain.core.act import Proposal
from terrain.core.fact import FactKey, SourceKind
from terrain.core.identifier import CustomerKey
from terrain.core.word import Word


class Verdict(Word):
    """What to do with a proposal. For ties, the gentler one: hold, ask, hand, act."""

    HOLD = "hold"
    ASK = "ask"
    HAND = "hand"
    ACT = "act"


# With one of these something is done to the customer: an act, or a question.
DONE_TO = (Verdict.ACT, Verdict.ASK)


class Hold(Word):
    """The three forms of holding (`guard.md` section 4)."""

    UNTIL = "until"
    UNTIL_CHANGE = "until_change"
    FORBID = "forbid"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one gate said, as the proof the law asks for: rule, version, inputs, words' code.

    `verdict` is ok, hold_until, hold, hand or forbid; `until` belongs to the second.
    """

    rule: str
    version: str
    verdict: str
    because: str
    inputs: dict[str, Any] = {}
    until: datetime | None = None


class UsedFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact the decision relied on, as it was believed at that moment."""

    key: FactKey
    value: Any
    confidence: float
    source: str
    kind: SourceKind | None
    since: datetime | None
    disputed: bool = False
    assumed: bool = False
    words: str = ""


class NearestChange(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of one input that would have turned the verdict (GDPR-22-c)."""

    of: str
    to: Any
    verdict: Verdict


class Weighing(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `guard.md` section 2.

    `needs` is (H+I)/(H+B); `turning` the certainty at which ACT would have been the smallest loss given
    everything else (None where no certainty would do).
    """

    certainty: float
    needs: float
    turning: float | None
    harm: float
    benefit: float
    intrusion: float
    silence: float
    losses: dict[str, float]
    weakest: FactKey | None = None
    close_call: bool = False
    nearest: NearestChange | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict, for ever. `seq` is its place among all decisions about this customer, given when it is kept."""

    decision_id: int
    key: CustomerKey
    at: datetime
    verdict: Verdict
    because: str
    proposal: Proposal
    hold: Hold | None = None
    until: datetime | None = None
    values: dict[str, Any] = {}
    gates: tuple[Said, ...] = ()
    facts: tuple[UsedFact, ...] = ()
    weighing: Weighing | None = None
    seq: int = 0
    settings_version: int = 0
    law_version: str = ""
    catalogue_version: str = ""
