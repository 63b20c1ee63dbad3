"""The guard: gates first, then the smallest loss to the customer.

Promise: pure and complete. The same proposal, customer, house and moment always give the same
decision, and the decision holds everything needed to explain it to the person it touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from terrain.core.act import Proposal
from terrain.core.balance import balance_of, declared, is_close, nearest_change, scale_of
from terrain.core.belief import probability
from terrain.core.consent import Purpose
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Hold, NearestChange, Said, UsedFact, Verdict, Weighing
from terrain.core.explanation import WEIGHED
from terrain.core.gates import closed, question_about
from terrain.core.held_out import HELD_OUT, is_held_out
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.matter import Matter
from terrain.core.settings import GuardSettings
from terrain.core.weighing import GENTLER_FIRST, losses, smallest, stability

_OF_GATE: dict[str, tuple[Verdict, Hold | None]] = {
    "forbid": (Verdict.HOLD, Hold.FORBID),
    "hold": (Verdict.HOLD, Hold.UNTIL_CHANGE),
    "hold_until": (Verdict.HOLD, Hold.UNTIL),
    "hand": (Verdict.HAND, None),
}
# Whoever was drawn to go without: said like a gate, but no rule of the house and no proof the law asks for.
DRAWN = Said(rule=HELD_OUT, version="", verdict="forbid", because=HELD_OUT)
_BECAUSE = {
    Verdict.ACT: "sure_enough",
    Verdict.ASK: "better_asked",
    Verdict.HAND: "better_by_a_person",
    Verdict.HOLD: "not_sure_enough",
}


class Weighed(msgspec.Struct, frozen=True):
    """What the arithmetic alone says, before or beside the gates."""

    verdict: Verdict
    figures: Weighing


class Case(NamedTuple):
    """One matter, what it relies on, and what the gates said about it."""

    matter: Matter
    facts: tuple[UsedFact, ...]
    gates: list[Said]


def weigh(proposal: Proposal, customer: Customer, house: House, now: datetime) -> Decision:
    """Decide about one proposed act."""
    facts = tuple(probability(customer, one, house, now) for one in proposal.assumes)
    return decide(Matter(proposal, customer, house, now), facts)


def decide(matter: Matter, facts: tuple[UsedFact, ...]) -> Decision:
    """Decide about one matter whose assumptions are as sure as this."""
    gates, stop = closed(matter)
    weighed = weigh_facts(matter, facts)
    case = Case(matter, facts, gates)
    if stop is not None:
        return _stopped(case, stop, weighed)
    if matter.proposal.purpose is Purpose.LEGAL_OBLIGATION:
        return _decision(case, weighed, Verdict.ACT, "legal_obligation")
    if weighed.verdict is Verdict.ASK:
        return _ask(case, weighed)
    if weighed.verdict is Verdict.ACT and _is_held_out(matter):
        return _stopped(case, DRAWN, weighed)
    return _decision(case, weighed, weighed.verdict, _because(weighed))


def weigh_facts(
    matter: Matter, facts: Sequence[UsedFact], *, may_ask: bool | None = None
) -> Weighed:
    """Return the smallest loss, with all figures of the rule."""
    proposal, settings = matter.proposal, matter.house.settings
    if may_ask is None:
        may_ask = proposal.can_ask and not _asked_lately(matter)
    balance = balance_of(
        declared(proposal, may_ask=may_ask, unsolicited=_unsolicited(matter)), settings
    )
    p, doubt, weakest = 1.0, 1.0, None
    for fact in facts:
        p *= fact.confidence
        if weakest is None or fact.confidence < doubt:
            doubt, weakest = fact.confidence, fact.key
    scale = balance.scale
    verdict = smallest(p, scale)
    figures = Weighing(
        certainty=p,
        needs=balance.needs,
        turning=balance.turning,
        harm=scale.harm,
        benefit=scale.benefit,
        intrusion=scale.intrusion,
        silence=scale.silence,
        losses=losses(p, scale),
        weakest=weakest,
        close_call=is_close(p, verdict, doubt, balance),
        nearest=nearest_change(p, verdict, None if weakest is None else (weakest, doubt), balance),
    )
    return Weighed(GENTLER_FIRST[verdict], figures)


def stable(decision: Decision, settings: GuardSettings) -> dict[str, float]:
    """Return how often each verdict would come out if every input were a little off.

    For the explanation page: it makes 2,000 draws, the same ones each time it is looked at. What a gate or the
    draw of a holdout decided does not hang on these figures.
    """
    if decision.weighing is None or decision.because not in WEIGHED:
        return {decision.verdict.value: 1.0}
    figures = decision.weighing
    scale = scale_of(
        declared(decision.proposal, may_ask="ask" in figures.losses, unsolicited=0), settings
    )
    scale = msgspec.structs.replace(scale, intrusion=figures.intrusion)
    confidences = [fact.confidence for fact in decision.facts]
    return stability(scale, confidences, settings.stability_draws, decision.decision_id)


def _ask(case: Case, weighed: Weighed) -> Decision:
    """Put the question if its own gates are open; a question is an act too.

    If they open at a known hour and nobody waits, the whole waits for it. Else asking is no way
    out, and the smallest of the other losses counts.
    """
    matter = case.matter
    question = question_about(matter.proposal)
    if question.channel is matter.proposal.channel:  # the same gates have just been asked
        return _decision(case, weighed, Verdict.ASK, "better_asked")
    said, stop = closed(Matter(question, matter.customer, matter.house, matter.now))
    case = Case(matter, case.facts, [*case.gates, *said])
    if stop is None:
        return _decision(case, weighed, Verdict.ASK, "better_asked")
    if stop.verdict == "hold_until" and not weighed.figures.silence:
        return _stopped(case, stop, weighed)
    unasked = weigh_facts(matter, case.facts, may_ask=False)
    return _decision(case, unasked, unasked.verdict, _because(unasked))


def _is_held_out(matter: Matter) -> bool:
    """Draw only who would have got it: others would be compared with people who are not like them."""
    proposal = matter.proposal
    automation = matter.house.versions.get((proposal.automation, proposal.version))
    return is_held_out(automation, proposal, matter.customer.key)


def _because(weighed: Weighed) -> str:
    if weighed.verdict is Verdict.HOLD and not weighed.figures.benefit:
        return "no_benefit"
    return _BECAUSE[weighed.verdict]


def _stopped(case: Case, stop: Said, weighed: Weighed) -> Decision:
    """Return the decision that a gate made, with what would have been decided without it."""
    verdict, hold = _OF_GATE[stop.verdict]
    nearest = weighed.figures.nearest
    if weighed.verdict is not verdict:
        nearest = NearestChange(of=f"gate:{stop.rule}", to="ok", verdict=weighed.verdict)
    figures = msgspec.structs.replace(weighed.figures, close_call=False, nearest=nearest)
    weighed = Weighed(weighed.verdict, figures)
    made = _decision(case, weighed, verdict, stop.because)
    return msgspec.structs.replace(made, hold=hold, until=stop.until, values=stop.inputs)


def _decision(case: Case, weighed: Weighed, verdict: Verdict, because: str) -> Decision:
    matter = case.matter
    proposal, house, key, now = matter.proposal, matter.house, matter.customer.key, matter.now
    return Decision(
        decision_id=id_from(
            now,
            key.customer_id,
            proposal.automation,
            proposal.version,
            proposal.run_id,
            proposal.step,
            proposal.subject,
        ),
        key=key,
        at=now,
        verdict=verdict,
        because=because,
        proposal=proposal,
        hold=Hold.UNTIL_CHANGE if verdict is Verdict.HOLD else None,
        gates=tuple(case.gates),
        facts=case.facts,
        weighing=weighed.figures,
        settings_version=house.settings.version,
        law_version=house.law.version,
        catalogue_version=house.catalogue.version,
    )


def _asked_lately(matter: Matter) -> bool:
    """Tell whether this was asked in the last 90 days: about the same fact, or by the same run."""
    if not matter.customer.questions:
        return False
    proposal = matter.proposal
    since = matter.now - timedelta(days=matter.house.settings.ask_again_days)
    assumed = {one.key for one in proposal.assumes}
    return any(
        question.asked_at > since
        and (question.fact in assumed or (proposal.run_id and question.run_id == proposal.run_id))
        for question in matter.customer.questions
    )


def _unsolicited(matter: Matter) -> int:
    if not matter.customer.contacts:
        return 0
    days = matter.house.settings.intrusion_days
    return sum(not contact.solicited for contact in matter.contacts_since(days))
