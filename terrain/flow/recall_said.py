"""A recall in words: where it stands, how it stands with each, what makes good, and all of it line by line.

Promise: every code that can be stored has its phrase; pages and the terminal say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from terrain.core.catalogue import Catalogue
from terrain.core.decision import Verdict
from terrain.core.fact import FactKey
from terrain.core.recall import Fate, Kind, Recall, Remedy, State
from terrain.core.retelling import Tongue
from terrain.core.sentence import say_fact
from terrain.flow.explanation import because, fact_named
from terrain.flow.spoken import moment_said, number_said
from terrain.words import _, say

STATES = {
    State.LOOKING: _("looking for everybody"),
    State.FOUND: _("everybody is found"),
    State.PREPARED: _("a remedy is prepared"),
    State.APPROVED: _("approved, not sent yet"),
    State.SENDING: _("under way"),
    State.DONE: _("everybody had their turn"),
    State.STOPPED: _("stopped"),
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
KINDS = {
    Kind.MESSAGE: _("a message"),
    Kind.CORRECTION: _("a correction of what we believe"),
    Kind.GESTURE: _("a gesture"),
    Kind.CALLBACK: _("a call by a person"),
}
# What the guard says of it beforehand.
FORESEEN: dict[str, str] = {
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


class Reader(NamedTuple):
    """Who reads: in which language, by which clock, with which names of facts and events."""

    language: str
    zone: ZoneInfo
    catalogue: Catalogue

    def says(self, sentence: str, **values: object) -> str:
        return say(self.language, sentence, **values)

    def moment(self, at: datetime | None) -> str:
        return moment_said(at, self.language, self.zone) if at else ""

    def number(self, value: float) -> str:
        return number_said(value, self.language)


def lines(recall: Recall, facts: Mapping[str, Any], reader: Reader) -> Iterator[tuple[str, str]]:
    """Yield the page of facts (`recall_told.facts`): what each line is about, and what it says."""
    for called, said in (
        *_what_happened(recall, facts, reader),
        *_steps(recall, reader),
        *_what_became_of_it(facts, reader),
    ):
        if said:
            yield reader.says(called), said


def _what_happened(
    recall: Recall, facts: Mapping[str, Any], reader: Reader
) -> Iterator[tuple[str, str]]:
    yield _("Recall"), str(recall.recall_id)
    version = (
        reader.says(_("version {n}"), n=recall.version)
        if recall.version
        else reader.says(_("every version"))
    )
    yield _("Automation"), f"{recall.automation}, {version}"
    yield _("State"), reader.says(STATES[recall.state])
    yield _("Why"), recall.because
    yield (
        _("What it did"),
        reader.says(
            _("from {since} until {until}"),
            since=reader.moment(recall.since),
            until=reader.moment(recall.until),
        ),
    )
    yield _("Only where it relied on"), _fact(recall.scope.fact, recall.scope.value, reader)
    yield _("Only these customers"), recall.scope.words
    found = facts["found"]
    yield _("people touched"), reader.number(found["people"])
    yield _("acts that reached them"), reader.number(found["acts_done"])
    yield _("stopped before they left"), reader.number(found["acts_stopped"])


def _steps(recall: Recall, reader: Reader) -> Iterator[tuple[str, str]]:
    def step(at: datetime | None, by: str = "", words: str = "") -> str:
        return ", ".join(part for part in (reader.moment(at), by, words) if part) if at else ""

    yield _("Recall opened"), step(recall.opened_at, recall.opened_by)
    yield _("Everybody found"), step(recall.found_at)
    if recall.remedy:
        yield _("What makes good"), _remedy(recall.remedy, reader)
    yield _("Remedy written"), step(recall.prepared_at, recall.prepared_by)
    yield _("Seen on real customers"), step(recall.previewed_at)
    yield _("Approved"), step(recall.approved_at, recall.approved_by)
    yield _("Sent"), step(recall.sent_at, recall.sent_by)
    yield _("Stopped again"), step(recall.stopped_at, recall.stopped_by, recall.stopped_because)


def _what_became_of_it(facts: Mapping[str, Any], reader: Reader) -> Iterator[tuple[str, str]]:
    if not facts["sent"]["at"] and not facts["stopped"]["at"]:
        return
    tongue = Tongue(reader.language, reader.catalogue)
    fates = {reader.says(FATES[Fate(fate)]): n for fate, n in facts["people"].items()}
    yield _("What became of it"), _counted(fates, reader)
    yield (
        _("Why not, or not yet"),
        _counted(
            {because(code, reader.language).rstrip("."): n for code, n in facts["reasons"].items()},
            reader,
        ),
    )
    answers = {
        reader.says(ANSWERS[name]) if name in ANSWERS else tongue.event(name): n
        for name, n in facts["answered_by"].items()
    }
    yield _("They answered like this"), _counted(answers, reader)
    yield (
        _("erased since, at their own wish"),
        (reader.number(facts["erased_since"]) if facts["erased_since"] else ""),
    )


def _counted(those: Mapping[str, int], reader: Reader) -> str:
    return "; ".join(f"{called} ({reader.number(n)})" for called, n in those.items())


def _fact(name: str, value: Any, reader: Reader) -> str:
    if not name:
        return ""
    fact, _paren, about = name.partition("(")
    key = FactKey(fact, about.removesuffix(")"))
    called = fact_named(key, reader.catalogue, reader.language)
    if value is None:
        return called
    return f"{called}: {say_fact(reader.catalogue.facts.get(fact), value, reader.language)}"


def _remedy(remedy: Remedy, reader: Reader) -> str:
    kind = reader.says(KINDS[remedy.kind])
    words = remedy.words.get(reader.language, {})
    what = {
        Kind.MESSAGE: words.get("subject", ""),
        Kind.CALLBACK: words.get("subject", ""),
        Kind.CORRECTION: _fact(remedy.fact, remedy.wrong, reader),
        Kind.GESTURE: remedy.action,
    }[remedy.kind]
    return f"{kind}: {what}" if what else kind
