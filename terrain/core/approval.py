"""Who may put a new version of an automation live.

Promise: what reaches further than an inbox, now or until now, goes live only when somebody other than
whoever proposed it says so; below that, the proposer may.
"""

import msgspec

from terrain.core.act import Reach
from terrain.core.automation import Ask, Automation, Do, Send
from terrain.core.promise import every_step
from terrain.core.word import Word
from terrain.errors import Refusal

# From here on one person is not enough: it rings, it changes an account, it comes to the door.
NEEDS_ANOTHER = Reach.PHONE


class NeedsAnotherPerson(Refusal):
    """What reaches a phone or further is put live by somebody else than whoever proposed it."""

    code = "needs_another_person"
    status = 403


def reach_of(automation: Automation | None) -> Reach | None:
    """Return how far its furthest act goes; None for one that does nothing to anybody."""
    reaches = list(Reach)
    steps = every_step(automation) if automation else ()
    found = [reaches.index(step.terms.reach) for step in steps if isinstance(step, Send | Ask | Do)]
    return reaches[max(found)] if found else None


def furthest(old: Automation | None, new: Automation) -> Reach | None:
    """Return how far either goes: what reached a home until now still asks for a second look."""
    reaches = list(Reach)
    found = [reaches.index(reach) for each in (old, new) if (reach := reach_of(each))]
    return reaches[max(found)] if found else None


def needs_another(old: Automation | None, new: Automation) -> bool:
    """Tell whether putting `new` live in the place of `old` takes a second person."""
    reach, reaches = furthest(old, new), list(Reach)
    return reach is not None and reaches.index(reach) >= reaches.index(NEEDS_ANOTHER)


class Origin(Word):
    """Where a version came from."""

    FOLDER = "folder"  # a file was saved
    PAGE = "page"
    TERMINAL = "terminal"
    DEMO = "demo"


class Settled(Word):
    """What became of a proposal."""

    WAITS = "waits"
    LIVE = "live"
    WITHDRAWN = "withdrawn"  # by whoever proposed it
    REJECTED = "rejected"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who says so and why. `staff_id` is 0 for whoever has no account: a file, a terminal, the demo."""

    by: str
    because: str = ""
    staff_id: int = 0

    def is_of(self, other: "Signature") -> bool:
        """Tell whether both are one person's: by number, else by the name as it is said."""
        if self.staff_id and other.staff_id:
            return self.staff_id == other.staff_id
        return _folded(self.by) == _folded(other.by)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
