"""Whether those who are treated and those held out are alike, as the page of a watch shows it."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from terrain.console.house import house
from terrain.console.record import record
from terrain.console.trait_words import in_words, trait_said, value_said
from terrain.core.alike import Stratum, told
from terrain.core.contrast import Value
from terrain.core.watch import Watch
from terrain.flow import alike
from terrain.flow.alike import Groups
from terrain.flow.finding import sentences


class Kinds(NamedTuple):
    """One trait by which the groups differ, and each kind of people by itself, as one calls them."""

    trait: str
    strata: list[tuple[str, Stratum]]


class Shown(NamedTuple):
    """What is said of both groups, and the table behind it."""

    looked_at: Groups
    said: list[str]
    kinds: list[Kinds]


def groups(request: HttpRequest, watch: Watch) -> Shown | None:
    """Return what there is to say of both groups; nothing for a watch that does not compare."""
    if not watch.compares:
        return None
    catalogue, language = house(record()).catalogue, request.language
    found = alike.groups(record(), watch, request.now, catalogue, settings.TERRAIN)
    _, lines = in_words((), told(found.unalike), language, catalogue)
    kinds = [
        Kinds(
            trait_said(each.trait, language, catalogue),
            [
                (value_said(Value(each.trait, one.value), language, catalogue), one)
                for one in each.strata
            ],
        )
        for each in found.unalike
    ]
    zone = ZoneInfo(settings.TERRAIN.time_zone)
    return Shown(looked_at=found, said=sentences(lines, language, zone), kinds=kinds)
