"""The same shop without the guard: what an automation wants to do, it does, unasked.

Promise: nothing else differs. It even keeps to a stop, as every mailing tool does by now; it asks
nobody, weighs nothing and waits for nothing. It exists only in the demo, to be looked at.
"""

from __future__ import annotations

from datetime import datetime

from terrain.core.act import Proposal
from terrain.core.belief import latest
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import id_from


def weigh(proposal: Proposal, customer: Customer, house: House, now: datetime) -> Decision:
    """Let every act through, unless its own unsubscribe link was used."""
    stopped = latest(customer, FactKey("wish.stop", proposal.automation))
    stops = stopped is not None and stopped.value is True
    return Decision(
        decision_id=id_from(now, "naive", customer.key.customer_id, proposal.run_id, proposal.step),
        key=customer.key,
        at=now,
        verdict=Verdict.HOLD if stops else Verdict.ACT,
        hold=Hold.FORBID if stops else None,
        because="stopped" if stops else "nobody_weighed_it",
        proposal=proposal,
        settings_version=house.settings.version,
    )
