"""Processes as tests meet them: an automation of Camille's, an adviser, a form."""

from __future__ import annotations

from typing import Any

import msgspec

from terrain.core.act import Benefit
from terrain.core.effort import Effort
from terrain.core.process import (
    APerson,
    CameBack,
    Control,
    Process,
    SeenActs,
    SeenNeeds,
    Served,
    Tried,
)

EVERYWHERE = {control: Tried(offered=100) for control in Control}


def a_process(**said: Any) -> Process:
    usual = Process(
        name="filter-reminder", served=Served.AUTOMATION, owner="Camille", benefit=Benefit.USEFUL
    )
    return msgspec.structs.replace(usual, **said)


def acts(**counted: Any) -> SeenActs:
    """Return a hundred acts nobody asked for: sure, under control, half of them of use."""
    usual = SeenActs(
        acts=100,
        useful=50,
        sure=100,
        controls=EVERYWHERE,
        person=APerson(offered=100),
    )
    return msgspec.structs.replace(usual, **counted)


def needs(**counted: Any) -> SeenNeeds:
    """Return a hundred needs: nine in ten met, in five minutes each."""
    usual = SeenNeeds(
        needs=100,
        confirmed=40,
        quiet=50,
        effort=Effort(waited=500),
        person=APerson(offered=100),
    )
    return msgspec.structs.replace(usual, **counted)


def hurt(made_good: int = 0, **signals: int) -> CameBack:
    return CameBack(signals=signals, hurt=max(signals.values(), default=0), made_good=made_good)
