"""The rooms of those who work here: what they are called, and which of them are open to whom.

Promise: a room is shown to exactly those whom its page lets in. Its rule stands in `urls.PAGES`, and
nowhere a second time.
"""

from functools import cache
from importlib import import_module
from typing import NamedTuple

from django.conf import settings

from terrain.core.staff import May, Staff
from terrain.words import _


class Room(NamedTuple):
    """One line of the rail; `name` is that of its page and of its icon."""

    name: str
    words: str


# The first four are the ones that stay within reach of a thumb.
ROOMS = (
    Room("morning", _("This morning")),
    Room("customers", _("Customers")),
    Room("tasks", _("Tasks")),
    Room("overview", _("Overview")),
    Room("decisions", _("Decisions")),
    Room("automations", _("Automations")),
    Room("quadrant", _("Quadrant")),
    Room("flags", _("Said to be wrong")),
    Room("needs", _("Unmet needs")),
    Room("recalls", _("Recalls")),
    Room("trays", _("Trays")),
    Room("sources", _("Sources")),
    Room("mail", _("Caught mail")),
    Room("report", _("The demo")),
)
# What stands under the person's own name.
DESK = (
    Room("account", _("My account")),
    Room("my_flags", _("What I said is wrong")),
    Room("staff", _("Staff")),
    Room("keys", _("Keys")),
    Room("audit", _("Audit log")),
)


@cache
def _rules() -> dict[str, str]:
    # Asked for late: the table knows the pages, and every page is written on the paper that asks.
    table = import_module(settings.ROOT_URLCONF).PAGES
    return {page.name: page.rule for page in table}


def opens(staff: Staff | None, name: str) -> bool:
    """Say whether this person may come into the room of this name."""
    rule = _rules().get(name)
    if staff is None or rule is None:
        return False
    return staff.may(rule) if isinstance(rule, May) else rule == "signed_in"


def open_to(staff: Staff | None, of: tuple[Room, ...]) -> list[Room]:
    """Return the rooms that this person may come into."""
    return [room for room in of if opens(staff, room.name)]
