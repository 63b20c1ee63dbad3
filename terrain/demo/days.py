"""What happens in the shop, day by day: orders, deliveries, guesses, complaints, moves.

Promise: pure. `unfold` lives a life up to a moment and returns what systems and people say about
it; the same life up to the same moment always says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from terrain.demo import wire
from terrain.demo.life import (
    Life,
    Next,
    Planned,
    changes_filter,
    days_until,
    felt,
    hours_until,
    lucky,
    moment,
    mounts,
    planned,
    speaks,
    uses_it,
)
from terrain.demo.wire import Told
from terrain.demo.world import FILTER, Errand, Person

FASTER_PARCEL = "faster-parcel"
MONEY_BACK_AFTER = timedelta(hours=30)


def begin(person: Person) -> Life:
    """Return a life before its first day, with what does not depend on anybody planned."""
    plan = [Planned(at=moment(person.joined, 18), what="joins")]
    plan += [
        Planned(at=moment(each.on, 19), what="orders_shoes", about={"errand": each})
        for each in person.errands
    ]
    if person.buys_filters:
        plan.append(Planned(at=moment(person.joined, 18, 5), what="buys_filters"))
    if person.buys_early_on:
        plan.append(Planned(at=moment(person.buys_early_on, 20), what="buys_filters"))
    if person.complains_on:
        about = {"about": "the invoice"}
        plan.append(Planned(at=moment(person.complains_on, 9), what="complains", about=about))
    if person.platform_says:
        day = person.joined + timedelta(days=20)
        plan.append(Planned(at=moment(day, 3), what="platform_guesses"))
    if person.says_pet_on:
        plan.append(Planned(at=moment(person.says_pet_on, 21), what="says_pet"))
    if person.truth.moves_on:
        plan.append(Planned(at=moment(person.truth.moves_on, 12), what="moves_house"))
    return planned(Life(person=person), *plan)


def unfold(life: Life, until: datetime) -> Next:
    """Live up to this moment."""
    told: list[Told] = []
    while life.plan and life.plan[0].at <= until:
        now, life = life.plan[0], msgspec.structs.replace(life, plan=life.plan[1:])
        after = WHAT_HAPPENS[now.what](life, now)
        life = after.life
        told += after.told
    return Next(life=life, told=tuple(told))


def _joins(life: Life, now: Planned) -> Next:
    told = [wire.signs_up(life.person, now.at)]
    if life.person.agrees:
        told.append(wire.agrees(life.person, now.at))
    return Next(life=life, told=tuple(told))


def _speaks(life: Life, now: Planned) -> Next:
    return Next(life=life, told=(now.about["told"],))


def _buys_filters(life: Life, now: Planned) -> Next:
    if not uses_it(life, now.at):
        return Next(life=life)
    number = life.bought + 1
    order = f"F-{life.person.user_id}-{number}"
    items = [{"sku": FILTER, "quantity": life.person.buys_filters, "price": 19.9}]
    life = msgspec.structs.replace(life, bought=number)
    arrives = moment((now.at + days_until(life, 3, 6, order)).date(), 11)
    life = planned(
        felt(life, now.at, "bought_filters"),
        Planned(at=arrives, what="filters_arrive", about={"order": order, "items": items}),
    )
    return Next(life=life, told=(wire.orders(life.person, now.at, order, items),))


def _filters_arrive(life: Life, now: Planned) -> Next:
    order, items = now.about["order"], now.about["items"]
    told = wire.delivered(life.person, now.at, order, items)
    life = msgspec.structs.replace(life, drawer=life.drawer + items[0]["quantity"])
    life = _perhaps_complains(life, now.at, order)
    # The carrier says "delivered" at eleven; she opens the parcel in the evening.
    if life.spent_at is None and uses_it(life, now.at):
        life = mounts(life, now.at + timedelta(hours=8))
    return Next(life=life, told=(told,))


def _filter_is_spent(life: Life, now: Planned) -> Next:
    if life.spent_at != now.about["spent_at"] or not uses_it(life, now.at):
        return Next(life=life)
    notices = lucky(life, life.person.truth.notices, "notices", now.at)
    wait = days_until(life, 0, 20, now.at) if notices else days_until(life, 45, 150, now.at)
    return Next(life=planned(life, Planned(at=now.at + wait, what="thinks_of_it", about=now.about)))


def _thinks_of_it(life: Life, now: Planned) -> Next:
    if life.spent_at != now.about["spent_at"] or not uses_it(life, now.at):
        return Next(life=life)
    return Next(life=changes_filter(life, now.at))


def _orders_shoes(life: Life, now: Planned) -> Next:
    errand: Errand = now.about["errand"]
    items = [{"sku": errand.sku, "quantity": 1, "price": 89.0}]
    about = {"errand": errand, "items": items}
    more = [Planned(at=moment(errand.promised, 11), what="shoes_arrive", about=about)]
    if errand.sooner:
        tomorrow = errand.on + timedelta(days=1)
        more.append(Planned(at=moment(tomorrow, 6, 30), what="could_go_faster", about=about))
    told = wire.orders(life.person, now.at, errand.order, items)
    return Next(life=planned(life, *more), told=(told,))


def _could_go_faster(life: Life, now: Planned) -> Next:
    told = wire.could_go_faster(life.person, now.at, now.about["errand"])
    return Next(life=felt(life, now.at, "could_go_faster"), told=(told,))


def _shoes_arrive(life: Life, now: Planned) -> Next:
    errand: Errand = now.about["errand"]
    sooner = bool(now.about.get("sooner"))
    if sooner and errand.away:
        return _comes_back(life, now.at, errand)
    if sooner:
        mood = "sooner_and_glad" if errand.wants_sooner else "sooner_for_nothing"
        life = felt(life, now.at, mood, FASTER_PARCEL)
    told = [wire.delivered(life.person, now.at, errand.order, now.about["items"])]
    if sooner:
        told.append(wire.took_it_in(life.person, now.at, now.about["act_id"]))
    return Next(life=_perhaps_complains(life, now.at, errand.order), told=tuple(told))


def _comes_back(life: Life, at: datetime, errand: Errand) -> Next:
    """Nobody was home: the parcel goes back, and the carrier thinks the worse of the door."""
    life = speaks(life, wire.returned(life.person, at + timedelta(days=1), errand.order))
    life = speaks(life, wire.marked_as_a_risk(life.person, at + timedelta(days=2), errand.order))
    # The shop is naive, not mean: what comes back is paid back, before she has to ask.
    life = speaks(life, wire.refunded(life.person, at + MONEY_BACK_AFTER, errand.order))
    life = felt(life, at + MONEY_BACK_AFTER, "money_back", FASTER_PARCEL)
    life = felt(life, at, "parcel_went_back", FASTER_PARCEL)
    life = felt(life, at, "house_marked_as_a_risk", FASTER_PARCEL)
    if errand.last_pair:
        life = felt(life, at, "last_pair_lost", FASTER_PARCEL)
    home_again = moment(errand.promised, 17)
    about = {"about": errand.order, "automation": FASTER_PARCEL, "order": errand.order}
    return Next(life=_plans_a_complaint(life, home_again, about))


def _perhaps_complains(life: Life, at: datetime, order: str) -> Life:
    """A few parcels are late or crushed, whoever sent them and however."""
    if not lucky(life, 0.05, "complains", order):
        return life
    later = at + days_until(life, 1, 3, "complains", order)
    return _plans_a_complaint(life, later, {"about": order, "parcel": f"P-{order}"})


def _plans_a_complaint(life: Life, at: datetime, about: dict[str, Any]) -> Life:
    return planned(life, Planned(at=at, what="complains", about=about))


def _complains(life: Life, now: Planned) -> Next:
    number = f"K-{life.person.user_id}-{now.at:%Y%m%d}"
    matter = {noun: now.about[noun] for noun in ("order", "parcel") if noun in now.about}
    said = wire.complains(life.person, now.at, number, now.about["about"], **matter)
    closed = now.at + days_until(life, 6, 25, number) + hours_until(life, 0, 3, number)
    about = {"complaint": number, "about": now.about["about"]}
    life = felt(life, now.at, "complained", now.about.get("automation", ""))
    life = msgspec.structs.replace(life, complaint=number)
    return Next(
        life=planned(life, Planned(at=closed, what="is_content", about=about)), told=(said,)
    )


def _is_content(life: Life, now: Planned) -> Next:
    complaint, about = now.about["complaint"], now.about["about"]
    if life.complaint == complaint:
        life = msgspec.structs.replace(life, complaint="")
    return Next(life=life, told=(wire.is_content(life.person, now.at, complaint, about),))


def _platform_guesses(life: Life, now: Planned) -> Next:
    said = wire.identify(life.person, now.at, wire.PLATFORM, {"pet": life.person.platform_says})
    return Next(life=life, told=(said,))


def _says_pet(life: Life, now: Planned) -> Next:
    said = wire.identify(life.person, now.at, wire.CUSTOMER, {"pet": life.person.truth.pet})
    return Next(life=life, told=(said,))


def _moves_house(life: Life, now: Planned) -> Next:
    """She moves, and tells the shop with her next order, as people do."""
    person = msgspec.structs.replace(life.person, address=life.person.next_address)
    life = felt(life, now.at, "moved_house")
    return Next(life=msgspec.structs.replace(life, person=person))


WHAT_HAPPENS: dict[str, Callable[[Life, Planned], Next]] = {
    "joins": _joins,
    "speaks": _speaks,
    "buys_filters": _buys_filters,
    "filters_arrive": _filters_arrive,
    "filter_is_spent": _filter_is_spent,
    "thinks_of_it": _thinks_of_it,
    "orders_shoes": _orders_shoes,
    "could_go_faster": _could_go_faster,
    "shoes_arrive": _shoes_arrive,
    "complains": _complains,
    "is_content": _is_content,
    "platform_guesses": _platform_guesses,
    "says_pet": _says_pet,
    "moves_house": _moves_house,
}
