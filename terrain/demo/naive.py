"""The same shop without the guard: what an automation wants to do, it does, unasked and untold.

Promise: nothing else differs. It even keeps to a stop, as every mailing tool does by now; it asks
nobody, weighs nothing, announces nothing and waits for nothing. What it takes for granted is written
down, so that what turns out wrong can be seen. It exists only in the demo.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from terrain.core.act import Proposal
from terrain.core.automation import Automation, Do
from terrain.core.belief import probability
from terrain.core.claims import latest
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import id_from


def unguarded(house: House) -> House:
    """Return the house whose changes come without a question and without a word before."""
    versions = {key: _unannounced(each) for key, each in house.versions.items()}
    live = {name: versions[name, each.version] for name, each in house.live.items()}
    return msgspec.structs.replace(house, versions=versions, live=live)


def _unannounced(automation: Automation) -> Automation:
    steps = tuple(
        msgspec.structs.replace(step, announce=None, ask=None) if isinstance(step, Do) else step
        for step in automation.steps
    )
    return msgspec.structs.replace(automation, steps=steps)


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
        facts=tuple(probability(customer, one, house, now) for one in proposal.assumes),
        settings_version=house.settings.version,
    )
