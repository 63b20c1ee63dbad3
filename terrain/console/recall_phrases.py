"""What pages call the codes of a recall: where it stands, how it stands with one person, what makes good.

Promise: every code that can be stored has its phrase; a test walks them all.
"""

from terrain.core.decision import Verdict
from terrain.core.recall import Fate, Kind, State
from terrain.words import _

STATES = {
    State.LOOKING: _("looking for everybody"),
    State.FOUND: _("everybody is found"),
    State.PREPARED: _("a remedy is prepared"),
    State.APPROVED: _("approved, not sent yet"),
    State.SENDING: _("under way"),
    State.DONE: _("everybody had their turn"),
    State.STOPPED: _("stopped"),
}
STATE_BADGES = {
    State.LOOKING: "doubt",
    State.FOUND: "doubt",
    State.PREPARED: "doubt",
    State.APPROVED: "doubt",
    State.SENDING: "person",
    State.DONE: "good",
    State.STOPPED: "wrong",
}
FATES = {
    Fate.FOUND: _("found"),
    Fate.DUE: _("waiting for their turn"),
    Fate.MADE: _("on its way"),
    Fate.REACHED: _("reached"),
    Fate.NOT_REACHED: _("not reached"),
    Fate.KEPT_FROM: _("kept from it by the guard"),
    Fate.SAME_PERSON: _("the same person under another name"),
    Fate.ELSEWHERE: _("made good to by another recall"),
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
KINDS = {
    Kind.MESSAGE: _("a message"),
    Kind.CORRECTION: _("a correction of what we believe"),
    Kind.GESTURE: _("a gesture"),
    Kind.CALLBACK: _("a call by a person"),
}
KINDS_WHY = {
    Kind.MESSAGE: _("An e-mail in your own words, in each customer’s language."),
    Kind.CORRECTION: _(
        "What we believed wrongly is put right in each customer’s record. Nobody hears of it."
    ),
    Kind.GESTURE: _("Your own system does it for each: a voucher, a refund, a new parcel."),
    Kind.CALLBACK: _("One of our people calls each of them; it becomes a task with your words."),
}
# What the guard says of it beforehand.
FORESEEN = {
    Verdict.ACT: _("would get it"),
    Verdict.ASK: _("would be asked first"),
    Verdict.HOLD: _("held back for now"),
    Verdict.HAND: _("a person would take it over"),
    Fate.ELSEWHERE: _("would get nothing more"),
}
# By what somebody answered; other events are called as the catalogue calls them.
ANSWERS = {
    "help.judged": _("said whether it helped"),
    "message.clicked": _("followed a link"),
    "message.replied": _("wrote back"),
    "person.wanted": _("asked for a person"),
    "complaint.opened": _("complained"),
    "automation.stopped": _("stopped us"),
    "task": _("spoke with one of us"),
}
