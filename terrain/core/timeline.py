"""One line through a customer's time: what happened, what was decided, what was done.

Promise: what was *not* done stands there with its reason; what was done stands there once, with the
decision that it came from; the same hold again and again is one line that says how often.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from terrain.core.decision import Verdict
from terrain.core.identifier import CustomerKey
from terrain.core.own_history import DONE_BY_THEM, SAID_ON_THEIR_PAGE
from terrain.core.word import Word

# The events by which customers themselves say something, whoever wrote it down for them.
SAID_BY_THEM = tuple(dict.fromkeys((*SAID_ON_THEIR_PAGE, *DONE_BY_THEM)))


class Only(Word):
    """Of what a line through time shows only a part."""

    ALL = "all"
    MESSAGES = "messages"
    DECISIONS = "decisions"
    EVENTS = "events"
    SAID = "said"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `kind` is event, decision or act; `what` an event's name, a verdict, or what an act does.

    `decision_id` is the decision that a decision is and that an act came from; an event has none.
    """

    at: datetime
    kind: str
    entry_id: int
    key: CustomerKey
    what: str
    by: str
    because: str = ""
    state: str = ""
    step: str = ""
    channel: str = ""
    decision_id: int = 0

    @property
    def is_hold(self) -> bool:
        return self.kind == "decision" and self.what == Verdict.HOLD


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, or the latest of several holds that say the same; `since` is the first of them.

    `decided` is the decision that an act came from, where it was read with it.
    """

    entry: Entry
    decided: Entry | None = None
    times: int = 1
    since: datetime


def folded(entries: Iterable[Entry]) -> list[Line]:
    """Return the entries as lines: an act and its decision are one, and so are equal holds in a row."""
    read = list(entries)
    decided = {entry.decision_id: entry for entry in read if entry.kind == "decision"}
    followed = {entry.decision_id for entry in read if entry.kind == "act"}
    found: list[Line] = []
    for entry in read:
        if entry.kind == "decision" and entry.decision_id in followed:
            continue
        if found and entry.is_hold and _same(found[-1].entry, entry):
            line = found[-1]
            found[-1] = Line(entry=line.entry, times=line.times + 1, since=entry.at)
        else:
            of_it = decided.get(entry.decision_id) if entry.kind == "act" else None
            found.append(Line(entry=entry, decided=of_it, since=entry.at))
    return found


def _same(one: Entry, other: Entry) -> bool:
    return one.is_hold and (one.by, one.step, one.because) == (other.by, other.step, other.because)
