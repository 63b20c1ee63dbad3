"""What is stopped at once, without counting: what of which one is too many.

Promise: a safety report, a legal threat, a wrong closure, a vulnerable person hurt: whoever tells of one about an
act stops what did it, in the transaction that hears of it (`core/watch.py`, ENOUGH_ONCE).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from terrain.core.breaker import Cause
from terrain.core.event import Event
from terrain.core.explanation import Line
from terrain.core.house import House
from terrain.core.watch import ENOUGH_ONCE
from terrain.flow import breaker
from terrain.flow.breaker import Tripping
from terrain.flow.finding import sentence
from terrain.store.signals import Case
from terrain.words import LANGUAGES


def stop(
    db: Connection, events: Iterable[Event], cases: Iterable[Case], house: House, now: datetime
) -> None:
    """Stop whatever these cases are about, where the event that tells of one names such a reason.

    Also where this act was complained of before, for less.
    """
    said = {each.message_id: reason for each in events if (reason := reason_in(each, house))}
    about = {one.automation: said[one.message_id] for one in cases if one.message_id in said}
    line = Line("enough_once", {})
    sentences = {each: sentence(line, each, house.company.zone) for each in LANGUAGES}
    for name in sorted(about):
        what = Tripping(
            automation=name,
            cause=Cause.EVENT,
            because=sentences[house.company.language],
            evidence={"sentence": sentences, "reason": about[name]},
        )
        breaker.trip(db, what, house.alarm, now)


def reason_in(event: Event, house: House) -> str:
    """Return the reason of which one is enough, where the event names one.

    Not on the word of a page that anybody may look into: its key says whatever they like.
    """
    if house.is_a_page(event.source):
        return ""
    said = event.properties.get("reason")
    return said if isinstance(said, str) and said in ENOUGH_ONCE else ""
