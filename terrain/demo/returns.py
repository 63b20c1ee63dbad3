"""The tenth story: shoes that do not fit can be sent back by a form, and by nothing else.

Promise: pure. Who gives up gives up in truth; the shop sees a form that costs next to nothing and calls
nobody. What is counted is what a record could count: forms begun, ended, asked about again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from terrain.core.act import Benefit
from terrain.core.effort import Effort
from terrain.core.meter import Cohort
from terrain.core.process import (
    APerson,
    CameBack,
    Process,
    Said,
    SeenNeeds,
    Served,
)
from terrain.core.signal import Signal
from terrain.demo.chance import between, happens
from terrain.demo.measured import light_of
from terrain.demo.world import Errand, Person

# One pair in five does not fit; of those who want to send it back, one in five gets nowhere.
DOES_NOT_FIT, GIVES_UP = 0.2, 0.2
WRITES_AGAIN, ASKS_FOR_A_PERSON, COMPLAINS = 0.15, 0.3, 0.05
FIELDS = 14

THE_FORM = Process(
    name="return-form",
    served=Served.SELF_SERVICE,
    words={
        "en": "Send shoes back that do not fit.",
        "fr": "Renvoyer des chaussures qui ne vont pas.",
    },
    owner="camille.roux@example.org",
    benefit=Benefit.USEFUL,
    only_way=True,
    effort=Said(value=15),
)


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """One pair that somebody wanted to send back."""

    gave_up: bool
    wrote_again: bool
    asked: bool
    complained: bool
    minutes: int


def returns(everybody: Iterable[Person], seed: str) -> Iterator[Return]:
    for person in everybody:
        for errand in person.errands:
            if happens(DOES_NOT_FIT, seed, person.user_id, errand.order, "does not fit"):
                yield _tried(person, errand, seed)


def seen_returns(everybody: Iterable[Person], seed: str) -> SeenNeeds:
    """Return what was counted of the form."""
    tried = list(returns(everybody, seed))
    again = sum(each.wrote_again for each in tried)
    return SeenNeeds(
        needs=len(tried),
        quiet=sum(not each.gave_up and not each.wrote_again for each in tried),
        repeated=again,
        contained=len(tried),  # nobody ever spoke with a person: there is none to speak with
        falsely_contained=sum(each.gave_up or each.wrote_again for each in tried),
        dead_ends=sum(each.gave_up for each in tried),
        effort=_effort(tried, again),
        person=APerson(asked=sum(each.asked for each in tried)),
        came_back=_came_back(tried),
    )


def _tried(person: Person, errand: Errand, seed: str) -> Return:
    about = (seed, person.user_id, errand.order)
    gave_up = happens(GIVES_UP, *about, "gives up")
    return Return(
        gave_up=gave_up,
        wrote_again=not gave_up and happens(WRITES_AGAIN, *about, "writes again"),
        asked=happens(ASKS_FOR_A_PERSON, *about, "asks for a person"),
        complained=gave_up and happens(COMPLAINS, *about, "complains of the form"),
        minutes=between(2, 9, *about, "minutes"),
    )


def _effort(tried: Sequence[Return], again: int) -> Effort:
    return Effort(
        waited=sum(each.minutes for each in tried),
        contacts_again=again,
        fields=FIELDS * len(tried),
        sign_ins=len(tried),
    )


def _came_back(tried: Sequence[Return]) -> CameBack:
    complaints = sum(each.complained for each in tried)
    cohorts = {Signal.COMPLAINT: [Cohort(len(tried), complaints)]}
    return CameBack(
        signals={Signal.COMPLAINT: complaints}, hurt=complaints, light=light_of(THE_FORM, cohorts)
    )
