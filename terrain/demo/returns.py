"""What no automation serves in the shop: sending shoes back by a form (the tenth story), and good advice.

Promise: pure. Who gives up gives up in truth; the shop sees a form that costs next to nothing and calls
nobody, and an adviser who costs nine euros a time. What is told is what a form and a desk could tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from terrain.core import seen as counting
from terrain.core import served
from terrain.core.act import Benefit
from terrain.core.identifier import id_from
from terrain.core.process import Process, Said, SeenNeeds, Served
from terrain.core.served import Need
from terrain.demo import wire
from terrain.demo.chance import between, happens
from terrain.demo.life import moment
from terrain.demo.wire import SHOP, SUPPORT, Told
from terrain.demo.world import EIGHTEEN_MONTHS, Errand, Person

# One pair in five does not fit; of those who want to send it back, one in five gets nowhere.
DOES_NOT_FIT, GIVES_UP = 0.2, 0.2
WRITES_AGAIN, ASKS_FOR_A_PERSON, COMPLAINS = 0.15, 0.3, 0.05
FIELDS = 14
# Three in ten ask somebody before they choose; nearly all of them find a shoe that fits.
IS_ADVISED, ADVICE_HELPS, ADVICE_IS_CONFIRMED = 0.3, 0.93, 0.5
_DAYS_A_YEAR = 365

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
ADVICE = "advice"


def told(everybody: Iterable[Person], seed: str) -> list[Told]:
    """Return all that the form and the desk tell, in order of time."""
    said = [
        each
        for person in everybody
        for errand in person.errands
        for each in (*_advised(person, errand, seed), *_sent_back(person, errand, seed))
    ]
    return sorted(said, key=lambda each: each.order)


def seen_returns(everybody: Iterable[Person], seed: str) -> SeenNeeds:
    """Return what was counted of the form."""
    counts = served.count(_needs(told(everybody, seed)))
    light = counting.light_of(THE_FORM, [counts], counts["needs"] * _DAYS_A_YEAR / EIGHTEEN_MONTHS)
    found = counting.seen(THE_FORM, counts, light)
    assert isinstance(found, SeenNeeds)  # who sends shoes back has a need
    return found


def _needs(said: Iterable[Told]) -> list[Need]:
    """Return the needs of the form as the record would keep them."""
    found: dict[str, Need] = {}
    for each in said:
        one = served.heard(each.message["event"], each.message["properties"], each.at)
        if one is None or one.process != THE_FORM.name:
            continue
        was = found.get(one.need)
        if was is None:
            found[one.need] = Need(first=one)
        elif one.outcome is None:
            found[one.need] = msgspec.structs.replace(was, complained_at=one.complained_at)
        else:
            found[one.need] = msgspec.structs.replace(was, again=was.again + 1)
    return list(found.values())


def _sent_back(person: Person, errand: Errand, seed: str) -> Iterator[Told]:
    if not happens(DOES_NOT_FIT, seed, person.user_id, errand.order, "does not fit"):
        return
    about = (seed, person.user_id, errand.order)
    gave_up = happens(GIVES_UP, *about, "gives up")
    at = moment(errand.promised + timedelta(days=2), 18)
    need = f"return-{errand.order}"
    said = {
        "process": THE_FORM.name,
        "need": need,
        "outcome": "dead_end" if gave_up else "done",
        "minutes": between(2, 9, *about, "minutes"),
        "fields": FIELDS,
        "sign_ins": 1,
        "asked_for_a_person": happens(ASKS_FOR_A_PERSON, *about, "asks for a person"),
    }
    yield wire.need_served(person, at, SHOP, said)
    if not gave_up and happens(WRITES_AGAIN, *about, "writes again"):
        yield wire.need_served(person, at + timedelta(days=4), SHOP, said)
    if gave_up and happens(COMPLAINS, *about, "complains of the form"):
        yield from _complains(person, at + timedelta(days=1), need)


def _complains(person: Person, at: datetime, need: str) -> Iterator[Told]:
    number = f"K-form-{id_from(at, person.user_id)}"
    about = {"process": THE_FORM.name, "need": need, "return": need}
    yield wire.complains(person, at, number, need, **about)
    yield wire.is_content(person, at + timedelta(days=5), number, need)


def _advised(person: Person, errand: Errand, seed: str) -> Iterator[Told]:
    about = (seed, person.user_id, errand.order)
    if not happens(IS_ADVISED, *about, "asks for advice"):
        return
    outcome = "solved" if happens(ADVICE_IS_CONFIRMED, *about, "says it helped") else "done"
    helps = happens(ADVICE_HELPS, *about, "advice helps")
    waits = between(0, 3, *about, "waits")
    said = {
        "process": ADVICE,
        "need": f"advice-{errand.order}",
        "outcome": outcome if helps else "gave_up",
        "minutes": waits + between(2, 6, *about, "talks"),
        "offered_a_person": True,
        "asked_for_a_person": True,
        "person_after": waits,
    }
    yield wire.need_served(person, moment(errand.on, 10), SUPPORT, said)
