"""The cord as pages offer it: what it would be pulled about, and what it would stop.

Promise: what it stops is said before it is pulled; nothing here says who pulls it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from terrain.console.record import record
from terrain.core.identifier import key_of
from terrain.errors import Refusal
from terrain.flow import flagging
from terrain.flow.flagging import Beforehand, Pull


class Cord(NamedTuple):
    """One form: about which customer and what of theirs; where that is not known, `choices` to pick from."""

    customer: int = 0
    automation: str = ""
    decision: int = 0
    act: int = 0
    choices: tuple[str, ...] = ()
    before: Beforehand | None = None
    reason: str = ""
    text: str = ""
    refusal: Refusal | None = None
    is_need: bool = False


def offered(
    request: HttpRequest, about: Cord, choices: Iterable[str] = (), refusal: Refusal | None = None
) -> Cord:
    """Return the form as a page shows it, with what pulling would do."""
    said = Pull(
        node=key_of(about.customer),
        automation=about.automation,
        reason=about.reason,
        who=request.staff.staff_id,
    )
    before = None
    if about.automation and about.customer:
        before = flagging.beforehand(record(), said, settings.TERRAIN, request.now)
    return about._replace(choices=tuple(sorted(choices)), before=before, refusal=refusal)
