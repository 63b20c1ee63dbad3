"""The file that goes to a person with what the machine did not do: all they need, in front of them.

Promise: whoever asked (an automation, another system, an agent), the file has the same shape.
"""

from __future__ import annotations

from typing import Any

from terrain.core.customer import Customer
from terrain.core.decision import Decision


def handover(decision: Decision, customer: Customer, **more: Any) -> dict[str, Any]:
    """Return what was proposed, why it was not done, what it rests on, what was asked; and `more`."""
    proposal = decision.proposal
    return {
        "proposed": {
            "act": proposal.act.value,
            "name": proposal.name,
            "step": proposal.step,
            "subject": proposal.subject,
        },
        "because": decision.because,
        "facts": [
            {
                "fact": str(fact.key),
                "value": fact.value,
                "confidence": fact.confidence,
                "source": fact.source,
            }
            for fact in decision.facts
        ],
        "asked": [
            {"fact": str(one.fact), "answer": one.answer, "at": one.asked_at.isoformat()}
            for one in customer.questions
        ],
        **more,
    }
