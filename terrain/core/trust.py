"""Which map lies: how often what a source says of a fact turned out wrong.

Promise: only what was put to the test counts. A claim that nobody ever confirmed or contradicted says
nothing about its source, and a handful of tests does not condemn one.
"""

from __future__ import annotations

from math import sqrt

import msgspec

from terrain.core.fact import SourceKind
from terrain.core.settings import GuardSettings

_Z = 1.96


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one source's claims about one fact.

    `wrong_by_customer`: the customer corrected it, or says otherwise in the same year.
    `wrong_by_evidence`: it bounced or came back.
    """

    source: str
    kind: SourceKind
    fact: str
    said: int
    right: int
    wrong_by_customer: int
    wrong_by_evidence: int

    @property
    def wrong(self) -> int:
        """Return how many claims turned out wrong."""
        return self.wrong_by_customer + self.wrong_by_evidence

    @property
    def tested(self) -> int:
        """Return how many claims were put to the test at all."""
        return self.right + self.wrong

    @property
    def share_wrong(self) -> float | None:
        """Return the share of tested claims that were wrong; None where none was tested."""
        return self.wrong / self.tested if self.tested else None

    def at_least_wrong(self) -> float:
        """Return the share that is wrong for (nearly) sure, few as the tests may be (Wilson)."""
        n = self.tested
        if not n:
            return 0.0
        p = self.wrong / n
        middle = p + _Z**2 / (2 * n)
        spread = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, (middle - spread) / (1 + _Z**2 / n))

    def is_believed_too_much(self, settings: GuardSettings) -> bool:
        """Tell whether it is wrong more often than the guard supposes of its kind."""
        return self.at_least_wrong() > 1 - settings.source_quality[self.kind]


def worst_first(trusts: list[Trust]) -> list[Trust]:
    """Return those first of whom it is surest that they are wrong most often."""
    return sorted(trusts, key=lambda each: (-each.at_least_wrong(), each.source, each.fact))
