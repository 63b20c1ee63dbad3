"""Who does not get it: what comes back from them all the same is counted beside those who do, and compared."""

import random
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from psycopg import Connection, sql

from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.held_out import is_drawn
from terrain.core.identifier import BUCKETS, CustomerKey, id_from, key_of
from terrain.core.signal import Signal
from terrain.core.watch import Because, State
from terrain.flow import erasure, forgetting
from terrain.flow.erasure import Asking
from terrain.flow.finding import sentences
from terrain.flow.forgetting import How
from terrain.store import automations, decisions, erasures, exports, signals, trips
from terrain.store.counters import hour_of
from terrain.store.signals import Case
from tests.core.test_held_out import A_LETTER
from tests.journeys import a_shop, written
from tests.people import NOON
from tests.returns import DAY, HOUR, Returns
from tests.watched import Watched, an_automation

LETTER = "starts: {when: order.placed}\nsteps: [{send: hello, by: email, reach: inbox}]\n"
NAME = "a-promise"


@pytest.fixture
def returns(db: Connection) -> Returns:
    found = Returns(db)
    found.house = a_shop(replace(written(LETTER), holdout=1.0))
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


def test_who_is_erased_leaves_nothing_but_two_numbers(returns: Returns, tmp_path: Path) -> None:
    lea = held_out(returns)
    returns.now += 12 * HOUR
    returns.hears("lea", "complaint.opened", complaint_id="K-1")
    before = returns.counted("held_out")
    erases(returns, lea, tmp_path)

    assert rows_of(returns, lea) == {}
    assert before == {"held_out": 1, "held_out.complaint": 1}
    assert returns.counted("held_out") == before  # how many there were, of nobody


def test_what_they_take_along_says_that_nothing_was_done(returns: Returns) -> None:
    lea = held_out(returns)
    returns.now += 12 * HOUR
    returns.hears("lea", "complaint.opened", complaint_id="K-1")

    [came] = [one for one in exports.signals(returns.db, [lea]) if one["automation"]]
    assert (came["held_out"], came["act_id"], came["automation"]) == (True, None, NAME)


def test_an_objection_goes_before_the_draw(returns: Returns) -> None:
    """Who wants nothing of it is not counted among those it is compared with."""
    lea = returns.customer("lea", email="lea@example.org")
    returns.hears("lea", "automation.stopped", automation=NAME)
    returns.hears("lea", "order.placed", source="shop", order="17")

    assert [one.because for one in decided(returns, lea)] == ["stopped"]
    assert returns.counted("held_out") == {}


def erases(returns: Returns, lea: CustomerKey, folder: Path) -> None:
    with returns.db.transaction():
        erasure.ask(returns.db, lea, returns.house, returns.now, Asking(DAY))
    later = returns.now + 2 * DAY
    for one in erasures.due(returns.db, range(BUCKETS), later, 20):
        assert forgetting.whole(returns.db, one, returns.house, folder, later) is How.GONE


def rows_of(returns: Returns, lea: CustomerKey) -> dict[str, int]:
    """Return how many rows of each table are hers."""
    tables = returns.db.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'customer_id'"
    ).fetchall()
    counts = {}
    for (table,) in tables:
        asked = sql.SQL("SELECT count(*) FROM {} WHERE customer_id = %s")
        named = asked.format(sql.Identifier(table))
        (counts[table],) = returns.db.execute(named, [lea.customer_id]).fetchone() or (0,)
    return {table: n for table, n in counts.items() if n}


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
        "Complaints: 100 of 10,000 treated (1 %, between 0.82 % and 1.2 %); "
        "10 of 1,000 held out (1 %, between 0.54 % and 1.8 %), so 100 were to be expected. "
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


# -- a house that lives ----------------------------------------------------------------------------


class Living:
    """A thousand people a day, a tenth of them held out by the draw, who complain as often as their group does."""

    def __init__(self, house: Watched, treated: float, held_out: float) -> None:
        self.house, self.rates = house, (treated, held_out)
        self.luck = random.Random(7)  # noqa: S311 - the same days each time
        self.automation = an_automation(bounds={"stop": 0.005}, holdout=0.1)
        self.people = 0

    def day(self) -> None:
        """Let one day pass, and the worker look at what came of it."""
        first, self.people = self.people, self.people + 1_000
        keys = [key_of(number) for number in range(first + 1, self.people + 1)]
        treated, left_out = (
            [key for key in keys if is_drawn(self.automation, key) is drawn]
            for drawn in (False, True)
        )
        self.house.acts(len(treated))
        with self.house.record.local() as db, db.transaction():
            decisions.save(db, [self._left_out(key) for key in left_out])
        for keys, rate in ((treated, self.rates[0]), (left_out, self.rates[1])):
            self._complain([key for key in keys if self.luck.random() < rate], keys is left_out)
        self.house.look(days=1)

    def red_on(self, within: int) -> int | None:
        for day in range(1, within + 1):
            self.day()
            if self.house.state() is State.RED:
                return day
        return None

    def _left_out(self, key: CustomerKey) -> Decision:
        now = self.house.now
        return Decision(
            decision_id=id_from(now, key.customer_id),
            key=key,
            at=now,
            verdict=Verdict.HOLD,
            hold=Hold.FORBID,
            because="held_out",
            proposal=replace(A_LETTER, automation=self.automation.name),
        )

    def _complain(self, keys: list[CustomerKey], held_out: bool) -> None:  # noqa: FBT001 - of one group
        now = self.house.now
        cases = [
            Case(
                bucket=key.bucket,
                counted=True,
                invited=False,
                version=1,
                customer_id=key.customer_id,
                act_id=id_from(now, key.customer_id),
                hour=hour_of(now),
                at=now + HOUR,
                learned_at=now + HOUR,
                kind=Signal.COMPLAINT,
                automation=self.automation.name,
                source="shop",
                message_id=f"m-{key.customer_id}",
                held_out=held_out,
            )
            for key in keys
        ]
        with self.house.record.local() as db, db.transaction():
            signals.save(db, cases)


def test_four_times_as_many_complaints_stop_it_within_days(house: Watched) -> None:
    living = Living(house, treated=0.04, held_out=0.01)

    assert living.red_on(within=20) in range(2, 12)  # the median is day 4 (`watch.md` 3.4)
    with house.record.local() as db:
        stopped = trips.open_one(db, "filter-reminder")
    assert stopped is not None
    assert "treated" in stopped.evidence["sentence"]["en"]
    assert stopped.evidence["expected"] < stopped.evidence["bad"] / 2


def test_where_both_complain_alike_it_is_never_stopped(house: Watched) -> None:
    assert Living(house, treated=0.01, held_out=0.01).red_on(within=90) is None
