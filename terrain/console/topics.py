"""What of a page moves by itself, who may hear of it, and how its marks travel.

Promise: nobody hears that something moved which they may not see.
"""

from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from terrain.core.staff import May, Staff
from terrain.store.marks import Marks, Topic, marks

WHO_MAY_HEAR = {
    Topic.COUNTS: May.LOOK,
    Topic.SOURCES: May.LOOK,
    Topic.AUTOMATIONS: May.LOOK,
    Topic.WATCHES: May.LOOK,
    Topic.STOPS: May.LOOK,
    Topic.FLAGS: May.PULL,  # an answer concerns everybody who may have said it
    Topic.RECALLS: May.SEE_CUSTOMERS,
    Topic.NEEDS: May.SEE_CUSTOMERS,
    Topic.TASKS: May.SERVE_CUSTOMERS,
    Topic.TRAYS: May.TEND,
}
LONGEST_ID = 400


class Standing(NamedTuple):
    """What a page that was just made knows: its marks, and the topics its reader may hear of."""

    has: str
    topics: str


def standing(db: Connection, staff: Staff, now: datetime) -> Standing:
    """Return what makes a page live, as `page(..., listening=...)`. Ask before anything else the page shows.

    What moves while the page is made then has another mark already, and is told at once.
    """
    may_hear = topics_for(staff)
    seen = {topic: mark for topic, mark in marks(db, now).items() if topic in may_hear}
    return Standing(as_id(seen), " ".join(sorted(may_hear)))


def topics_for(staff: Staff) -> frozenset[str]:
    """Return what somebody may hear of."""
    return frozenset(topic.value for topic, what in WHO_MAY_HEAR.items() if staff.may(what))


def as_id(has: Marks) -> str:
    """Return marks as the id of an event, which browsers bring back."""
    return ",".join(f"{topic}={mark}" for topic, mark in sorted(has.items()))


def marks_of(said: str) -> Marks:
    """Return the marks that somebody brought; whatever we did not say ourselves is none."""
    parts = (part.partition("=") for part in said[:LONGEST_ID].split(","))
    return {topic: mark for topic, _, mark in parts if topic in set(Topic) and mark.isalnum()}
