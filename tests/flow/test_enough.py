"""What needs no statistics: one is enough, and it stops what did it."""

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.core.breaker import Cause
from terrain.core.fact import SourceKind
from terrain.core.watch import ENOUGH_ONCE
from terrain.store import trips
from tests.oversight import a_house_that_watches
from tests.returns import Returns

REMINDER = "reminder"


@pytest.fixture
def returns(db: Connection) -> Returns:
    a_house_that_watches(db, REMINDER, "welcome")
    return Returns(db)


@pytest.mark.parametrize("reason", sorted(ENOUGH_ONCE))
def test_one_stops_what_did_it_at_once(returns: Returns, reason: str) -> None:
    returns.sends(returns.customer())
    returns.hears("lea", "complaint.opened", reason=reason)

    trip = trips.open_one(returns.db, REMINDER)
    assert trip
    assert (trip.cause, trip.evidence["reason"]) == (Cause.EVENT, reason)
    assert "without counting" in trip.evidence["sentence"]["en"]
    assert trips.open_one(returns.db, "welcome") is None


def test_any_other_complaint_is_for_the_meter(returns: Returns) -> None:
    returns.sends(returns.customer())
    returns.hears("lea", "complaint.opened", reason="too late")
    returns.hears("lea", "complaint.opened", reason=["safety_report"])

    assert trips.open_one(returns.db, REMINDER) is None


def test_what_nothing_of_ours_did_stops_nothing(returns: Returns) -> None:
    returns.customer()
    returns.hears("lea", "complaint.opened", reason="safety_report")

    assert trips.open_ones(returns.db) == []


def test_whoever_complained_for_less_before_is_heard(returns: Returns) -> None:
    returns.sends(returns.customer())
    returns.hears("lea", "complaint.opened", reason="too late")
    returns.hears("lea", "complaint.opened", reason="safety_report")

    assert trips.open_one(returns.db, REMINDER)


def test_a_page_that_anybody_may_look_into_stops_nothing(returns: Returns) -> None:
    returns.house = replace(returns.house, sources={"site": SourceKind.BEHAVIOUR})
    returns.sends(returns.customer())
    returns.hears("lea", "complaint.opened", source="site", reason="safety_report")

    assert trips.open_ones(returns.db) == []
