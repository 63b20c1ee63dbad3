"""What an act does to the customer it reaches, and what she says about it, if anything.

Promise: pure. She reacts to what really is so, not to what Terrain believes: an act that assumed
something wrong is felt as wrong, whoever weighed it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from terrain.core.aftercare import DESK
from terrain.core.automation import Offer
from terrain.demo import wire
from terrain.demo.days import FASTER_PARCEL
from terrain.demo.life import (
    Life,
    Planned,
    felt,
    hours_until,
    lucky,
    moment,
    planned,
    speaks,
    uses_it,
)
from terrain.demo.world import FILTER, FILTER_LIFE, Errand

FILTER_REMINDER = "filter-reminder"
BOTTLE_CARE = "bottle-care"
# Sooner than this before the filter is used up, a reminder is only a nuisance.
TOO_SOON = timedelta(days=25)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """An act as the customer meets it: `kind` is reminder, question, announcement or change."""

    kind: str
    automation: str
    act_id: int
    at: datetime
    subject: str = ""
    order: str = ""
    question_id: int = 0
    offers: tuple[str, ...] = ()


def react(life: Life, deed: Deed) -> Life:
    """Return the life after this act; what she says about it is planned for when she says it."""
    return _TO_ONE_OF.get(deed.automation, REACTIONS[deed.kind])(life, deed)


def _to_a_reminder(life: Life, deed: Deed) -> Life:
    life = felt(life, deed.at, "reminded", deed.automation)
    if life.complaint:
        life = felt(life, deed.at, "contacted_during_a_complaint", deed.automation)
    if not lucky(life, life.person.truth.reads_mail, "reads", deed.subject, deed.at):
        return life
    read_at = deed.at + hours_until(life, 1, 30, deed.subject)
    if life.complaint or life.person.truth.dislikes_contact:
        life = _is_annoyed(life, deed, read_at)
    if not uses_it(life, deed.at):
        return _no_longer_uses_it(life, deed, read_at)
    if life.spent_at is not None and life.spent_at - read_at > TOO_SOON:
        return _it_lasts_longer(life, deed, read_at)
    return _it_was_time(life, deed, read_at)


def _it_was_time(life: Life, deed: Deed, at: datetime) -> Life:
    if life.spent_at is None:  # the new ones are already on their way
        return felt(life, at, "reminded_for_nothing", deed.automation)
    life = felt(life, at, "reminded_in_time", deed.automation)
    # Not all who are glad of it click; some just change the filter.
    if lucky(life, 0.9, "clicks", deed.subject):
        life = speaks(life, wire.clicks(life.person, at, deed.act_id, "watch_how_to"))
    if lucky(life, 0.35, "judges", deed.subject):
        later = at + timedelta(minutes=20)
        life = speaks(life, wire.judges(life.person, later, deed.act_id, helped=True))
    about = {"spent_at": life.spent_at}
    soon = at + timedelta(hours=20)
    return planned(life, Planned(at=soon, what="thinks_of_it", about=about))


def _it_lasts_longer(life: Life, deed: Deed, at: datetime) -> Life:
    life = felt(life, at, "reminded_too_soon", deed.automation)
    may = Offer.MOVE_THE_DATE in deed.offers and bool(life.drawer)
    if not may or not lucky(life, 0.6, "moves the date", deed.subject):
        return life
    return _moves_the_next(life, deed, at)


def _moves_the_next(life: Life, deed: Deed, at: datetime) -> Life:
    """Tell the page when the one after this will really be used up."""
    order, _, unit = deed.subject.rpartition("/")
    if life.spent_at is None or not unit.isdigit():
        return life
    lasts = timedelta(days=round(FILTER_LIFE * life.person.truth.pace))
    to = (life.spent_at + lasts).date().isoformat()
    life = felt(life, at, "moved_the_date", deed.automation)
    subject = f"{order}/{int(unit) + 1}"
    return speaks(life, wire.moves_the_date(life.person, at, subject, deed.automation, to))


def _no_longer_uses_it(life: Life, deed: Deed, at: datetime) -> Life:
    life = felt(life, at, "reminded_wrongly", deed.automation)
    if lucky(life, 0.6, "corrects", deed.subject):
        return speaks(life, wire.corrects(life.person, at, "uses", FILTER, (True, False)))
    if lucky(life, 0.04, "spam", deed.subject):
        return _calls_it_spam(life, deed, at)
    return life


def _is_annoyed(life: Life, deed: Deed, at: datetime) -> Life:
    life = felt(life, at, "annoyed", deed.automation)
    if lucky(life, 0.12, "spam", deed.subject):
        return _calls_it_spam(life, deed, at)
    if lucky(life, 0.4, "stops", deed.subject):
        life = felt(life, at, "stopped", deed.automation)
        return speaks(life, wire.stops(life.person, at, deed.automation))
    return life


def _calls_it_spam(life: Life, deed: Deed, at: datetime) -> Life:
    life = felt(life, at, "called_it_spam", deed.automation)
    return speaks(life, wire.calls_it_spam(life.person, at, deed.act_id))


def _to_a_question(life: Life, deed: Deed) -> Life:
    life = felt(life, deed.at, "asked", deed.automation)
    errand = _errand(life, deed.order)
    # Six hours are short: who reads her mail at all may still not read it in time.
    reads = 0.85 * life.person.truth.reads_mail
    if errand is None or not lucky(life, reads, "answers", deed.order):
        return life
    at = deed.at + hours_until(life, 0, 5, deed.order)
    life = felt(life, at, "answered", deed.automation)
    answer = _what_she_says(life, errand)
    return speaks(life, wire.answers(life.person, at, deed.question_id, answer))


def _what_she_says(life: Life, errand: Errand) -> str:
    if errand.wants_sooner:
        # "Always" is said by those who are at home; those who are not always there seldom say it.
        is_always_home = not any(each.away for each in life.person.errands)
        says_always = lucky(life, 0.4 if is_always_home else 0.05, "always")
        return "always" if says_always else "yes"
    return "never" if lucky(life, 0.1, "never") else "no"


def _to_an_announcement(life: Life, deed: Deed) -> Life:
    life = felt(life, deed.at, "told_before", deed.automation)
    errand = _errand(life, deed.order)
    # An hour is very short, but some happen to look.
    reads = 0.3 * life.person.truth.reads_mail
    if errand is None or not errand.away or not lucky(life, reads, "objects", deed.order):
        return life
    at = deed.at + timedelta(minutes=40)
    life = felt(life, at, "objected_in_time", deed.automation)
    return speaks(life, wire.stops(life.person, at, deed.automation))


def _to_a_change(life: Life, deed: Deed) -> Life:
    """The warehouse has taken the earlier lorry: the parcel now arrives on the sooner day."""
    errand = _errand(life, deed.order)
    if errand is None or errand.sooner is None:
        return life
    others = tuple(each for each in life.plan if not _is_arrival_of(each, errand))
    arrival = [each for each in life.plan if _is_arrival_of(each, errand)]
    if not arrival:
        return life
    about = {**arrival[0].about, "sooner": True, "act_id": deed.act_id}
    life = felt(msgspec.structs.replace(life, plan=others), deed.at, "sped_up", FASTER_PARCEL)
    at = max(moment(errand.sooner, 11), deed.at + timedelta(hours=12))
    return planned(life, Planned(at=at, what="shoes_arrive", about=about))


def _to_a_word_about_the_bottle(life: Life, deed: Deed) -> Life:
    """Told that it is here when it is not, some believe it to be lost, and say so."""
    order = f"B-{life.person.user_id}"
    if not _is_still_to_come(life, order):
        if lucky(life, 0.3, "judges", order):
            at = deed.at + hours_until(life, 1, 30, order)
            return speaks(life, wire.judges(life.person, at, deed.act_id, helped=True))
        return life
    life = felt(life, deed.at, "told_what_is_not_so", deed.automation)
    if not lucky(life, 0.12, "looks for it", order):
        return life
    at = deed.at + hours_until(life, 2, 20, order)
    settled = at + timedelta(days=2)
    life = speaks(life, wire.complains(life.person, at, f"K-{order}", order, order=order))
    return speaks(life, wire.is_content(life.person, settled, f"K-{order}", order))


def _to_whether_it_helped(life: Life, deed: Deed) -> Life:
    """Asked after a talk whether it helped: some say so, and all were helped in this shop."""
    if not lucky(life, 0.35 * life.person.truth.reads_mail, "judges the desk", deed.at):
        return life
    at = deed.at + hours_until(life, 1, 30, "judges the desk", deed.at)
    return speaks(life, wire.judges(life.person, at, deed.act_id, helped=True))


def _is_still_to_come(life: Life, order: str) -> bool:
    return any(
        each.about["told"].message.get("event") == "order.delivered"
        and each.about["told"].message["properties"]["order"] == order
        for each in life.plan
        if each.what == "speaks"
    )


def _is_arrival_of(each: Planned, errand: Errand) -> bool:
    return each.what == "shoes_arrive" and each.about["errand"].order == errand.order


def _errand(life: Life, order: str) -> Errand | None:
    return next((each for each in life.person.errands if each.order == order), None)


REACTIONS: dict[str, Callable[[Life, Deed], Life]] = {
    "reminder": _to_a_reminder,
    "question": _to_a_question,
    "announcement": _to_an_announcement,
    "change": _to_a_change,
}
# What cannot be told from the kind of the act alone.
_TO_ONE_OF: dict[str, Callable[[Life, Deed], Life]] = {
    BOTTLE_CARE: _to_a_word_about_the_bottle,
    DESK: _to_whether_it_helped,
}
