"""Harm and value, added up from what people really felt: the two columns of the report.

Promise: pure, and on the guard's own scale, but with the truth in the place of a probability. The
careful and the naive shop are counted by the same table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from terrain.demo.life import Life

# Reach x undo x moment of `guard.md` 2: what it costs the customer when the assumption was wrong.
HARM = {
    "reminded_wrongly": 1,  # inbox, undone by a click
    "reminded_too_soon": 1,
    "contacted_during_a_complaint": 2,  # the same, at an important moment
    "annoyed": 1,
    "parcel_went_back": 120,  # home x easily x important
    "last_pair_lost": 480,  # home x never x important, beyond the parcel that went back
}
# The declared benefit, where it really was one: useful 3, important 10.
VALUE = {"reminded_in_time": 3, "sooner_and_glad": 10}
SHOWN = (
    *("reminded", "reminded_in_time", "reminded_too_soon", "reminded_wrongly"),
    *("contacted_during_a_complaint", "called_it_spam", "stopped", "moved_the_date"),
    *("could_go_faster", "asked", "answered", "sped_up", "sooner_and_glad"),
    *("sooner_for_nothing", "parcel_went_back", "money_back", "house_marked_as_a_risk"),
    "last_pair_lost",
    *("complained", "bought_filters", "days_of_stale_water"),
)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What one shop did to its customers."""

    felt: dict[str, int]
    complaints_caused: int = 0

    @property
    def harm(self) -> int:
        return sum(points * self.felt.get(what, 0) for what, points in HARM.items())

    @property
    def value(self) -> int:
        return sum(points * self.felt.get(what, 0) for what, points in VALUE.items())


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The careful shop beside the naive one."""

    careful: Account
    naive: Account

    @property
    def harm_avoided(self) -> float:
        return 1 - self.careful.harm / self.naive.harm if self.naive.harm else 0.0

    @property
    def value_kept(self) -> float:
        return self.careful.value / self.naive.value if self.naive.value else 1.0


def account_of(lives: Iterable[Life], automation: str = "") -> Account:
    """Add up what was felt, all of it or what one automation did."""
    felt: Counter[str] = Counter()
    caused = 0
    for life in lives:
        for each in life.felt:
            if automation and each.automation != automation:
                continue
            felt[each.what] += each.count
            caused += each.what == "complained" and bool(each.automation)
    return Account(felt=dict(felt), complaints_caused=caused)
