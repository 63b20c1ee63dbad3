"""The naive shoes on the record: the old warehouse's own rule acted unasked, and Terrain only listened.

Promise: the record learns of it what it would learn of any tool: what left, what that relied on, and what
customers said. Whom it served are a few customers more than the report counts, and nobody else's lives are
touched; six weeks ago the breaker stopped it, and whoever owns it left it stopped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from psycopg import Connection

from terrain.core.act import Act
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.decision import Decision
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.outbox import ActState, Ending
from terrain.demo import shop, telling
from terrain.demo.days import FASTER_PARCEL
from terrain.demo.life import moment
from terrain.demo.play import Played, play
from terrain.demo.world import CUSTOMERS, EIGHTEEN_MONTHS, SEED, Person, a_person
from terrain.flow import breaker
from terrain.store import acts, decisions, identifiers, trips

OLD_RULE = "parcel-unasked"
# Their numbers begin where nobody else's are.
NUMBERED_FROM = 1000
DAYS_SINCE = 42
BY = "Camille"
WORDS = (
    "It changed parcels that nobody was asked about. It stays stopped: faster-parcel asks first."
)
# The tool did not ask whether it may; and what the desk asks them stands on the record, not in their play.
_UNHEARD = ("parcel.could_go_faster", "help.judged")


def text() -> str:
    return Path(__file__).with_name(f"{OLD_RULE}.yaml").read_text()


def automation(catalogue: Catalogue) -> Automation:
    """Return the rule as somebody wrote it down."""
    return shop.written(text(), OLD_RULE, catalogue)


def customers(opened: date, seed: str = SEED) -> list[Person]:
    """Return those whom the old warehouse served: they buy shoes, and nothing else here."""
    some = (a_person(NUMBERED_FROM + n, opened, seed) for n in range(CUSTOMERS))
    return [
        msgspec.structs.replace(each, buys_filters=0, buys_early_on=None)
        for each in some
        if each.errands
    ]


def stops_at(opened: date) -> datetime:
    """Return when the breaker was let look at it, at last."""
    return moment(opened + timedelta(days=EIGHTEEN_MONTHS - DAYS_SINCE), 7)


def is_looked_after(db: Connection, now: datetime) -> None:
    """Let its owner say why it stays as it is."""
    stopped = trips.open_one(db, OLD_RULE)
    assert stopped is not None  # one parcel in ten came to a closed door
    breaker.answer(db, stopped.trip_id, BY, WORDS, now)


class Tool:
    """What the rule did and what was said of it, handed over moment by moment."""

    def __init__(self, house: House, opened: date) -> None:
        stage = msgspec.structs.replace(
            telling.naively(house, opened), days=EIGHTEEN_MONTHS - DAYS_SINCE
        )
        everyone = play(customers(opened), stage)
        said = (each for played in everyone for each in played.told)
        heard = (each for each in said if each.message.get("event") not in _UNHEARD)
        self.told = deque(sorted(heard, key=lambda each: each.order))
        self.done = deque(sorted(_done(everyone), key=lambda each: each[1].at))

    def keep(self, db: Connection, now: datetime) -> None:
        """Write down what it did up to this moment, and that it left."""
        done = list(self._until(now))
        if not done:
            return
        node_of = identifiers.find(db, {Identifier(Kind.USER_ID, user) for user, _, _ in done})
        of_them = [
            (node_of[Identifier(Kind.USER_ID, user)], decision, act) for user, decision, act in done
        ]
        left = [_with_node(act, node) for node, _, act in of_them if act is not None]
        decisions.save(db, [_decided_for(node, decision) for node, decision, _ in of_them])
        acts.queue(db, left, now)
        acts.settle(db, [Ending(act=act, state=ActState.LEFT, left_at=act.due_at) for act in left])

    def _until(self, now: datetime) -> Iterator[tuple[str, Decision, Act | None]]:
        while self.done and self.done[0][1].at <= now:
            yield self.done.popleft()


def _done(everyone: Iterable[Played]) -> Iterator[tuple[str, Decision, Act | None]]:
    for played in everyone:
        act_of = {act.decision_id: act for act in played.acts}
        for each in played.decisions:
            # What the desk asked them, it asks them on the record itself.
            if each.proposal.automation == FASTER_PARCEL:
                yield played.life.person.user_id, each, act_of.get(each.decision_id)


def _with_node(act: Act, node: CustomerKey) -> Act:
    return msgspec.structs.replace(act, key=node, automation=OLD_RULE, version=1)


def _decided_for(node: CustomerKey, decision: Decision) -> Decision:
    proposal = msgspec.structs.replace(decision.proposal, automation=OLD_RULE, version=1)
    return msgspec.structs.replace(decision, key=node, proposal=proposal)
