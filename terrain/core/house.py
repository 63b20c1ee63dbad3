"""Everything deciding needs besides the customer: names, automations, rules. One value, the same for a whole turn.

Workers read it from the reference tables, and again when those moved (`flow/house.py`); replay and tests make one
by hand. Whether an automation is paused is part of it for proposing, and asked once more, in the
database, at the moment an act leaves.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from terrain.core.act import Reach
from terrain.core.automation import Automation
from terrain.core.breaker import Alarm
from terrain.core.catalogue import Catalogue
from terrain.core.fact import SourceKind
from terrain.core.law import Law
from terrain.core.settings import GuardSettings


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """Whose automations these are: what every message says, and what law and clock hold by default."""

    name: str = "Terrain"
    country: str = "FR"
    time_zone: str = "Europe/Paris"
    language: str = "fr"
    address: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The clock by which the company lives."""
        return ZoneInfo(self.time_zone)


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """How far an automation goes that another system runs: its furthest act, and whether it writes mail."""

    reach: Reach
    by_mail: bool = False

    def joined(self, other: Outside) -> Outside:
        """Return the furthest of both."""
        reaches = list(Reach)
        furthest = max(self.reach, other.reach, key=reaches.index)
        return Outside(reach=furthest, by_mail=self.by_mail or other.by_mail)


class House(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Reference data. `versions` holds every version that a run may still stand on, `live` the current ones.

    `canaries` go on again after a stop, each for the share of customers that it may reach so far. What is `outside`
    another system runs, and says what it did.
    `secret` is the key under which the suppression list keeps its hashes, `alarm` how people are told of a stop;
    deciding never looks at them.
    """

    catalogue: Catalogue
    law: Law
    settings: GuardSettings
    company: Company = Company()
    versions: dict[tuple[str, int], Automation] = {}
    live: dict[str, Automation] = {}
    paused: frozenset[str] = frozenset()
    canaries: dict[str, float] = {}
    outside: dict[str, Outside] = {}
    sources: dict[str, SourceKind] = {}
    secret: str = ""
    alarm: Alarm = Alarm()
    reference_version: int = 0

    def knows(self, automation: str) -> bool:
        """Say whether an automation of this name ran here, or is watched: others give their acts any name."""
        known = automation in self.live or automation in self.outside
        return known or (automation, 1) in self.versions

    def kind_of(self, source: str) -> SourceKind:
        """How far a source is to be believed; one that nobody declared counts as a third party."""
        return self.sources.get(source, SourceKind.THIRD_PARTY)

    def is_a_page(self, source: str) -> bool:
        """Say whether anybody may speak as this source: the key of a page is read by whoever looks into it."""
        return self.kind_of(source) is SourceKind.BEHAVIOUR
