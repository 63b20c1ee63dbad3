"""What becomes of a flag: who answers it, what it held, and how whoever pulled the cord finds the answer.

Promise: the owner answers and never learns who pulled; whoever pulled finds the answer, and nobody else does
under their name.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import msgspec
from psycopg import Connection

from terrain.config import Settings, secret_of
from terrain.core.breaker import Cause, Trip
from terrain.core.flag import ANSWERED, DAY, LONGEST_WORDS, Flag, as_kept, puller_of, their_own
from terrain.core.identifier import CustomerKey
from terrain.core.staff import May, Staff
from terrain.errors import Refusal
from terrain.flow import breaker, owners
from terrain.flow.directory import nodes_of
from terrain.flow.flagging import HELD, UnknownFlag, known
from terrain.flow.sources import DESK
from terrain.flow.told import Told, tell
from terrain.store import acts, automations, flags, trips
from terrain.store.flags import Answered

SHORTEST_ANSWER = 10


class FlagAnswered(Refusal):
    """The first answer stands: somebody has read it already."""

    code = "flag_answered"
    status = 409


class NotHeld(Refusal):
    """It is not answered yet, or goes on for this customer already."""

    code = "flag_holds_nothing"
    status = 409


class AnswerTooShort(Refusal):
    """Whoever pulled the cord reads the answer."""

    code = "flag_answer_needed"


class NotYourAutomation(Refusal):
    """Its owner answers, or the deputy, or a manager."""

    code = "flag_of_somebody_else"
    status = 403


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner answers, and whether it may go on for this customer."""

    by: str
    words: str
    goes_on: bool = False


class Held(NamedTuple):
    """What a flag held: so many acts that waited for this customer; with `trip`, all of it for everybody."""

    stopped: int
    trip: Trip | None


def answer(db: Connection, flag_id: int, said: Answer, now: datetime) -> Flag:
    """Answer whoever pulled the cord; with `goes_on`, the automation goes on for this customer."""
    flag, words = known(db, flag_id), said.words.strip()
    if not SHORTEST_ANSWER <= len(words) <= LONGEST_WORDS:
        right = f"{SHORTEST_ANSWER}–{LONGEST_WORDS}"
        raise AnswerTooShort(field="answer", value=words, right=right)
    if not flags.answer(db, flag, Answered(now, said.by, words, said.goes_on)):
        flag = known(db, flag_id)
        raise FlagAnswered(field="flag", value=flag_id, right=flag.answer, by=flag.answered_by)
    return _tell(db, flag, said, f"flag:{flag_id}", now)


def let_go_on(db: Connection, flag_id: int, by: str, now: datetime) -> Flag:
    """Let it go on for this customer after an answer that had left it held."""
    flag = known(db, flag_id)
    if not flags.let_go_on(db, flag):
        raise NotHeld(field="flag", value=flag_id)
    said = Answer(by=by, words=flag.answer, goes_on=True)
    return _tell(db, flag, said, f"flag:{flag_id}:goes_on", now)


def _tell(db: Connection, flag: Flag, said: Answer, once: str, now: datetime) -> Flag:
    event = {"flag_id": str(flag.flag_id), "automation": flag.automation, "by": said.by}
    told = Told(event=ANSWERED, properties=event | {"goes_on": said.goes_on}, once=once)
    tell(db, flag.node, told, now, source=DESK)
    return known(db, flag.flag_id)


def mine(db: Connection, who: int, settings: Settings, most: int = 50) -> list[Flag]:
    """Return what somebody of staff said themselves, with the answers. Only they ask for it."""
    secret = secret_of(settings)
    found = [as_kept(secret, name, who) for name in flags.flagged(db)]
    return flags.of_puller(db, found, most)


def one_of_mine(db: Connection, flag_id: int, who: int, settings: Settings) -> Flag:
    """Return what somebody of staff said themselves; another's is as unknown to them as none."""
    flag = known(db, flag_id)
    if flag.puller != as_kept(secret_of(settings), flag.automation, who):
        raise UnknownFlag(field="flag", value=flag_id)
    return flag


def theirs(db: Connection, nodes: Collection[CustomerKey], settings: Settings) -> list[Flag]:
    """Return what a customer said themselves, on their page or to somebody who wrote it down."""
    secret = secret_of(settings)
    return [one for one in flags.of_customer(db, nodes) if _is_theirs(secret, one, nodes)]


def is_from_the_customer(flag: Flag, nodes: Collection[CustomerKey], settings: Settings) -> bool:
    """Say whether the customer said it, and nobody of staff."""
    return _is_theirs(secret_of(settings), flag, nodes)


def _is_theirs(secret: str, flag: Flag, nodes: Collection[CustomerKey]) -> bool:
    # Where nobody stands behind it, it was said in their name on a page of the house, and by nobody of staff.
    own = {puller_of(secret, flag.automation, their_own(node)) for node in nodes}
    return not flag.puller or flag.puller in own


def held_by(db: Connection, flag: Flag) -> Held:
    """Return what a flag held, for this customer and for everybody."""
    nodes = nodes_of(db, flag.node)
    stopped = acts.fates(db, nodes, flag.automation, HELD).stopped
    tripped = (one for one in trips.of_automation(db, flag.automation) if _is_over(one, flag.at))
    return Held(stopped, next((one for one in tripped if one.cause is Cause.FLAG), None))


def _is_over(trip: Trip, at: datetime) -> bool:
    """Say whether a stop covers what was said at this moment, or came of it within the day that counts."""
    went_on = trip.resumed_at
    return trip.at < at + DAY and (went_on is None or went_on > at)


def may_answer(db: Connection, flag: Flag, who: Staff) -> bool:
    """Say whether this person answers for the automation as it was: its owner or deputy, or a manager."""
    if not who.may(May.ANSWER):
        return False
    return owners.is_theirs(who, _answering(db, flag), breaker.everybody(db))


def _answering(db: Connection, flag: Flag) -> tuple[str, str]:
    found = automations.version(db, flag.automation, flag.version)
    return (found.owner, found.deputy) if found else ("", "")


def let_answer(db: Connection, flag: Flag, who: Staff) -> None:
    """Refuse whoever does not answer for the automation, and say who does."""
    if not may_answer(db, flag, who):
        names = ", ".join(filter(None, _answering(db, flag)))
        raise NotYourAutomation(field="flag", value=flag.automation, right=names)
