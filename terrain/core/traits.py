"""What is recorded of one act that may tell those it hurt from those it did not.

Promise: only what the decision itself holds, as it was believed when it was made; never what was learnt later,
and of facts only those with a few possible values: an address or a name is nobody's trait.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from terrain.core.act import Proposal
from terrain.core.catalogue import Catalogue
from terrain.core.decision import Decision, UsedFact

VERSION, STEP, CHANNEL, PRODUCT = "version", "step", "channel", "product"
HOUR, WEEKDAY = "hour", "weekday"
SOURCE, WHO = "source", "who"  # of the fact that was surest to be wrong
FACT = "fact:"  # and its name: "fact:uses"
TRAITS = (VERSION, STEP, CHANNEL, PRODUCT, HOUR, WEEKDAY, SOURCE, WHO)
FEW_VALUES = frozenset({"yes_no", "choice"})
NOBODY = "nobody"  # of a fact that was merely assumed


def traits(
    decision: Decision, left_at: datetime, catalogue: Catalogue, zone: ZoneInfo
) -> dict[str, str]:
    """Return what is known of the act: `{"version": "7", "hour": "18", "fact:uses(filter-a)": "true"}`."""
    there = left_at.astimezone(zone)
    found = {
        VERSION: str(decision.proposal.version),
        STEP: decision.proposal.step,
        HOUR: str(there.hour),
        WEEKDAY: str(there.weekday()),
    }
    if decision.proposal.channel:
        found[CHANNEL] = decision.proposal.channel.value
    return (
        found | _of_product(decision.proposal, decision, catalogue) | _of_facts(decision, catalogue)
    )


def weakest(decision: Decision) -> UsedFact | None:
    """Return the fact that the decision was least sure of."""
    named = decision.weighing.weakest if decision.weighing else None
    known = next((fact for fact in decision.facts if fact.key == named), None)
    return known or min(decision.facts, key=lambda fact: fact.confidence, default=None)


def _of_product(proposal: Proposal, decision: Decision, catalogue: Catalogue) -> dict[str, str]:
    spoken_of = [fact.key.about for fact in decision.facts if fact.key.about in catalogue.products]
    product = proposal.product or next(iter(spoken_of), "")
    return {PRODUCT: product} if product else {}


def _of_facts(decision: Decision, catalogue: Catalogue) -> dict[str, str]:
    found = {}
    doubtful = weakest(decision)
    if doubtful:
        found[SOURCE] = doubtful.source or NOBODY
        found[WHO] = doubtful.kind.value if doubtful.kind else NOBODY
    for fact in decision.facts:
        kind = catalogue.facts.get(fact.key.fact)
        if kind and kind.type in FEW_VALUES and isinstance(fact.value, bool | str):
            found[f"{FACT}{fact.key.fact}"] = str(fact.value)
    return found
