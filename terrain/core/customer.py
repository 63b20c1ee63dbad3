"""One customer as the house knows them at one moment: everything that deciding needs, in one value.

A customer is a survivor and its aliases read together (`scale.md` R6): `key` is the survivor, `nodes` all of
them. Beliefs are derived from claims and evidence when they are needed (`core/belief.py`), never stored.
"""

from __future__ import annotations

import msgspec

from terrain.core.act import Contact
from terrain.core.consent import Consent
from terrain.core.fact import Claim, Evidence, FactKey
from terrain.core.identifier import CustomerKey, Identifier
from terrain.core.question import Question
from terrain.core.run import Run


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """One customer. `contacts` and `questions` reach 90 days back; `runs` are the live ones.

    `suppressed` holds `channel:purpose` pairs found on the suppression list (`email:prospecting`, or
    `email:*` for an address that must not be used at all).
    """

    key: CustomerKey
    nodes: tuple[CustomerKey, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    claims: dict[FactKey, tuple[Claim, ...]] = {}
    evidence: dict[FactKey, tuple[Evidence, ...]] = {}
    consents: tuple[Consent, ...] = ()
    contacts: tuple[Contact, ...] = ()
    questions: tuple[Question, ...] = ()
    runs: tuple[Run, ...] = ()
    suppressed: frozenset[str] = frozenset()
    seq: int = 0

    @property
    def every_node(self) -> tuple[CustomerKey, ...]:
        """Under which nodes their rows stand: the survivor's alone where nothing was joined to it."""
        return self.nodes or (self.key,)
