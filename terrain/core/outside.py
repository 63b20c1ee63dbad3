"""What another system, or an AI agent, wants to do to a customer, and what it would have to declare.

Promise: an act from outside is weighed like one of our own. What nobody could know is refused by name,
and what the asker merely believes counts as inferred: a machine is never surer than a person.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from terrain.core.act import (
    ActKind,
    AskBy,
    Assumption,
    Benefit,
    Moment,
    Proposal,
    Reach,
    Undo,
    Waiting,
)
from terrain.core.belief import probability
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import UsedFact
from terrain.core.fact import FactKey, SourceKind
from terrain.core.matter import Matter
from terrain.errors import Refusal, did_you_mean

E = TypeVar("E", bound=StrEnum)
Text = Annotated[str, Meta(max_length=200)]
Line = Annotated[str, Meta(max_length=1000)]


class UnknownChoice(Refusal):
    """One of a few words was wanted, and this is none of them."""

    code = "unknown_choice"


class UnknownAssumption(Refusal):
    """No fact of this name is known here, and the asker does not say how sure they are."""

    code = "unknown_assumption"


class UnknowableAssumption(Refusal):
    """The catalogue says that no source can ever tell this; it cannot be assumed."""

    code = "unknowable_assumption"


def _one_of(kind: type[StrEnum]) -> Meta:
    return Meta(max_length=40, extra_json_schema={"enum": [one.value for one in kind]})


class Assumed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that must be true for the act to be right.

    A fact of the record, or, with `confidence`, something the asker believes of the case at hand
    ("I understood what they want"); that counts as inferred and never above the cap for models.
    """

    fact: Text
    about: Text = ""
    expects: Any = None
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    words: Line = ""


class Put(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The question to put to the customer when the verdict is to ask first."""

    words: dict[Text, Line]
    fact: Text = ""
    about: Text = ""
    answers: Annotated[tuple[Text, ...], Meta(max_length=20)] = ("yes", "no")


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act that somebody outside wants to do: the same things that an automation declares."""

    customer: Annotated[dict[Text, str | int], Meta(min_length=1, max_length=6)]
    name: Text
    purpose: Annotated[str, _one_of(Purpose)]
    benefit: Annotated[str, _one_of(Benefit)]
    reach: Annotated[str, _one_of(Reach)]
    undo: Annotated[str, _one_of(Undo)]
    act: Annotated[str, _one_of(ActKind)] = ActKind.DO.value
    channel: Annotated[str, _one_of(Channel)] | None = None
    moment: Annotated[str, _one_of(Moment)] = Moment.ROUTINE.value
    waiting: Annotated[str, _one_of(Waiting)] = Waiting.NOBODY.value
    ask_by: Annotated[str, _one_of(AskBy)] = AskBy.INBOX.value
    assumes: Annotated[tuple[Assumed, ...], Meta(max_length=20)] = ()
    automation: Text = ""
    subject: Text = ""
    can_ask: bool = True
    question: Put | None = None
    solicited: bool = False
    adverse: bool = False
    significant: bool = False
    obligation: bool = False
    complaint: Text = ""
    sector: Text = ""
    product: Text = ""


class Done(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done after asking: `acted`, `asked` or `nothing`; `outcome` in the doer's own words."""

    done: Annotated[
        str, Meta(max_length=40, extra_json_schema={"enum": ["acted", "asked", "nothing"]})
    ]
    at: datetime | None = None
    outcome: Line = ""


def proposal_of(wanted: Wanted, asker: str) -> Proposal:
    """Return the act as the guard weighs it, or refuse what is declared in words nobody knows."""
    return Proposal(
        automation=wanted.automation or asker,
        version=0,
        step=wanted.name,
        act=chosen(ActKind, "act", wanted.act),
        name=wanted.name,
        purpose=chosen(Purpose, "purpose", wanted.purpose),
        benefit=chosen(Benefit, "benefit", wanted.benefit),
        reach=chosen(Reach, "reach", wanted.reach),
        undo=chosen(Undo, "undo", wanted.undo),
        channel=None if wanted.channel is None else chosen(Channel, "channel", wanted.channel),
        moment=chosen(Moment, "moment", wanted.moment),
        waiting=chosen(Waiting, "waiting", wanted.waiting),
        ask_by=chosen(AskBy, "ask_by", wanted.ask_by),
        assumes=tuple(
            Assumption(key=FactKey(one.fact, one.about), expects=one.expects, words=one.words)
            for one in wanted.assumes
        ),
        can_ask=wanted.can_ask,
        solicited=wanted.solicited,
        adverse=wanted.adverse,
        significant=wanted.significant,
        obligation=wanted.obligation,
        complaint=wanted.complaint,
        sector=wanted.sector,
        product=wanted.product,
        subject=wanted.subject,
    )


def facts_for(wanted: Wanted, matter: Matter, asker: str) -> tuple[UsedFact, ...]:
    """Return how sure each assumption is: by the record, or by what the asker says of the case."""
    return tuple(
        _stated(given, assumption, matter, asker)
        if given.confidence is not None
        else probability(matter.customer, assumption, matter.house, matter.now)
        for given, assumption in zip(wanted.assumes, matter.proposal.assumes, strict=True)
    )


def refuse_what_nobody_knows(wanted: Wanted, matter: Matter) -> None:
    """Refuse assumptions about facts that nobody ever named, or that nobody can know."""
    catalogue = matter.house.catalogue
    for one in wanted.assumes:
        if one.confidence is not None or one.fact in matter.facts:
            continue
        kind = catalogue.facts.get(one.fact)
        if kind is None:
            right = did_you_mean(one.fact, catalogue.facts) or "confidence"
            raise UnknownAssumption(field="assumes.fact", value=one.fact, right=right)
        if not kind.knowable:
            raise UnknowableAssumption(field="assumes.fact", value=one.fact)


def chosen(kind: type[E], field: str, word: str) -> E:
    """Return the word as one of the few that are known."""
    try:
        return kind(word)
    except ValueError:
        known = [one.value for one in kind]
        raise UnknownChoice(
            field=field, value=word, right=did_you_mean(word, known) or known
        ) from None


def _stated(given: Assumed, assumption: Assumption, matter: Matter, asker: str) -> UsedFact:
    cap = matter.house.settings.model_confidence_cap
    return UsedFact(
        key=assumption.key,
        value=True if given.expects is None else given.expects,
        confidence=min(given.confidence or 0.0, cap),
        source=asker,
        kind=SourceKind.INFERRED,
        since=matter.now,
        words=given.words,
    )
