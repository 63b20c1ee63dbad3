"""What a play shows of each automation, counted as the record counts it: the input of its grade.

Promise: pure, and stricter than a record could be. Nobody has to say here that something was wrong for
it to count: the ledger of the demo knows. Both shops are counted by the same lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from terrain.core import meter
from terrain.core.act import Act, ActKind
from terrain.core.automation import Offer
from terrain.core.efficiency import bounds_of
from terrain.core.meter import Bound, Cohort
from terrain.core.process import (
    HARMS,
    APerson,
    CameBack,
    Control,
    Light,
    Process,
    SeenActs,
    Tried,
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
IN_TIME = timedelta(hours=48)
A_DAY = timedelta(days=1)
_YEARS = EIGHTEEN_MONTHS / 365
_CERTAIN = frozenset({"sure_enough", "better_asked"})
_LETTERS = frozenset({ActKind.SEND, ActKind.ASK})
_LIGHTS = ((meter.RED, Light.RED), (meter.AMBER, Light.AMBER))


class Matter(msgspec.Struct):
    """Everything that was done to one customer about one thing, and what was felt of it."""

    at: datetime
    played: Played
    acts: list[Act]
    is_sure: bool = False
    felt: list[Felt] = []

    def was(self, *what: str) -> bool:
        return any(each.what in what for each in self.felt)

    def signals(self) -> set[Signal]:
        return {SIGNALS[each.what] for each in self.felt if each.what in SIGNALS}

    def is_made_good(self) -> bool:
        hurt = [each.at for each in self.felt if each.what in SIGNALS]
        paid = [each.at for each in self.felt if each.what == "money_back"]
        return bool(hurt and paid) and min(paid) - min(hurt) <= IN_TIME


def seen(process: Process, everyone: Sequence[Played]) -> SeenActs:
    """Return what was counted of one automation over all customers."""
    matters = [matter for played in everyone for matter in matters_of(process.name, played)]
    return SeenActs(
        acts=len(matters),
        useful=sum(matter.was(*OF_USE) for matter in matters),
        wrong=sum(Signal.WRONG_ASSUMPTION in matter.signals() for matter in matters),
        sure=sum(matter.is_sure for matter in matters),
        controls={control: _tried(control, matters) for control in Control},
        person=APerson(
            offered=sum(Offer.A_PERSON in _offers(matter) for matter in matters),
            # Whoever complains in this shop speaks with an adviser, there and then.
            asked=sum(matter.was("complained") for matter in matters),
            in_time=sum(matter.was("complained") for matter in matters),
        ),
        came_back=_came_back(process, matters),
    )


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


def _came_back(process: Process, matters: Sequence[Matter]) -> CameBack:
    signals = Counter(signal for matter in matters for signal in matter.signals())
    return CameBack(
        signals={name: signals.get(name, 0) for name in HARMS},
        hurt=sum(bool(matter.signals()) for matter in matters),
        made_good=sum(matter.is_made_good() for matter in matters),
        light=light_of(process, {name: _by_day(name, matters) for name in HARMS}),
    )


def light_of(process: Process, cohorts: Mapping[Signal, Sequence[Cohort]]) -> Light:
    """Return the worst of what the meters read at the end."""
    worst = max((_reading(name, process, each) for name, each in cohorts.items()), default=0.0)
    return next((light for reading, light in _LIGHTS if worst >= reading), Light.GREEN)


def _reading(signal: Signal, process: Process, cohorts: Sequence[Cohort]) -> float:
    acts = sum(cohort.acts for cohort in cohorts)
    if not acts:
        return 0.0
    bound = Bound(p0=bounds_of(process)[signal].value, acts_per_year=acts / _YEARS)
    return meter.strength(meter.read(cohorts, bound), bound)


def _by_day(signal: Signal, matters: Sequence[Matter]) -> list[Cohort]:
    days: dict[object, list[bool]] = {}
    for matter in sorted(matters, key=lambda each: each.at):
        days.setdefault(matter.at.date(), []).append(signal in matter.signals())
    return [Cohort(len(day), sum(day)) for day in days.values()]


# -- controls --------------------------------------------------------------------------------------


def _tried(control: Control, matters: Sequence[Matter]) -> Tried:
    uses = [heeded for matter in matters for heeded in _USES[control](matter)]
    offered = sum(control in _controls(matter) for matter in matters)
    return Tried(offered=offered, used=len(uses), heeded=sum(uses))


def _offers(matter: Matter) -> set[str]:
    return {offer for act in matter.acts for offer in act.content.get("offers", ())}


def _controls(matter: Matter) -> set[Control]:
    """Return what she could do about it: each letter leads to her page, a question waits for her word."""
    kinds = {act.kind for act in matter.acts}
    found = {Control.STOP, Control.CORRECT} if kinds & _LETTERS else set()
    if ActKind.ASK in kinds or Offer.MOVE_THE_DATE in _offers(matter):
        found.add(Control.DECIDE_WHEN)
    return found


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
