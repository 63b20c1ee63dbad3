"""Asks the gates once more, at the moment an act leaves, and says what that means for the act.

Promise: what the gates stop does not leave; what they only hold comes back by itself, and never stands
in the outbox without a moment at which it is looked at again.
"""

from datetime import datetime, timedelta

from terrain.core.act import Act
from terrain.core.customer import Customer
from terrain.core.decision import Said
from terrain.core.gates import gate_again
from terrain.core.house import House
from terrain.core.outbox import ActState, Ending
from terrain.core.task import TaskKind
from terrain.flow.letters import parts_of

# How long until a hold that names no time is asked about again; so a resumed automation goes on
# within a minute.
PAUSED_FOR = timedelta(minutes=1)
HELD_FOR = timedelta(minutes=30)


def held(act: Act, customer: Customer, house: House, now: datetime) -> Ending | None:
    """Return what keeps this act here, or None when it may go."""
    said = gate_again(act, customer, house, now, parts_of(act, house))
    return None if said is None else _ending(act, said, now)


def _ending(act: Act, said: Said, now: datetime) -> Ending:
    if said.verdict == "hand":
        return Ending(act=act, state=ActState.STOPPED, because=said.because, task=TaskKind.HAND)
    if said.verdict not in ("hold", "hold_until"):
        return Ending(act=act, state=ActState.STOPPED, because=said.because)
    wait = PAUSED_FOR if said.because == "paused" else HELD_FOR
    # A moment that lies behind us, or none, must not make us ask again and again.
    due_at = max(said.until or now + wait, now + timedelta(seconds=1))
    if act.expires_at is not None and due_at >= act.expires_at:
        due_at = act.expires_at
    return Ending(act=act, state=ActState.QUEUED, because=said.because, due_at=due_at)
