"""What pages add to the words of a recall (`flow/recall_said.py`): the colours of states, and what each kind does.

Promise: every code that can be stored has its own; a test walks them all.
"""

from terrain.core.recall import Fate, Kind, State
from terrain.flow.recall_said import ANSWERS, FATES, FORESEEN, KINDS, STATES
from terrain.words import _

__all__ = [
    "ANSWERS",
    "FATES",
    "FATE_BADGES",
    "FORESEEN",
    "KINDS",
    "KINDS_WHY",
    "STATES",
    "STATE_BADGES",
]

STATE_BADGES = {
    State.LOOKING: "doubt",
    State.FOUND: "doubt",
    State.PREPARED: "doubt",
    State.APPROVED: "doubt",
    State.SENDING: "person",
    State.DONE: "good",
    State.STOPPED: "wrong",
}
FATE_BADGES = {
    Fate.DUE: "doubt",
    Fate.MADE: "person",
    Fate.REACHED: "good",
    Fate.NOT_REACHED: "wrong",
    Fate.KEPT_FROM: "wrong",
    Fate.FOUND: "silent",
    Fate.SAME_PERSON: "silent",
    Fate.ELSEWHERE: "silent",
}
KINDS_WHY = {
    Kind.MESSAGE: _("An e-mail in a person’s own words, in each customer’s language."),
    Kind.CORRECTION: _(
        "What we believed wrongly is put right in each customer’s record. Nobody hears of it."
    ),
    Kind.GESTURE: _("Your own system does it for each: a voucher, a refund, a new parcel."),
    Kind.CALLBACK: _("One of our people calls each of them; it becomes a task with your words."),
}
