"""What was done and not done, as lines that the person it touched can read.

Promise: twenty equal holds in a row are one line that says twenty; nothing is left out, and what was
held stands beside what was sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from terrain.core.act import ActKind
from terrain.core.decision import Verdict
from terrain.core.outbox import ActState

# What customers say on their own page.
SAID_ON_THEIR_PAGE = (
    *("question.answered", "fact.corrected", "fact.stated", "date.moved", "absence.set"),
    *("automation.stopped", "automation.resumed", "channel.chosen", "quiet_hours.set"),
    *("person.wanted", "help.judged", "consent.given", "consent.withdrawn"),
    *("automation.flagged", "need.seen"),
)
# What is a customer's own doing, whichever system tells of it.
DONE_BY_THEM = (
    *("automation.stopped", "person.wanted", "consent.given", "consent.withdrawn"),
    *("question.answered", "complaint.opened", "complaint.closed"),
)
_FOR_THEM = (ActKind.DO, ActKind.CHANGE)


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One decision or one saying: enough to tell which lines are the same."""

    number: int
    at: datetime
    is_decision: bool
    what: str
    automation: str = ""
    step: str = ""
    because: str = ""

    @property
    def is_hold(self) -> bool:
        return self.is_decision and self.what == Verdict.HOLD


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: the latest of what is the same, how many times, and since when."""

    latest: Happened
    times: int
    since: datetime


def lines(happened: Iterable[Happened], most: int) -> tuple[list[Line], int]:
    """Return at most so many lines of what comes latest first, and how much of it they tell.

    A hold joins the later one of the same step and reason, as long as nothing else was decided about
    that step in between: whatever was said or done elsewhere meanwhile, it is the same waiting.
    """
    groups: list[list[Happened]] = []
    open_holds: dict[tuple[str, str], list[Happened]] = {}
    told = 0
    for one in happened:
        step = (one.automation, one.step)
        group = open_holds.get(step) if one.is_decision else None
        if group is not None and one.is_hold and one.because == group[0].because:
            group.append(one)
        elif len(groups) == most:
            break
        else:
            groups.append([one])
            _keep_open(open_holds, step, groups[-1])
        told += 1
    made = [Line(latest=group[0], times=len(group), since=group[-1].at) for group in groups]
    return made, told


def said_of(verdict: str, kind: str = "", state: str = "", because: str = "") -> str:
    """Return the code of what a line says: it was written, asked, done, held, handed on, stopped ...

    `because`: what holds an act that waits to leave.
    """
    if verdict == Verdict.HOLD:
        return "held"
    if verdict == Verdict.HAND:
        return "handed"
    if not state:
        return "allowed"
    if state != ActState.LEFT:
        return "waiting" if state == ActState.QUEUED and because else _NOT_LEFT[ActState(state)]
    if kind in _FOR_THEM:
        return "did"
    return "asked" if verdict == Verdict.ASK or kind == ActKind.ASK else "wrote"


def _keep_open(
    open_holds: dict[tuple[str, str], list[Happened]],
    step: tuple[str, str],
    group: list[Happened],
) -> None:
    if group[0].is_hold:
        open_holds[step] = group
    elif group[0].is_decision:
        open_holds.pop(step, None)


_NOT_LEFT = {
    ActState.QUEUED: "leaving",
    ActState.LEAVING: "leaving",
    ActState.STOPPED: "stopped",
    ActState.FAILED: "failed",
    ActState.UNKNOWN: "unclear",
}
