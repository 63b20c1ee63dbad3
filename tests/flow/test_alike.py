"""The two groups of a watch that compares, as they stand in the record."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from terrain.config import Settings
from terrain.core.act import Reach
from terrain.core.bounds import UNBOUND
from terrain.core.catalogue import Catalogue
from terrain.core.decision import Hold, Verdict
from terrain.core.identifier import CustomerKey
from terrain.core.signal import Signal
from terrain.core.watch import Watch
from terrain.flow import alike
from terrain.flow.alike import Groups
from terrain.store import decisions, signals
from tests.hurt import Written
from tests.oversight import AUTOMATION
from tests.people import NOON

DAY = timedelta(days=1)
WATCH = Watch(
    automation=AUTOMATION,
    first_version=1,
    version=2,
    signal=Signal.COMPLAINT,
    reach=Reach.INBOX,
    agreed=UNBOUND,
    acts_per_year=1_000,
    holdout=0.1,
)


class Beside(Written):
    """Whom it wrote to, and whom it left out to compare with."""

    def leaves_out(
        self, many: int, ago: timedelta = DAY, bad: int = 0, source: str = "shop"
    ) -> list[CustomerKey]:
        at = self.now - ago
        acts = [self._act(key, at, 1) for key in self._new_people(many)]
        held: dict[str, Any] = {"verdict": Verdict.HOLD, "hold": Hold.FORBID, "because": "held_out"}
        decisions.save(self.db, [replace(self._decision(act, at, source), **held) for act in acts])
        cases = [self._case(act, at, Signal.COMPLAINT) for act in acts[:bad]]
        ids = {act.act_id: act.decision_id for act in acts}
        signals.save(
            self.db, [one._replace(act_id=ids[one.act_id], held_out=True) for one in cases]
        )
        return [act.key for act in acts]


def groups(db: Connection, watch: Watch = WATCH) -> Groups:
    return alike.groups(db, watch, NOON, Catalogue(), Settings())


def test_groups_that_rest_on_the_same_are_alike(db: Connection) -> None:
    house = Beside(db, NOON)
    house.to(60, bad=3)
    house.leaves_out(20, bad=1)
    found = groups(db)

    assert (found.treated, found.held_out, found.unalike) == (60, 20, ())


def test_where_one_group_rests_on_another_source_that_is_seen_with_the_signal(
    db: Connection,
) -> None:
    house = Beside(db, NOON)
    house.to(40, bad=1)
    house.to(40, bad=8, source="broker")
    house.leaves_out(38, bad=1)
    house.leaves_out(2, source="broker")
    [by_source] = groups(db).unalike

    assert by_source.trait == "source"
    assert by_source.strata == (("broker", (8, 40), (0, 2)), ("shop", (1, 40), (1, 38)))


def test_other_versions_and_older_days_are_not_looked_at(db: Connection) -> None:
    house = Beside(db, NOON)
    house.to(5, version=3)
    house.to(5, ago=100 * DAY)
    house.to(7)
    house.leaves_out(3, ago=100 * DAY)
    house.leaves_out(2)

    assert (groups(db).treated, groups(db).held_out) == (7, 2)
    began = replace(WATCH, since=NOON - timedelta(hours=1))
    assert (groups(db, began).treated, groups(db, began).held_out) == (0, 0)
