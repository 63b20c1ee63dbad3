"""The running watch: acts and signals are counted, a look reads them, what strays is stopped."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from terrain.core.bounds import Origin
from terrain.core.breaker import Cause, How, Resuming
from terrain.core.signal import Signal
from terrain.core.watch import Because, State
from terrain.flow import breaker, rules, watching
from terrain.flow.overseeing import Overseer
from terrain.flow.rules import Signed
from terrain.store import automations, feeds, sources, trips
from terrain.store.feeds import MAILBOX
from terrain.store.sources import Source
from tests.oversight import DAY, HOUR
from tests.people import NOON
from tests.watched import AUTOMATION, BODY, Watched, an_automation

# A delivery that is moved: what comes back of it is told by staff, and nobody answers a letter.
TO_A_DOOR = BODY.replace(
    "send: hello, by: email, reach: inbox", "do: upgrade_shipping, reach: inbox"
)


@pytest.fixture
def house(fresh_database: str) -> Iterator[Watched]:
    working = Watched(fresh_database)
    yield working
    working.record.close()


def test_what_keeps_to_its_bound_is_clear(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(2)
    house.look()

    found = house.stand()
    assert found.reading.state is State.CLEAR
    assert (found.reading.acts, found.reading.bad) == (800, 2)
    assert found.lines[0].code == "within"


def test_before_the_first_act_nothing_is_green(house: Watched) -> None:
    house.publish()
    house.look()

    assert house.stand().reading.because is Because.NO_ACTS


def test_what_strays_is_stopped_with_its_sentence_and_its_figures(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(12)

    assert house.look() == 1

    with house.record.local() as db:
        listed, trip = automations.find(db, AUTOMATION), trips.open_one(db, AUTOMATION)
    assert listed
    assert listed.paused_at
    assert trip
    assert trip.evidence["sentence"]["en"].startswith("Since 22 November: 12 of 800 (complaints)")
    assert trip.evidence["sentence"]["en"] == trip.because
    assert (trip.evidence["bad"], trip.evidence["acts"]) == (12, 800)
    assert trip.evidence["expected"] == pytest.approx(2.4)


# -- late, and for ever ----------------------------------------------------------------------------


def test_a_late_complaint_raises_the_day_of_its_act(house: Watched) -> None:
    sent = house.now
    house.publish()
    house.acts(800)
    house.look()
    house.look(days=20)
    assert house.state() is State.CLEAR

    house.signals(12, at=sent)
    house.looks()

    found = house.stand()
    assert found.reading.state is State.RED
    assert found.reading.strongest
    assert found.reading.strongest.day == sent.date()


def test_a_day_that_is_closed_stays_what_it_was(house: Watched) -> None:
    sent = house.now
    house.publish()
    house.acts(800)
    house.signals(9)
    house.look()
    house.look(days=33)
    house.looks()
    before = house.stand().reading

    house.signals(5, at=sent)
    house.looks()

    assert house.stand().reading.strength == before.strength
    assert before.state is State.AMBER


def test_what_is_kept_stays_small_over_the_years(house: Watched) -> None:
    house.publish()
    for _ in range(120):
        house.acts(100)
        house.look(days=10)

    with house.record.local() as db:
        sizes = db.execute("SELECT max(length(meter)) FROM watch").fetchone()
    assert sizes
    assert sizes[0] < 400
    assert house.stand().reading.acts == 12_000


def test_in_however_many_looks_it_was_seen_it_reads_the_same(house: Watched) -> None:
    house.publish()
    for day in range(45):
        house.acts(200)
        house.signals(1 if day % 3 else 0)
        house.look(days=1)
    house.looks()

    again = Watched(house.record.conninfo)
    again.now = house.now
    with again.record.local() as db:
        db.execute("DELETE FROM watch")
    again.look()

    assert again.stand().reading.strength == pytest.approx(house.stand().reading.strength)
    assert again.stand().reading.acts == house.stand().reading.acts
    again.record.close()


# -- bounds of 0, 1 and above ----------------------------------------------------------------------


def test_where_none_is_allowed_one_stops_it(house: Watched) -> None:
    house.publish(an_automation(bounds={"complaint": 0.0}))
    house.acts(5_000)
    assert house.look() == 0

    house.signals(1)
    assert house.look(seconds=10) == 1
    assert house.stand().lines[0].code == "one_is_too_many"


@pytest.mark.parametrize("share", [1.0, 40.0])
def test_a_bound_that_watches_nothing_stops_no_other_watch(house: Watched, share: float) -> None:
    house.publish(an_automation(bounds={"complaint": share}))
    house.publish(an_automation("welcome"))
    house.acts(800, name="welcome")
    house.signals(12, name="welcome")

    assert house.look() == 1


def test_a_bound_looser_than_usual_that_no_check_saw_is_as_if_not_said(house: Watched) -> None:
    house.publish(an_automation(bounds={"complaint": 0.01, "stop": 0.5}))
    house.look()

    assert house.stand(Signal.STOP).watch.agreed.share == 0.005


def test_only_what_can_come_back_is_watched(house: Watched) -> None:
    house.publish(an_automation())
    house.publish(
        an_automation(
            "move-it", body=BODY.replace("send: hello, by: email", "do: upgrade_shipping")
        )
    )
    house.look()

    with house.record.local() as db:
        rows = db.execute("SELECT automation, signal FROM watch").fetchall()
    assert ("filter-reminder", "spam") in rows
    assert ("move-it", "spam") not in rows
    assert ("move-it", "complaint") in rows


# -- versions --------------------------------------------------------------------------------------


def test_a_cosmetic_version_goes_on_with_the_meter(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(9)
    house.look()
    assert house.publish(an_automation(mandate={"en": "Another sentence."})) == 2
    house.acts(50, version=2)
    house.look(seconds=10)

    found = house.stand()
    assert (found.watch.first_version, found.watch.version) == (1, 2)
    assert found.reading.acts == 850


def test_a_version_that_acts_otherwise_begins_anew_and_the_old_one_is_watched_on(
    house: Watched,
) -> None:
    house.publish()
    house.acts(800)
    house.signals(9)
    house.look()
    house.publish(an_automation(body=BODY.replace("order.placed", "order.delivered")))
    house.acts(100, version=2)
    house.look(seconds=10)
    house.acts(50, version=1)
    house.looks()

    found = {one.watch.version: one.reading for one in house.stands()}
    assert (found[1].acts, found[1].bad) == (850, 9)
    assert (found[2].acts, found[2].bad) == (100, 0)


def test_runs_that_go_on_with_an_old_version_can_still_stop_it(house: Watched) -> None:
    house.publish()
    house.publish(an_automation(body=BODY.replace("order.placed", "order.delivered")))
    house.acts(5_000, version=2)
    house.acts(800, version=1)
    house.look()
    house.signals(12, version=1)
    house.looks()

    with house.record.local() as db:
        assert trips.open_one(db, AUTOMATION)


def test_an_old_version_that_does_nothing_any_more_is_let_go(house: Watched) -> None:
    house.publish()
    house.acts(10)
    house.look()
    house.publish(an_automation(body=BODY.replace("order.placed", "order.delivered")))
    house.look(days=40)
    house.looks()

    assert [one.watch.version for one in house.stands()] == [2]


def test_another_bound_begins_anew_for_its_own_signal_alone(house: Watched) -> None:
    house.publish()
    house.acts(100)
    house.look()
    house.publish(an_automation(bounds={"complaint": 0.001, "stop": 0.005}))
    house.look(seconds=10)

    assert house.stand(Signal.STOP).reading.acts == 100
    assert sorted(one.reading.acts for one in house.stands()) == [0, 100]


def test_a_renamed_automation_is_a_new_promise_and_the_old_one_is_watched_to_its_end(
    house: Watched,
) -> None:
    house.publish()
    house.acts(800)
    house.signals(9)
    house.look()
    with house.record.local() as db, db.transaction():
        automations.retire(db, [AUTOMATION], house.now)
    house.publish(an_automation("filter-again"))
    house.acts(10, name="filter-again")
    house.signals(3)
    house.looks()

    assert house.state() is State.RED
    assert house.stand(name="filter-again").reading.bad == 0


def test_a_retired_automation_is_let_go_once_its_runs_are_over(house: Watched) -> None:
    house.publish()
    house.acts(10)
    house.look()
    with house.record.local() as db, db.transaction():
        automations.retire(db, [AUTOMATION], house.now)
    house.look(seconds=10)
    assert house.stand().reading.acts == 10

    house.look(days=40)
    house.looks()
    assert house.stands() == []


def test_automations_read_apart_do_not_mix(house: Watched) -> None:
    for number in range(30):
        house.publish(an_automation(f"reminder-{number}"))
        house.acts(number + 1, name=f"reminder-{number}")
    house.look()

    with house.record.local() as db:
        found = watching.stand(db, house.now)
    seen = {one.watch.automation: one.reading.acts for one in found if one.watch.signal == "stop"}
    assert seen == {f"reminder-{number}": number + 1 for number in range(30)}


# -- stopped, and let go on ------------------------------------------------------------------------

BECAUSE_BOUND = Resuming(by="Camille", because="the list was another", how=How.BOUND_WAS_WRONG)


def strays(house: Watched, bad: int = 12) -> None:
    house.publish()
    house.acts(800)
    house.signals(bad)
    house.look()


def goes_on(house: Watched) -> None:
    with house.record.local() as db, db.transaction():
        breaker.resume(db, AUTOMATION, BECAUSE_BOUND, house.now)


def stage(house: Watched) -> int | None:
    return house.stand().stage


def test_what_is_stopped_is_stopped_once(house: Watched) -> None:
    strays(house)
    house.signals(5)

    assert house.look(seconds=10) == 0
    with house.record.local() as db:
        assert len(trips.of_automation(db, AUTOMATION)) == 1


def test_after_a_stop_the_meter_begins_anew(house: Watched) -> None:
    strays(house)
    house.now += 2 * HOUR
    goes_on(house)
    house.look(seconds=10)

    found = house.stand()
    assert found.reading.because is Because.NO_ACTS
    assert found.stage == 0
    house.acts(3)
    house.look(seconds=10)
    assert house.stand().reading.acts == 3


def test_what_comes_late_about_before_the_stop_does_not_stop_it_again(house: Watched) -> None:
    strays(house)
    before = house.now
    house.now += 2 * HOUR
    goes_on(house)
    house.look(seconds=10)
    house.signals(30, at=before)
    house.looks()

    with house.record.local() as db:
        assert trips.open_one(db, AUTOMATION) is None


def test_what_somebody_paused_for_no_harm_keeps_its_meter(house: Watched) -> None:
    strays(house, bad=9)
    with house.record.local() as db, db.transaction():
        what = breaker.Tripping(automation=AUTOMATION, cause=Cause.HAND, because="", by="Inès")
        breaker.trip(db, what, breaker.alarm_of(house.settings), house.now)
    house.now += HOUR
    with house.record.local() as db, db.transaction():
        breaker.resume(db, AUTOMATION, Resuming(by="Inès"), house.now)
    house.look(seconds=10)

    assert house.state() is State.AMBER


def test_what_somebody_paused_and_turns_red_is_stopped_for_harm(house: Watched) -> None:
    strays(house, bad=9)
    with house.record.local() as db, db.transaction():
        what = breaker.Tripping(automation=AUTOMATION, cause=Cause.HAND, because="", by="Inès")
        breaker.trip(db, what, breaker.alarm_of(house.settings), house.now)
    house.signals(5)

    assert house.look(seconds=10) == 1
    with house.record.local() as db:
        trip = trips.open_one(db, AUTOMATION)
    assert trip
    assert trip.cause is Cause.METER


def test_a_canary_climbs_by_itself_on_evidence_and_on_nothing_else(house: Watched) -> None:
    house.publish(an_automation(bounds={"complaint": 0.003}, body=TO_A_DOOR))
    house.acts(800)
    house.signals(12)
    house.look()
    house.now += 2 * HOUR
    goes_on(house)
    house.look(days=3)
    assert stage(house) == 0

    house.acts(20_000)
    house.look(hours=47)
    assert stage(house) == 0  # what they say of it had no time to come in yet
    house.look(hours=3)
    assert stage(house) == 1


def test_a_canary_with_an_amber_meter_stays(house: Watched) -> None:
    house.publish(an_automation(bounds={"complaint": 0.003}, body=TO_A_DOOR))
    house.acts(800)
    house.signals(12)
    house.look()
    house.now += 2 * HOUR
    goes_on(house)
    house.now += 2 * HOUR
    house.acts(10_000)
    house.signals(51)
    house.look(days=3)

    assert house.state() in (State.AMBER, State.RED)
    assert stage(house) == 0


def test_a_canary_that_strays_again_is_stopped_again(house: Watched) -> None:
    strays(house)
    house.now += 2 * HOUR
    goes_on(house)
    house.look(seconds=10)
    house.acts(100)
    house.signals(8)

    assert house.look(seconds=10) == 1


# -- what cannot be heard --------------------------------------------------------------------------


def a_case(house: Watched, kind: Signal, source: str) -> None:
    """Let one case of this kind have come from this source."""
    with house.record.local() as db, db.transaction():
        db.execute(
            """
            INSERT INTO signal (bucket, counted, invited, version, customer_id, act_id, hour, at,
                                learned_at, kind, automation, source, message_id)
            VALUES (0, true, false, 1, 1, 1, %(now)s, %(now)s, %(now)s, %(kind)s, %(name)s, %(source)s, '')
            """,
            {"now": house.now, "kind": str(kind), "name": AUTOMATION, "source": source},
        )


def hear_of(house: Watched, source: str) -> None:
    """Let the source have been heard a moment ago; it promised to speak every hour."""
    with house.record.local() as db, db.transaction():
        sources.declare(db, Source(name=source, promised=3600.0))
        db.execute("UPDATE source SET last_heard = %s WHERE name = %s", [house.now, source])


def test_while_the_mailbox_is_away_bounces_are_grey_and_complaints_are_not(house: Watched) -> None:
    house.overseer = Overseer(msgspec.structs.replace(house.settings, imap_url="imap://x@y/"))
    house.publish()
    house.acts(800)
    with house.record.local() as db:
        feeds.heard(db, MAILBOX, house.now)
        feeds.down(db, MAILBOX, house.now + HOUR)
    house.look(minutes=65)
    assert house.state(Signal.BOUNCE) is State.CLEAR
    house.look(minutes=10)
    house.looks()

    found = house.stand(Signal.BOUNCE)
    assert (found.reading.state, found.reading.because) == (State.GREY, Because.GAP)
    assert found.lines[0].code == "gap"
    assert house.state(Signal.COMPLAINT) is State.CLEAR


def test_what_the_mailbox_brings_late_counts_for_its_days(house: Watched) -> None:
    house.overseer = Overseer(msgspec.structs.replace(house.settings, imap_url="imap://x@y/"))
    house.publish()
    with house.record.local() as db:
        feeds.down(db, MAILBOX, house.now)
    sent = house.now
    house.acts(800)
    house.look(hours=30)
    assert house.state(Signal.BOUNCE) is State.GREY

    with house.record.local() as db:
        feeds.heard(db, MAILBOX, house.now)
    house.signals(60, at=sent, signal=Signal.BOUNCE)
    house.looks()
    assert house.state(Signal.BOUNCE) is State.RED


def test_a_source_that_fell_silent_makes_what_it_brings_grey(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(1)
    a_case(house, Signal.COMPLAINT, "support")
    hear_of(house, "support")
    house.look()
    assert house.state() is State.CLEAR

    house.look(hours=5)
    house.looks()
    assert house.state() is State.GREY
    assert house.stand().reading.deaf_since == NOON


def test_days_without_a_feed_do_not_count_as_good_ones(house: Watched) -> None:
    house.publish()
    a_case(house, Signal.COMPLAINT, "support")
    hear_of(house, "support")
    house.acts(100)
    house.look()
    for _ in range(3):
        house.now += DAY
        house.acts(1_000)
        house.looks()
    hear_of(house, "support")
    house.looks()
    house.now += DAY
    house.acts(10)
    hear_of(house, "support")
    house.looks()

    found = house.stand().reading
    assert (found.acts, found.deaf_since) == (10, None)
    assert house.stand(Signal.STOP).reading.acts == 3_110


def test_while_no_worker_looks_nothing_is_green(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.look()
    house.now += 2 * HOUR

    assert house.state() is State.GREY
    assert house.stand().lines[0].code == "gap"


# -- clocks ----------------------------------------------------------------------------------------


def test_a_clock_that_was_ahead_leaves_nothing_behind(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(9)
    house.look()
    house.look(days=3_000)
    house.looks()

    house.now = NOON + HOUR
    house.look()
    house.signals(5)
    house.look(seconds=10)

    assert house.stand().reading.bad == 14
    assert house.state() is State.RED


def test_a_clock_that_jumps_back_an_hour_counts_nothing_twice(house: Watched) -> None:
    house.publish()
    house.acts(100)
    house.look()
    house.acts(50)
    house.look(hours=-1)
    house.look(seconds=10)

    assert house.stand().reading.acts == 150


def test_acts_from_tomorrow_count_too(house: Watched) -> None:
    house.publish()
    house.acts(800, at=NOON + DAY)
    house.signals(12, at=NOON + DAY)

    assert house.look() == 1


def test_a_stop_that_was_lifted_by_a_clock_ahead_does_not_deafen(house: Watched) -> None:
    strays(house)
    house.now += 1_000 * DAY
    goes_on(house)
    house.now = NOON + 3 * HOUR
    house.look()
    house.now += 2 * HOUR
    house.acts(800)
    house.signals(12)

    assert house.look(seconds=10) == 1


# -- what is learned -------------------------------------------------------------------------------

ANOTHER = BODY.replace("order.placed", "order.delivered")


def a_pilot(house: Watched, days: int = 110) -> None:
    house.publish(an_automation(bounds={}))
    for _ in range(days):
        house.acts(10)
        house.signals(1 if house.now.day == 3 else 0)
        house.look(days=1)


def test_without_any_bound_it_says_so_until_a_pilot_taught_one(house: Watched) -> None:
    house.publish(an_automation(bounds={}))
    house.acts(10)
    house.look()

    found = house.stand()
    assert (found.reading.state, found.reading.because) == (State.GREY, Because.NO_BOUND)
    assert found.lines[0].code == "no_bound"


def test_a_pilot_teaches_an_upper_limit_and_its_own_days_count_no_more(house: Watched) -> None:
    a_pilot(house, days=130)
    house.looks()

    found = house.stand()
    assert found.watch.agreed.origin is Origin.LEARNED
    assert 0.003 < found.watch.agreed.share < 0.012
    assert found.reading.state is State.CLEAR
    assert found.reading.acts < 700


def test_a_few_acts_teach_nothing(house: Watched) -> None:
    house.publish(an_automation(bounds={}))
    for _ in range(20):
        house.acts(1)
        house.look(days=10)

    assert house.stand().watch.agreed.origin is Origin.NONE


def test_what_a_pilot_taught_holds_for_the_next_version(house: Watched) -> None:
    a_pilot(house, days=130)
    house.looks()
    house.publish(an_automation(bounds={}, body=ANOTHER))
    house.acts(50, version=2)
    house.look(seconds=10)

    found = {one.watch.version: one.watch.agreed for one in house.stands()}
    assert found[1] == found[2]


# -- how often it may be wrong ---------------------------------------------------------------------


def test_the_false_reds_of_a_year_are_added_up(house: Watched) -> None:
    house.publish()
    house.look()

    with house.record.local() as db:
        expected, budget = watching.false_reds(db)
        watches = [one for one in watching.stand(db, house.now) if one.watch.by_counting]
    assert expected == pytest.approx(len(watches) / 100)
    assert budget == 3


def test_a_smaller_budget_asks_for_more_evidence(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(11)
    with house.record.local() as db, db.transaction():
        signed = Signed(by="Nadia", because="never by mistake", at=house.now)
        rules.set_constant(db, "false_reds_a_year", 0.01, signed)

    assert house.look() == 0
    assert house.state() is State.AMBER
    house.signals(4)
    assert house.look(seconds=10) == 1


def test_the_worst_state_speaks_for_an_automation(house: Watched) -> None:
    strays(house)

    with house.record.local() as db:
        found = watching.stand(db, house.now)
    assert watching.worst(found) is State.RED
    assert found[0].watch.signal is Signal.COMPLAINT
    assert watching.worst([]) is State.GREY


def test_what_has_nothing_to_say_yet_comes_last_and_does_not_speak_for_the_others(
    house: Watched,
) -> None:
    house.publish()
    house.acts(800)
    house.look()
    with house.record.local() as db:
        found = watching.stand(db, house.now)

    reasons = [one.reading.because for one in found]
    assert set(reasons) == {Because.WITHIN, Because.NO_ACTS, Because.NO_BOUND}
    assert (reasons[0], reasons[-1] is Because.WITHIN) == (Because.WITHIN, False)
    assert watching.worst(found) is State.CLEAR


def test_what_cannot_be_heard_speaks_for_all_that_is_clear(house: Watched) -> None:
    house.overseer = Overseer(msgspec.structs.replace(house.settings, imap_url="imap://x@y/"))
    house.publish()
    house.acts(800)
    with house.record.local() as db:
        feeds.down(db, MAILBOX, house.now)
    house.look(hours=1)

    with house.record.local() as db:
        assert watching.worst(watching.stand(db, house.now)) is State.GREY


def test_a_year_of_days_is_there_for_pictures(house: Watched) -> None:
    house.publish()
    house.acts(100, at=NOON - 500 * DAY)
    house.acts(100, at=NOON - 30 * DAY)
    house.signals(2, at=NOON - 30 * DAY)
    house.acts(50)
    house.look()

    with house.record.local() as db:
        found = watching.year(db, house.stand().watch, house.now)
    assert [(day.acts, day.bad) for day in found] == [(100, 2), (50, 0)]


# -- two workers -----------------------------------------------------------------------------------


def test_of_two_who_look_at_once_one_stops_it(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.look()
    other = Watched(house.record.conninfo)
    other.look()
    house.signals(12)
    with ThreadPoolExecutor() as both:
        found = list(both.map(lambda one: one.look(seconds=10), [house, other]))

    assert sum(found) == 1
    with house.record.local() as db:
        assert len(trips.of_automation(db, AUTOMATION)) == 1
    other.record.close()


def test_a_second_worker_goes_on_where_the_first_stood(house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(5)
    house.look()
    other = Watched(house.record.conninfo)
    other.signals(7)
    assert other.look(seconds=10) == 1

    house.look(seconds=20)
    assert house.stand().reading.bad == 12
    other.record.close()
