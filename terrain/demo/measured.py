"""What a play shows of each automation, counted as the record counts it: the input of its grade.

Promise: pure, and stricter than a record could be. Nobody has to say here that something was wrong for
it to count: the ledger of the demo knows. Both shops are counted by the same lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from terrain.core import seen as counting
from terrain.core.act import Act, ActKind
from terrain.core.process import (
    Control,
    Process,
    SeenActs,
)
from terrain.core.signal import Signal
from terrain.demo.life import Felt
from terrain.demo.play import Played
from terrain.demo.world import EIGHTEEN_MONTHS

# Which signal stands in the record for what was felt.
SIGNALS = {
    "complained": Signal.COMPLAINT,
    "called_it_spam": Signal.SPAM,
    "stopped": Signal.STOP,
    "objected_in_time": Signal.STOP,
    "reminded_wrongly": Signal.WRONG_ASSUMPTION,
    "parcel_went_back": Signal.WRONG_ASSUMPTION,
}
OF_USE = frozenset({"reminded_in_time", "moved_the_date", "sooner_and_glad"})
_HEARD = {**SIGNALS, **dict.fromkeys(OF_USE, Signal.HELPED), "money_back": Signal.MAKE_GOOD}
A_DAY = timedelta(days=1)
_YEARS = EIGHTEEN_MONTHS / 365
_CERTAIN = frozenset({"sure_enough", "better_asked"})


class Matter(msgspec.Struct):
    """Everything that was done to one customer about one thing, and what was felt of it."""

    at: datetime
    played: Played
    acts: list[Act]
    is_sure: bool = False
    felt: list[Felt] = []

    def was(self, *what: str) -> bool:
        return any(each.what in what for each in self.felt)


def seen(process: Process, everyone: Sequence[Played]) -> SeenActs:
    """Return what was counted of one automation over all customers."""
    matters = [matter for played in everyone for matter in matters_of(process.name, played)]
    counts = counting.count(map(_as_counted, matters))
    days: defaultdict[date, list[counting.Matter]] = defaultdict(list)
    for matter in sorted(matters, key=lambda each: each.at):
        days[matter.at.date()].append(_as_counted(matter))
    light = counting.light_of(process, map(counting.count, days.values()), len(matters) / _YEARS)
    found = counting.seen(process, counts, light)
    assert isinstance(found, SeenActs)  # an automation does acts
    return found


def matters_of(automation: str, played: Played) -> list[Matter]:
    """Return what was done about each thing, in order of time, with what came of it."""
    matters: dict[int, Matter] = {}
    for act in played.acts:
        if act.automation == automation:
            found = matters.setdefault(act.run_id, Matter(act.due_at, played, []))
            found.acts.append(act)
    for decision in played.decisions:
        matter = matters.get(decision.proposal.run_id)
        if matter is not None and decision.because in _CERTAIN:
            matter.is_sure = True
    in_order = sorted(matters.values(), key=lambda matter: matter.at)
    for each in played.life.felt:
        before = [matter for matter in in_order if matter.at <= each.at]
        if each.automation == automation and before:
            before[-1].felt.append(each)
    return in_order


def _as_counted(matter: Matter) -> counting.Matter:
    heard = {_HEARD[each.what]: each.at for each in reversed(matter.felt) if each.what in _HEARD}
    uses = [
        counting.Use(control, is_heeded)
        for control in Control
        for is_heeded in _USES[control](matter)
    ]
    complained = matter.was("complained")
    return counting.Matter(
        deeds=tuple(
            counting.Deed(
                at=act.due_at, kind=act.kind, offers=frozenset(act.content.get("offers", ()))
            )
            for act in matter.acts
        ),
        is_sure=matter.is_sure,
        heard=heard,
        uses=tuple(uses),
        # Whoever complains in this shop speaks with an adviser, there and then.
        asked=complained,
        in_time=complained,
    )


# -- controls --------------------------------------------------------------------------------------


def _stops(matter: Matter) -> Iterator[bool]:
    for each in matter.felt:
        if SIGNALS.get(each.what) is Signal.STOP:
            yield not _acts_after(matter, each.at)


def _corrections(matter: Matter) -> Iterator[bool]:
    """Yield, if she said after this that she no longer uses it, whether she was told of it again."""
    if not matter.was("reminded_wrongly"):
        return
    for told in matter.played.told:
        if told.message.get("event") == "fact.corrected" and _follows(matter, told.at):
            yield not _acts_after(matter, told.at)


def _choices(matter: Matter) -> Iterator[bool]:
    for told in matter.played.told:
        said: Mapping[str, Any] = told.message.get("properties", {})
        if told.message.get("event") == "date.moved" and _follows(matter, told.at):
            yield not any(
                act.content.get("subject") == said["subject"]
                and told.at + A_DAY < act.due_at
                and act.due_at.date().isoformat() < said["to"]
                for act in matter.played.acts
            )
        if told.message.get("event") == "question.answered" and _is_asked(matter, said):
            was_done = any(act.kind is ActKind.DO for act in matter.acts)
            yield said["answer"] in ("yes", "always") or not was_done


def _follows(matter: Matter, at: datetime) -> bool:
    return any(each.at == at for each in matter.felt)


def _is_asked(matter: Matter, said: Mapping[str, Any]) -> bool:
    return said["question_id"] in {
        str(act.content.get("question_id")) for act in matter.acts if act.kind is ActKind.ASK
    }


def _acts_after(matter: Matter, at: datetime) -> bool:
    name = matter.acts[0].automation
    return any(
        act.automation == name and act.due_at > at + A_DAY and act not in matter.acts
        for act in matter.played.acts
    )


_USES: dict[Control, Callable[[Matter], Iterator[bool]]] = {
    Control.STOP: _stops,
    Control.CORRECT: _corrections,
    Control.DECIDE_WHEN: _choices,
}
