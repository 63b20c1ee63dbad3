"""What is said of a customer through a page, by themselves or by staff for them, and how it is taken in.

Promise: whatever is refused is refused with what would be right, and nothing of it is half said.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.flag import FLAGGED
from terrain.errors import Refusal
from terrain.flow import flagging, sources, stop, told
from terrain.flow.own_page import NobodyThere, Speaker
from terrain.flow.told import Told

LONGEST_TEXT = 2_000
FARTHEST = timedelta(days=5 * 366)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

Form = Mapping[str, str]


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said, in the words of an event."""

    event: str
    properties: dict[str, Any]


Sayings = Sequence[Saying]


class Gone(Refusal):
    """It was there when the page was shown: it has been answered, or its time has passed."""

    code = "no_longer_there"
    status = 409


class NotAnAnswer(Refusal):
    code = "not_an_answer"


class NotADate(Refusal):
    code = "not_a_date"


class NotAValue(Refusal):
    code = "not_a_value"


class NotHours(Refusal):
    """Hours are two times of the day."""

    code = "not_hours"


class NoTimeAtAll(Refusal):
    """Hours that end when they begin, or no hours and no days."""

    code = "no_time_at_all"


class AllWeekQuiet(Refusal):
    """A week that is all quiet is a stop, and is said as one."""

    code = "all_week_quiet"


class TooMuchText(Refusal):
    code = "too_much_text"


def day_of(field: str, text: str, today: date) -> date:
    """Return the day that was typed, from today on; refuse one that is none or too far away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotADate(field=field, value=text, right="2027-03-12") from None
    if not today <= day <= today + FARTHEST:
        raise NotADate(field=field, value=text, right=f"{today} – {today + FARTHEST}")
    return day


def hour_of(field: str, text: str) -> str:
    """Return the time of day that was typed, as 20:30."""
    if not CLOCK.fullmatch(text):
        raise NotHours(field=field, value=text, right="20:30")
    return text


def as_told(said: Sayings, once: str, **more: Any) -> list[Told]:
    """Return what one form says as the record is told it; the same form sent twice is said once."""
    word = once or secrets.token_hex(12)
    return [
        Told(event=each.event, properties={**each.properties, **more}, once=once_of(word, place))
        for place, each in enumerate(said)
    ]


def take_in(
    db: Connection, speaker: Speaker, said: Sequence[Told], source: str, now: datetime
) -> None:
    """Keep it as events of this customer, heard through this source; a stop and a pulled cord hold at once."""
    for each in said:
        result = told.tell(db, speaker.node, each, now, source)
        if result is None:
            raise NobodyThere
        if result.refusal:
            raise result.refusal
        if each.event == "automation.stopped":
            name = each.properties["automation"]
            stop.hold_at_once(db, speaker.customer, name, speaker.secret, now)
        if each.event == FLAGGED:
            flagging.hold_what_was_told(db, speaker.node, each, source, now)
    if said:
        sources.hear(db, {source: len(said)}, now)


def once_of(word: str, place: int) -> str:
    """Return the name under which the n-th thing that one form says is said once."""
    return word[:64] if place == 0 else f"{word[:60]}:{place}"
