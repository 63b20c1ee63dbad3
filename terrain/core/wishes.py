"""How and when a customer wants to be reached, and what they stopped: wishes, read from their own words.

Promise: what they chose last holds, whichever page or system carried it; a wish that cannot be read
binds nobody and breaks nothing.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from terrain.core.claims import latest, said_when
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import Claim, FactKey
from terrain.core.hours import Windows, minutes, week_without
from terrain.core.settings import EVERY_DAY
from terrain.core.word import Word

EVERYTHING = "all"
PROSPECTING = Purpose.PROSPECTING.value
# The ways to reach a person about which they may choose; the others ring or blink nowhere.
CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.CALL, Channel.POST)
_DAY = 24 * 60


class ByChannel(Word):
    """For what somebody may be reached by one channel."""

    ANY = "any"
    SERVICE = "service"  # their orders, their questions; no prospecting
    NONE = "none"


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chose for one channel; `since` is None where nobody chose anything."""

    channel: Channel
    wish: ByChannel = ByChannel.ANY
    claim: Claim | None = None


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody stopped: an automation, all prospecting, or everything."""

    name: str
    claim: Claim


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer asked for and what holds until they say otherwise."""

    absence: Claim | None = None
    quiet: Claim | None = None
    channels: tuple[Chosen, ...] = ()
    stops: tuple[Stopped, ...] = ()
    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def stopped(self) -> tuple[str, ...]:
        return tuple(stop.name for stop in self.stops)

    @property
    def stopped_all(self) -> bool:
        return EVERYTHING in self.stopped

    @property
    def stopped_prospecting(self) -> bool:
        return self.stopped_all or PROSPECTING in self.stopped


def wishes(customer: Customer) -> Wishes:
    """Return what the customer asked for."""
    return Wishes(
        absence=last(customer, FactKey("wish.absence")),
        quiet=_quiet(customer),
        channels=tuple(_chosen(customer, channel) for channel in CHANNELS),
        stops=tuple(
            Stopped(name=claim.key.about, claim=claim) for claim in _holding(customer, "wish.stop")
        ),
        always=tuple(claim.key.about for claim in _holding(customer, "wish.always")),
        never=tuple(claim.key.about for claim in _holding(customer, "wish.never")),
    )


def keeps_away(wish: object, purpose: Purpose) -> bool:
    """Say whether somebody who chose this does not want an act of this purpose by that channel."""
    if wish == ByChannel.NONE:
        return True
    return wish == ByChannel.SERVICE and purpose is Purpose.PROSPECTING


def week_of_quiet(wish: object) -> tuple[Windows, ...] | None:
    """Return when somebody may be reached who asked for quiet, or None where that cannot be read.

    `{from: "20:00", until: "08:00", days: [sun]}`: these hours of each day, and these days whole.
    """
    if not isinstance(wish, dict):
        return None
    days, start, end = wish.get("days"), wish.get("from"), wish.get("until")
    if not _are_days(days) or (start is None) is not (end is None) or not (days or start):
        return None
    return _week(str(start or ""), str(end or ""), tuple(days or ()))


def last(customer: Customer, key: FactKey) -> Claim | None:
    """Return what was said last about a wish, also where it is that there is none any more."""
    return max(customer.claims.get(key, ()), key=said_when, default=None)


def _are_days(days: object) -> bool:
    return days is None or (isinstance(days, list) and all(day in EVERY_DAY for day in days))


@lru_cache(maxsize=256)
def _week(start: str, end: str, days: tuple[str, ...]) -> tuple[Windows, ...] | None:
    if not start:
        return tuple(() if day in days else ((0, _DAY),) for day in EVERY_DAY)
    try:
        first, behind = minutes(start), minutes(end)
    except ValueError:
        return None
    if not (0 <= first <= _DAY and 0 <= behind <= _DAY):
        return None
    return week_without(first, behind, days)


def _quiet(customer: Customer) -> Claim | None:
    claim = latest(customer, FactKey("wish.quiet_hours"))
    return claim if claim and week_of_quiet(claim.value) is not None else None


def _chosen(customer: Customer, channel: Channel) -> Chosen:
    claim = latest(customer, FactKey("wish.channel", channel.value))
    wish = next((each for each in ByChannel if claim and each == claim.value), None)
    return Chosen(channel=channel, wish=wish, claim=claim) if wish else Chosen(channel=channel)


def _holding(customer: Customer, fact: str) -> list[Claim]:
    """Return each wish of this kind that still holds."""
    keys = sorted(key for key in customer.claims if key.fact == fact)
    return [claim for key in keys if (claim := last(customer, key)) and claim.value]
