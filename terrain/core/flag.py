"""The cord: anybody may say "this is wrong", and what that stops.

Promise: pulling it holds the automation for that customer at once, and for everybody where the reason is
severe or three different people said so within a day; it never counts against whoever pulled it. One person is
known by a fingerprint that differs from automation to automation, so that nobody can be added up over them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, id_from, number_in
from terrain.core.lesson import Lesson
from terrain.core.own_events import theirs
from terrain.core.word import Word

FLAGGED = "automation.flagged"
ANSWERED = "flag.answered"
# Held for this customer: said of an automation, taken back by the answer.
WISH = "wish.hold"
LONGEST_WORDS = 2_000
LONGEST_NAME = 80
DAY = timedelta(days=1)
PEOPLE = 3
_DIGITS = 24


class Reason(Word):
    """Why somebody pulled the cord."""

    WRONG_PERSON = "wrong_person"
    SAFETY = "safety"
    LEGAL = "legal"
    VULNERABLE = "vulnerable"
    WRONG_FACT = "wrong_fact"
    TOO_MUCH = "too_much"
    OTHER = "other"


# One of these is enough: it needs no statistics.
SEVERE = frozenset({Reason.WRONG_PERSON, Reason.SAFETY, Reason.LEGAL, Reason.VULNERABLE})


class ForAll(Word):
    """Why an automation is held for everybody because of flags."""

    SEVERE = "severe_flag"
    THREE = "three_people_in_a_day"


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One pull of the cord, with the case it is about. `node` is where its event is kept.

    `puller` is a fingerprint, empty until it is kept; `said_by` is what a desk gives instead of a name. Both
    stay empty where nobody stands behind it: it holds for this customer, and counts for nobody else.
    `goes_on` says whether the answer let the automation go on for this customer.
    """

    node: CustomerKey
    flag_id: int
    at: datetime
    automation: str
    reason: Reason
    words: str = ""
    version: int = 0
    act_id: int = 0
    decision_id: int = 0
    message_id: str = ""
    said_by: str = ""
    puller: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    goes_on: bool = False


class Pulled(NamedTuple):
    """What deciding for everybody needs to know of one flag of one automation."""

    at: datetime
    reason: Reason
    puller: str


def for_all(pulled: Iterable[Pulled], now: datetime) -> ForAll | None:
    """Say whether these flags of one automation, of the last day, hold it for everybody.

    A clock that is off by some hours hides no flag: what seems to come from tomorrow counts. What nobody stands
    behind holds it for nobody else.
    """
    lately = [one for one in pulled if one.puller and abs(now - one.at) < DAY]
    if any(one.reason in SEVERE for one in lately):
        return ForAll.SEVERE
    return ForAll.THREE if len({one.puller for one in lately}) >= PEOPLE else None


def puller_of(secret: str, automation: str, who: str) -> str:
    """Return by what one person is told from another about one automation, and about that one only."""
    text = f"terrain flag 1\x1f{automation}\x1f{who}"
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()[:_DIGITS]


def as_told(secret: str, automation: str, who: int) -> str:
    """Return by what an event tells one of staff from another: not by what is kept, so it names nobody either."""
    return puller_of(secret, f"event\x1f{automation}", f"staff:{who}")


def as_kept(secret: str, automation: str, who: int) -> str:
    """Return under what it is kept that one of staff pulled; only they ask for it, by their own number."""
    return puller_of(secret, automation, f"staff:{as_told(secret, automation, who)}")


# -- what the events say --------------------------------------------------------------------------


def flag_in(event: Event, customer: Customer, house: House) -> Flag | None:
    """Return the flag that an event raises; None for any other event, or where no automation is named."""
    if event.name != FLAGGED or not _name(event):
        return None
    flag = flag_of(event.node or customer.key, event.properties, event.message_id, event.at)
    live = house.live.get(flag.automation)
    return msgspec.structs.replace(
        flag,
        version=flag.version or (live.version if live else 0),
        said_by=_said_by(event, customer, house),
    )


def flag_of(node: CustomerKey, said: Mapping[str, Any], message_id: str, at: datetime) -> Flag:
    """Return the flag that an event of this name raises, by the number that it has: nobody stands behind it yet."""
    return Flag(
        node=node,
        flag_id=id_from(at, "flag", message_id),
        at=at,
        automation=text_in(said.get("automation"))[:LONGEST_NAME],
        reason=reason_of(said.get("reason")),
        words=text_in(said.get("text"))[:LONGEST_WORDS],
        version=number_in(said.get("version")),
        act_id=number_in(said.get("act_id")),
        decision_id=number_in(said.get("decision_id")),
        message_id=message_id,
    )


def reason_of(said: Any) -> Reason:
    """Return the reason; a word nobody knows is a reason of its own, and the words tell."""
    return Reason(said) if isinstance(said, str) and said in _REASONS else Reason.OTHER


def _said_by(event: Event, customer: Customer, house: House) -> str:
    """Return who said it: whoever of staff a desk tells from others, else the customer, whoever heard it.

    Nobody, where it came from a page that anybody may look into: its key says whatever they like.
    """
    puller = text_in(event.properties.get("puller"))
    if puller and house.kind_of(event.source) is SourceKind.STAFF_HEARD:
        return f"staff:{puller}"
    if house.is_a_page(event.source):
        return ""
    return their_own(customer.key)


def their_own(key: CustomerKey) -> str:
    """Return who says it where the customer does."""
    return f"customer:{key.customer_id}"


def _flagged(lesson: Lesson) -> None:
    name = _name(lesson.event)
    if name:
        lesson.says(WISH, value=True, about=name, kind=theirs(lesson))
    else:
        lesson.notes.append("flag_about_nothing")


def _answered(lesson: Lesson) -> None:
    """Let it go on for this customer, where whoever answered says so: a desk, and no other system."""
    name = _name(lesson.event)
    if lesson.house.kind_of(lesson.event.source) is not SourceKind.STAFF_HEARD:
        lesson.notes.append("answer_of_no_desk")
    elif name and lesson.event.properties.get("goes_on") is True:
        lesson.says(WISH, value=False, about=name, kind=theirs(lesson))


EVENTS: dict[str, Callable[[Lesson], None]] = {FLAGGED: _flagged, ANSWERED: _answered}
_REASONS = frozenset(reason.value for reason in Reason)


def hold_of(automation: str) -> FactKey:
    """Return under what it stands that this automation is held for a customer."""
    return FactKey(WISH, automation)


def _name(event: Event) -> str:
    return text_in(event.properties.get("automation"))[:LONGEST_NAME]


def text_in(said: Any) -> str:
    """Return what was written, in one line; nothing where it is no text."""
    return " ".join(said.replace("\0", "").split()) if isinstance(said, str) else ""
