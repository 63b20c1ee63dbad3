"""A process as it is known: what was counted, what was declared, and what had to be supposed.

Promise: no number without what it rests on. What is counted is *measured*; what an owner says is *declared*;
what nobody said is a *default*, marked as one wherever it is shown. `core/efficiency.py` works with
these values and never looks further.

There are two kinds. Where customers bring a **need** (`SeenNeeds`), what counts is whether it was met
and what that cost them; where the house does **acts** nobody asked for (`SeenActs`), whether they were
of use and who was in control.
"""

from __future__ import annotations

import msgspec

from terrain.core.act import Benefit, Reach
from terrain.core.effort import Effort
from terrain.core.signal import Signal
from terrain.core.word import Word

# What counts as harm done; the other signals are watched, and speak through the meter.
HARMS = (Signal.COMPLAINT, Signal.SPAM, Signal.STOP, Signal.WRONG_ASSUMPTION)


def possible(**counts: int | tuple[int, int]) -> None:
    """Refuse counts that cannot be: whoever counted them has a fault, and a grade would hide it."""
    for name, each in counts.items():
        count, most = each if isinstance(each, tuple) else (each, None)
        if count < 0 or (most is not None and count > most):
            raise ValueError(f"{name}: {count} of {most}")


class Basis(Word):
    """What a number rests on."""

    MEASURED = "measured"
    DECLARED = "declared"
    DEFAULT = "default"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a part: `what` names it, and its cases where it was counted; `of` how many."""

    what: str
    value: float
    of: float | None = None
    basis: Basis = Basis.MEASURED


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A number that was not counted: somebody declared it, or it is what we suppose meanwhile."""

    value: float
    basis: Basis = Basis.DECLARED


class Served(Word):
    """How a need is served, or by whom an act is done."""

    AUTOMATION = "automation"
    PEOPLE = "people"
    SELF_SERVICE = "self_service"
    PHONE_MENU = "phone_menu"


class Control(Word):
    """What a customer must be able to do about an act that nobody asked for."""

    STOP = "stop"
    CORRECT = "correct"
    DECIDE_WHEN = "decide_when"


class Light(Word):
    """What the meters of a process show, the worst of them; grey: no signal could have come."""

    GREY = "grey"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """On how many acts a control was offered, how often it was used, and how often that was heeded.

    Offered means: it was there on the act that left, whatever a file says.
    """

    offered: int = 0
    used: int = 0
    heeded: int = 0

    def __post_init__(self) -> None:
        possible(used=self.used, heeded=(self.heeded, self.used), offered=self.offered)


class APerson(msgspec.Struct, frozen=True, kw_only=True):
    """How many were offered a way to a person, how many asked for one, how many had one in time."""

    offered: int = 0
    asked: int = 0
    in_time: int = 0

    def __post_init__(self) -> None:
        possible(offered=self.offered, in_time=(self.in_time, self.asked), asked=self.asked)


class CameBack(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: how many got each signal, how many were hurt by any, and made good in 48 hours."""

    signals: dict[str, int] = {}
    hurt: int = 0
    made_good: int = 0
    light: Light = Light.GREEN

    def __post_init__(self) -> None:
        possible(hurt=self.hurt, made_good=(self.made_good, self.hurt), **self.signals)


class SeenNeeds(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of needs that customers brought, each one once.

    `confirmed`: she says it is solved. `quiet`: it was done in the system and she did not come back
    within seven days. Nothing else is solved: `contained`, that no person was needed, is kept only to
    be held against it. `repeated` needs came back at least once, in `effort.contacts_again` contacts.
    """

    needs: int
    confirmed: int = 0
    quiet: int = 0
    repeated: int = 0
    contained: int = 0
    falsely_contained: int = 0
    dead_ends: int = 0
    effort: Effort = Effort()
    person: APerson = APerson()
    came_back: CameBack = CameBack()

    def __post_init__(self) -> None:
        possible(
            needs=self.needs,
            resolved=(self.resolved, self.needs),
            repeated=(self.repeated, min(self.needs, self.effort.contacts_again)),
            contained=(self.contained, self.needs),
            falsely_contained=(self.falsely_contained, self.contained),
            dead_ends=(self.dead_ends, self.needs),
            confirmed=self.confirmed,
            quiet=self.quiet,
            offered=(self.person.offered, self.needs),
            **_each_at_most(self.came_back, self.needs),
        )

    @property
    def resolved(self) -> int:
        """How many were solved, as she says or because she did not come back."""
        return self.confirmed + self.quiet

    @property
    def seen(self) -> int:
        """How many this rests on: needs."""
        return self.needs


class SeenActs(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of acts that nobody asked for.

    `useful`: taken up, confirmed, or answered "this helped". `wrong`: something assumed was not so.
    `sure`: the certainty it needed was had, or the customer was asked first, or had wished it.
    """

    acts: int
    useful: int = 0
    wrong: int = 0
    sure: int = 0
    controls: dict[Control, Tried] = {}
    person: APerson = APerson()
    came_back: CameBack = CameBack()

    def __post_init__(self) -> None:
        possible(
            acts=self.acts,
            useful=(self.useful, self.acts),
            wrong=(self.wrong, self.acts),
            sure=(self.sure, self.acts),
            offered=(self.person.offered, self.acts),
            **_each_at_most(self.came_back, self.acts),
            **{
                f"{name}.offered": (each.offered, self.acts) for name, each in self.controls.items()
            },
        )

    @property
    def seen(self) -> int:
        """How many this rests on: acts."""
        return self.acts


Seen = SeenNeeds | SeenActs


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """What things cost the company, in its own currency. What it does not know is a default, and says so.

    `own`: one need or act served this way; nothing said for people means what a person costs. `purchase`: what one
    purchase leaves the company, to set what high touch brings back beside what it costs.
    """

    own: Said | None = None
    human: Said = Said(value=6.0, basis=Basis.DEFAULT)
    complaint: Said = Said(value=25.0, basis=Basis.DEFAULT)
    make_good: Said = Said(value=15.0, basis=Basis.DEFAULT)
    purchase: Said = Said(value=20.0, basis=Basis.DEFAULT)

    def __post_init__(self) -> None:
        if self.human.value <= 0:
            raise ValueError("what a person costs is what all the rest is measured by")


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """What was declared of one way in which customers are served, or are done something to.

    `effort`: the minutes it may cost her, as promised. `lawful`: no rule of law refuses it. `bounds`:
    which share of those touched is too much, by signal, where declared.
    """

    name: str
    served: Served
    reach: Reach = Reach.INBOX
    words: dict[str, str] = {}
    owner: str = ""
    benefit: Benefit = Benefit.NONE
    only_way: bool = False
    lawful: bool = True
    effort: Said = Said(value=20.0, basis=Basis.DEFAULT)
    bounds: dict[str, float] = {}
    costs: Costs = Costs()

    def __post_init__(self) -> None:
        if not self.effort.value > 0:
            raise ValueError("a promise of no effort at all could never be kept")


def _each_at_most(came_back: CameBack, most: int) -> dict[str, int | tuple[int, int]]:
    return {
        "hurt": (came_back.hurt, most),
        **{f"signal.{name}": (count, most) for name, count in came_back.signals.items()},
    }
