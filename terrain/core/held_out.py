"""Who does not get what an automation does, so that what comes back can be compared with those who do.

Promise: pure. A customer is in the same group for ever; nobody is kept from what is important or vital, from the
answer to what they came with, from what they asked for, wait for or are owed, nor from a question.
"""

from terrain.core.act import ActKind, Benefit, Proposal, Reach, Waiting
from terrain.core.automation import Ask, Automation, Do, Send, StartOnEvent
from terrain.core.consent import Purpose
from terrain.core.identifier import CustomerKey
from terrain.core.signs import CONTACTS
from terrain.core.walk import sticky_point

HELD_OUT = "held_out"
MOST_HELD_OUT = 0.5
_NOT_MUCH = frozenset({Benefit.NONE, Benefit.PLEASANT, Benefit.USEFUL})
_NEAR = frozenset({Reach.INBOX, Reach.PHONE})
_OF_CHOICE = frozenset({Purpose.SERVICE, Purpose.PROSPECTING})
_OF_OUR_OWN = frozenset({ActKind.SEND, ActKind.DO})
# No step can be called so: a name has no such character.
_DRAW = "\x1fholdout"


def is_held_out(automation: Automation | None, proposal: Proposal, key: CustomerKey) -> bool:
    """Tell whether this customer goes without this act."""
    return automation is not None and is_drawn(automation, key) and _may_be_left_out(proposal)


def is_drawn(automation: Automation, key: CustomerKey) -> bool:
    """Tell whether this customer is among those who do not get it. Whoever is at 1 % is at 10 %."""
    if not automation.holdout:
        return False
    return sticky_point(key.customer_id, automation.name, _DRAW) < automation.holdout


def answers_somebody(automation: Automation) -> bool:
    """Tell whether it begins with a customer who got in touch: whoever comes with something gets an answer."""
    return any(isinstance(one, StartOnEvent) and one.when in CONTACTS for one in automation.starts)


def may_be_held_out(step: Send | Ask | Do, automation: Automation) -> bool:
    """Tell whether people may go without this act, whatever is true of them."""
    terms = step.terms
    benefits = (terms.benefit or automation.benefit).possible()
    purpose = terms.purpose or automation.purpose
    return (
        terms.reach in _NEAR
        and _NOT_MUCH.issuperset(map(Benefit, benefits))
        and set(terms.waiting.possible()) == {Waiting.NOBODY}
        and purpose in _OF_CHOICE
        and not (terms.solicited or terms.obligation or terms.complaint)
        # Who is not asked has no answer with which the run could go on.
        and not isinstance(step, Ask)
        and step.ask is None
    )


def _may_be_left_out(proposal: Proposal) -> bool:
    """Tell the same of one act, as it is proposed for one customer."""
    return (
        proposal.reach in _NEAR
        and proposal.benefit in _NOT_MUCH
        and proposal.waiting is Waiting.NOBODY
        and proposal.purpose in _OF_CHOICE
        and proposal.act in _OF_OUR_OWN
        and not (proposal.solicited or proposal.obligation or proposal.complaint)
    )
