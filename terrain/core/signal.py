"""What comes back about an act: its kinds, how late each may come, and how much of it is too much.

Promise: an act gets each kind of signal at most once. A cohort of acts stays open exactly as long as its
signal may still come (`LATE`); what comes later is kept and not counted any more, so that what was read
from a closed cohort stays true for ever.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from terrain.core.act import Reach
from terrain.core.word import Word


class Signal(Word):
    """One kind of thing that comes back."""

    COMPLAINT = "complaint"
    SPAM = "spam"
    STOP = "stop"
    BOUNCE = "bounce"
    A_PERSON = "a_person"
    SAME_NEED = "same_need"
    WRONG_ASSUMPTION = "wrong_assumption"
    OVERRIDE = "override"
    DISSATISFIED = "dissatisfied"
    NO_ANSWER = "no_answer"
    MAKE_GOOD = "make_good"
    CORRECTION = "correction"
    HELPED = "helped"
    TAKEN_UP = "taken_up"
    RUN_FAILED = "run_failed"
    RUN_STUCK = "run_stuck"
    TIMED_OUT = "timed_out"
    SEND_RETRIED = "send_retried"


# Good news: it makes a process more useful, and is never watched for being too much.
GOOD = frozenset({Signal.HELPED, Signal.TAKEN_UP})
# What is said when somebody is asked whether it helped, or says so unasked.
ANSWERS = frozenset({Signal.HELPED, Signal.DISSATISFIED})
# Of our own making: nobody outside says them, and the first three are about a run, not about one act.
EXCEPTIONS = frozenset({Signal.RUN_FAILED, Signal.RUN_STUCK, Signal.TIMED_OUT, Signal.SEND_RETRIED})
# What customers and staff say against an act: a file may declare a bound for each.
BAD = frozenset(Signal) - GOOD - EXCEPTIONS
# What another system may report (`POST /v1/signals`), and the event that it becomes.
REPORTED = BAD | GOOD
REPORT = "signal.reported"

_USUALLY, _LONG = timedelta(days=7), timedelta(days=30)
# No answer is known only at the question's deadline, which a file may set: until then it cannot come.
LATE = {
    signal: _LONG if signal in (Signal.COMPLAINT, Signal.SPAM, Signal.NO_ANSWER) else _USUALLY
    for signal in Signal
}
LONGEST = max(LATE.values())


class DefaultBound(msgspec.Struct, frozen=True, kw_only=True):
    """Which share is too much where the file declares none; `source` says where that comes from.

    `of` are the acts that could have got the signal: all that were done, or only those that were judged.
    `aim` is the share to strive for, drawn as a line under the bound.
    """

    p0: float
    source: str
    of: str = "acts"
    aim: float | None = None


_SURVEYED = "industry survey, second hand"
_OURS = "a choice of this design"
_EVERYWHERE = {
    Signal.SPAM: DefaultBound(
        p0=0.003,
        aim=0.001,
        source="limit and target of the large mailbox providers for bulk senders",
    ),
    Signal.BOUNCE: DefaultBound(p0=0.02, source=f"average 0.44 % (DDMA; {_SURVEYED})"),
    Signal.A_PERSON: DefaultBound(p0=0.25, source=f"requests for a person in a bot; {_OURS}"),
    Signal.SAME_NEED: DefaultBound(
        p0=0.30, source=f"average first-contact resolution 67-72 % (SQM; {_SURVEYED})"
    ),
    Signal.DISSATISFIED: DefaultBound(
        p0=0.20, of="answers", source=f"satisfaction of 75-85 % counts as good ({_SURVEYED})"
    ),
    Signal.OVERRIDE: DefaultBound(p0=0.05, source=_OURS),
}
_BY_REACH = {
    Signal.STOP: {
        Reach.INBOX: DefaultBound(
            p0=0.005, source=f"world average of unsubscribes 0.14 % (GDMA; {_SURVEYED})"
        ),
        Reach.PHONE: DefaultBound(p0=0.02, source=f"STOP in answer to a text message; {_OURS}"),
    },
    Signal.WRONG_ASSUMPTION: {
        Reach.INBOX: DefaultBound(p0=0.05, source=_OURS),
        Reach.PHONE: DefaultBound(p0=0.02, source=_OURS),
        Reach.ACCOUNT: DefaultBound(p0=0.005, source=_OURS),
        Reach.HOME: DefaultBound(p0=0.005, source=_OURS),
    },
}


def default_bound(signal: Signal, reach: Reach) -> DefaultBound | None:
    """Return the bound that holds where a file declares none; None where none would be honest.

    Without any, people who were treated are compared with people who were not (`watch.md` 3.4).
    """
    return _EVERYWHERE.get(signal) or _BY_REACH.get(signal, {}).get(reach)
