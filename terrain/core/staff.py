"""Those who work here: the roles there are, and what each may do.

Promise: whatever no role grants is refused; a role grants what its work needs and no more, so that an
administrator of accounts alone sees no customer, and a viewer nobody's data.
"""

import msgspec

from terrain.core.word import Word


class Role(Word):
    """What somebody is here for (`product.md`); one person may have several."""

    OWNER = "owner"  # of automations: writes them, previews them, answers for them
    ADVISER = "adviser"  # the front line: speaks with customers, puts things right
    MANAGER = "manager"  # answers for the whole
    ADMINISTRATOR = "administrator"  # of the installation: accounts, keys, ways to sign in
    VIEWER = "viewer"  # looks, and sees nobody's data


class May(Word):
    """One thing that somebody may or may not do."""

    LOOK = "look"  # at the house, its automations and sources: counts, nobody's data
    SEE_CUSTOMERS = "see_customers"  # whole: facts, messages, decisions
    SERVE_CUSTOMERS = "serve_customers"  # say for them what they said; close tasks; export, erase
    PROPOSE = "propose"  # a new version of an automation
    APPROVE = "approve"  # put live what somebody else proposed
    PAUSE = "pause"  # an automation, and let it go on
    PULL = "pull"  # the cord: this is wrong, or there is a need here that nothing serves
    ANSWER = "answer"  # what was said to be wrong with an automation of one's own
    TEND = "tend"  # the trays: what could not be handled
    AUDIT = "audit"  # see what staff did
    ADMINISTER = "administer"  # accounts, roles, keys, ways to sign in


GRANTS: dict[Role, frozenset[May]] = {
    Role.VIEWER: frozenset({May.LOOK, May.PULL}),
    Role.ADVISER: frozenset({May.LOOK, May.PULL, May.SEE_CUSTOMERS, May.SERVE_CUSTOMERS}),
    Role.OWNER: frozenset(
        {
            *(May.LOOK, May.PULL, May.SEE_CUSTOMERS, May.PROPOSE),
            *(May.APPROVE, May.PAUSE, May.ANSWER, May.TEND),
        }
    ),
    Role.MANAGER: frozenset(set(May) - {May.ADMINISTER}),
    Role.ADMINISTRATOR: frozenset({May.LOOK, May.PULL, May.TEND, May.AUDIT, May.ADMINISTER}),
}


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here, signed in. `staff_id` is what the audit log and signatures keep."""

    staff_id: int
    name: str
    email: str
    roles: frozenset[Role]

    def may(self, what: May) -> bool:
        """Say whether one of their roles grants this."""
        return any(what in GRANTS[role] for role in self.roles)
