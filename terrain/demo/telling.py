"""Plays the shop twice and puts together what is told of it: the stories, the two accounts.

Promise: the careful half may come from the record (what `terrain up` loaded) or from memory; the
naive half never touches a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from terrain.core.house import House
from terrain.demo import naive, report, stories
from terrain.demo.ledger import Account, Compared, account_of
from terrain.demo.life import Life
from terrain.demo.play import Stage, last_moment, play
from terrain.demo.stories import Cast
from terrain.demo.world import CUSTOMERS, people


def carefully(house: House, opened: date) -> Stage:
    return Stage(house=house, opened=opened)


def naively(house: House, opened: date) -> Stage:
    return Stage(house=naive.unguarded(house), opened=opened, weigh=naive.weigh)


def tell(house: House, opened: date, lives: Sequence[Life] | None = None) -> dict[str, Any]:
    """Return the report; `lives` are those that were lived on the record, if they were."""
    everybody = people(opened, CUSTOMERS if lives is None else len(lives))
    careful = play(everybody, carefully(house, opened))
    unguarded = play(everybody, naively(house, opened))
    compared = Compared(
        careful=account_of(lives or [each.life for each in careful]),
        naive=account_of(each.life for each in unguarded),
    )
    cast = Cast(
        house=house,
        now=last_moment(carefully(house, opened)),
        lea=careful[0],
        omar=careful[1],
        naive_lea=unguarded[0],
        everyone=careful,
    )
    return report.body(compared, stories.told(cast), len(everybody))


def naive_account(house: House, opened: date) -> Account:
    """Return what the shop without the guard did."""
    played = play(people(opened), naively(house, opened))
    return account_of(each.life for each in played)
