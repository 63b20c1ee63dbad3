"""Who does not get it: what comes back from them all the same is counted beside those who do, and compared."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec
import pytest
from psycopg import Connection

from terrain.core.decision import Decision
from terrain.core.identifier import CustomerKey
from terrain.core.watch import Because, State
from terrain.flow.finding import sentences
from terrain.store import automations, decisions, trips
from terrain.store.counters import hour_of
from tests.journeys import a_shop, written
from tests.people import NOON
from tests.returns import DAY, HOUR, Returns
from tests.watched import Watched, an_automation

LETTER = "starts: {when: order.placed}\nsteps: [{send: hello, by: email, reach: inbox}]\n"
NAME = "a-promise"


@pytest.fixture
def returns(db: Connection) -> Returns:
    found = Returns(db)
    found.house = a_shop(msgspec.structs.replace(written(LETTER), holdout=1.0))
    return found


def held_out(returns: Returns, user: str = "lea") -> CustomerKey:
    """Let somebody order something, and be held out of the letter about it."""
    lea = returns.customer(user, email=f"{user}@example.org")
    returns.hears(user, "order.placed", source="shop", order="17")
    return lea


def decided(returns: Returns, key: CustomerKey) -> list[Decision]:
    return decisions.of_customer(returns.db, [key])


def test_what_is_left_out_is_counted_once_at_its_hour(returns: Returns) -> None:
    lea = held_out(returns)

    assert [one.because for one in decided(returns, lea)] == ["held_out"]
    assert returns.hours("held_out") == {hour_of(NOON): 1}
    assert returns.by_version("held_out") == {(NAME, 1): 1}


def test_a_complaint_of_who_is_held_out_counts_beside_and_not_against(returns: Returns) -> None:
    held_out(returns)
    returns.now += 12 * HOUR
    returns.hears("lea", "complaint.opened", complaint_id="K-1")

    assert returns.hours("held_out.complaint") == {hour_of(NOON): 1}
    assert returns.counted() == {}


def test_three_complaints_of_who_is_held_out_are_one(returns: Returns) -> None:
    held_out(returns)
    for number in range(3):
        returns.now += HOUR
        returns.hears("lea", "complaint.opened", complaint_id=f"K-{number}")

    assert returns.counted("held_out.") == {"held_out.complaint": 1}


def test_a_letter_that_was_not_written_takes_no_complaint_off_one_that_was(
    returns: Returns,
) -> None:
    lea = returns.customer()
    letter = returns.sends(lea)
    returns.now += HOUR
    held_out(returns)
    returns.now += HOUR
    returns.hears("lea", "complaint.opened", complaint_id="K-1")

    assert returns.kinds(letter) == {"complaint"}
    assert returns.counted() == {"signal.complaint": 1}
    assert returns.counted("held_out.") == {"held_out.complaint": 1}


def test_a_letter_after_it_gets_the_complaint_alone(returns: Returns) -> None:
    lea = held_out(returns)
    returns.now += HOUR
    letter = returns.sends(lea)
    returns.now += HOUR
    returns.hears("lea", "complaint.opened", complaint_id="K-1")

    assert returns.kinds(letter) == {"complaint"}
    assert returns.counted("held_out.") == {}


def test_a_complaint_that_comes_too_late_is_not_counted(returns: Returns) -> None:
    held_out(returns)
    returns.now += 31 * DAY
    returns.hears("lea", "complaint.opened", complaint_id="K-1")

    assert returns.counted("held_out.") == {}
    assert returns.loose() == ["complaint"]


def test_harm_to_who_is_held_out_stops_nothing_that_was_not_done(returns: Returns) -> None:
    (automation,) = returns.house.versions.values()
    automations.add_version(returns.db, automation, "", NOON)
    held_out(returns)
    returns.hears(
        "lea", "complaint.opened", source="shop", complaint_id="K-1", reason="safety_report"
    )

    assert returns.counted("held_out.") == {"held_out.complaint": 1}
    assert trips.open_one(returns.db, NAME) is None


# -- compared --------------------------------------------------------------------------------------


@pytest.fixture
def house(fresh_database: str) -> Iterator[Watched]:
    working = Watched(fresh_database)
    working.publish(an_automation(bounds={"stop": 0.005}, holdout=0.1))
    yield working
    working.record.close()


def days(house: Watched, many: int, bad: int, held_bad: int = 0) -> None:
    """Let so many days pass with a thousand letters and a hundred that were left out."""
    for _ in range(many):
        house.acts(1_000)
        house.signals(bad)
        house.count("held_out", 100, None, 1, "filter-reminder")
        house.count("held_out.complaint", held_bad, None, 1, "filter-reminder")
        house.look(days=1)


def test_treated_people_who_are_no_worse_off_are_left_in_peace(house: Watched) -> None:
    days(house, 20, bad=10, held_bad=1)

    found = house.stand()
    assert (found.reading.state, found.reading.because) == (State.CLEAR, Because.NO_WORSE)
    assert found.reading.held_out == (20, 2_000)


def test_treated_people_who_complain_four_times_as_often_stop_it(house: Watched) -> None:
    days(house, 20, bad=40, held_bad=1)
    house.looks()

    found = house.stand()
    assert (found.reading.state, found.reading.because) == (State.RED, Because.WORSE)
    assert found.reading.strength >= 100


def test_the_sentence_says_both_shares_with_how_far_off_they_may_be(house: Watched) -> None:
    days(house, 10, bad=10, held_bad=1)

    (said,) = sentences(house.stand().lines, "en", ZoneInfo("Europe/Paris"))
    assert said == (
        "Complaints: 100 of 10,000 treated (1 %, between 0.82 % and 1.21 %); "
        "10 of 1,000 held out (1 %, between 0.54 % and 1.83 %), so 100 were to be expected. "
        "Nothing says that treated people are worse off."
    )


def test_before_anybody_is_held_out_nothing_is_green(house: Watched) -> None:
    house.acts(800)
    house.look()

    found = house.stand()
    assert found.reading.state is State.GREY
    assert found.lines[0].code == "nobody_held_out"


def test_what_is_frozen_says_what_it_said_when_it_was_open(house: Watched) -> None:
    days(house, 5, bad=20, held_bad=1)
    before = house.stand().reading.strength

    house.look(days=50)
    house.looks()

    after = house.stand().reading
    assert after.strength == pytest.approx(before)
    assert after.held_out == (5, 500)


def test_a_late_complaint_of_who_is_held_out_raises_its_day(house: Watched) -> None:
    sent = house.now
    days(house, 3, bad=20, held_bad=1)
    house.count("held_out.complaint", 5, sent, 1, "filter-reminder")
    house.looks()

    assert house.stand().reading.held_out == (8, 300)


def test_nothing_is_learned_where_it_is_compared(house: Watched) -> None:
    days(house, 100, bad=10, held_bad=1)
    house.look(days=60)
    house.looks()

    assert not house.stand().watch.is_bounded
