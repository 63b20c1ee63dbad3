"""Story 8: one automation is changed for the worse, complaints rise, and it is stopped before many are hurt.

Promise: nothing is written past the door. Those who buy a bottle are a few customers more than the report
counts; what they say they say as everybody does, and the breaker is the one that every shop has.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.demo import wire
from terrain.demo.chance import between, happens, pick
from terrain.demo.days import begin
from terrain.demo.life import Life, moment, speaks
from terrain.demo.reactions import BOTTLE_CARE
from terrain.demo.shop import EXAMPLES, written
from terrain.demo.world import FIRST_NAMES, LAST_NAMES, Person

SEED = "bottles"
THE_BOTTLE = [{"sku": "bottle-a", "quantity": 1, "price": 24.0}]
# Two a day for three months, and four a day since the change: it came with an offer.
DAYS_BEFORE, A_DAY_BEFORE = 90, 2
DAYS_SINCE, A_DAY_SINCE = 24, 4


def lives(today: date) -> list[Life]:
    """Return the lives of those who order a bottle, each once."""
    return [_life(number, day) for number, day in enumerate(_days_of_orders(today))]


def changes_at(today: date) -> datetime:
    """Return when somebody thought that people rather read what comes on the day of the order."""
    return moment(today - timedelta(days=DAYS_SINCE), 7)


def text() -> str:
    """Return the automation as it was changed: the letter says that the bottle is here, and it is not."""
    good = (EXAMPLES / "automations" / f"{BOTTLE_CARE}.yaml").read_text()
    return good.replace("when: order.delivered", "when: order.placed")


def changed(catalogue: Catalogue) -> Automation:
    """Return what stands in that file."""
    return written(text(), BOTTLE_CARE, catalogue)


def _days_of_orders(today: date) -> Iterator[date]:
    for ago in range(DAYS_BEFORE + DAYS_SINCE, 0, -1):
        a_day = A_DAY_BEFORE if ago > DAYS_SINCE else A_DAY_SINCE
        yield from [today - timedelta(days=ago)] * a_day


def _life(number: int, day: date) -> Life:
    person = _person(number, day)
    order = f"B-{person.user_id}"
    arrives = moment(day + timedelta(days=between(3, 5, SEED, number, "arrives")), 11)
    # Everybody orders at another minute of the evening.
    ordered = moment(day, 19, number % 60)
    said = (
        wire.orders(person, ordered, order, THE_BOTTLE),
        wire.delivered(person, arrives, order, THE_BOTTLE),
    )
    life = begin(person)
    for each in said:
        life = speaks(life, each)
    return life


def _person(number: int, day: date) -> Person:
    last = pick(LAST_NAMES, SEED, number, "last")
    address = f"{between(1, 120, SEED, number, 'n')} rue du Moulin, 35000 Rennes"
    return Person(
        user_id=f"b{number:04d}",
        first_name=pick(FIRST_NAMES, SEED, number, "first"),
        last_name=last,
        email=f"bottle.{number:04d}@example.org",
        language="en" if happens(0.15, SEED, number, "language") else "fr",
        address=address,
        next_address=address,
        joined=day,
    )
