"""The breaker: what it stops, who is told and when the next one is, how it goes on."""

from datetime import timedelta

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core.automation import Automation
from terrain.core.breaker import Cause, How, Resuming, is_in, share_of, whom
from terrain.core.canary import Step
from terrain.core.identifier import key_of
from terrain.core.outbox import ActState
from terrain.flow import breaker, reference, versions
from terrain.flow.breaker import (
    AlreadyAnswered,
    AnswerNeedsWords,
    NotStopped,
    ResumeNeedsChange,
    ResumeNeedsReason,
)
from terrain.store import automations, notices, staff, trips
from terrain.store import reference as moved
from tests.flow.conftest import Sending, a_letter
from tests.outside import PostOffice
from tests.oversight import (
    ADMINISTRATOR,
    AUTOMATION,
    DEPUTY,
    HOUR,
    MANAGER,
    MINUTE,
    OWNER,
    a_house_that_watches,
    a_new_version,
    an_automation,
    the_settings,
    tripped,
)
from tests.people import NOON

BOUND_WAS_WRONG = Resuming(
    by="Camille", because="the bound was set for another list", how=How.BOUND_WAS_WRONG
)


def mailed(db: Connection, trip_id: int, level: int | None = None) -> list[str]:
    return [
        one.address
        for one in notices.of_trip(db, trip_id)
        if one.kind == "mail" and level in (None, one.level)
    ]


# -- it stops --------------------------------------------------------------------------------------


def test_it_is_paused_recorded_and_told_at_once(db: Connection) -> None:
    a_house_that_watches(db)
    before = moved.changes(db)

    found = tripped(db)

    listed = automations.find(db, AUTOMATION)
    assert listed
    assert listed.paused_at == NOON
    assert listed.paused_because == "12 of 800"
    assert moved.changes(db) != before
    assert trips.open_one(db, AUTOMATION) == found
    assert (found.version, found.evidence) == (1, {"bad": 12})
    assert mailed(db, found.trip_id) == [OWNER, DEPUTY]


def test_what_is_stopped_already_keeps_its_first_reason_and_tells_nobody_twice(
    db: Connection,
) -> None:
    a_house_that_watches(db)
    first = tripped(db)

    what = breaker.Tripping(automation=AUTOMATION, cause=Cause.FLAG, because="severe_flag")
    assert breaker.trip(db, what, breaker.alarm_of(read()), NOON + HOUR) is None
    assert [one.trip_id for one in trips.open_ones(db)] == [first.trip_id]
    assert len(mailed(db, first.trip_id)) == 2


def test_what_is_not_ours_cannot_be_stopped(db: Connection) -> None:
    what = breaker.Tripping(automation="no-such-thing", cause=Cause.FLAG, because="severe_flag")

    assert breaker.trip(db, what, breaker.alarm_of(read()), NOON) is None
    assert automations.find(db, "no-such-thing") is None


def test_it_tells_the_console_and_whoever_watches(db: Connection) -> None:
    people = a_house_that_watches(db)

    found = tripped(db, watch_url="https://pager.example.org/terrain")

    shown = {one.staff_id for one in notices.of_trip(db, found.trip_id) if one.kind == "console"}
    assert shown == {people["Camille"], people["Omar"]}
    assert [one.trip_id for one in notices.seen(db, people["Camille"])] == [found.trip_id]
    assert notices.seen(db, people["Nadia"]) == []
    assert [one.address for one in notices.of_trip(db, found.trip_id) if one.kind == "webhook"] == [
        "https://pager.example.org/terrain"
    ]


# -- nothing more leaves ---------------------------------------------------------------------------


def test_tripping_while_a_batch_leaves_lets_out_nothing_but_what_was_on_the_line(
    sending: Sending, post_office: PostOffice
) -> None:
    with sending.record.local() as db:
        a_house_that_watches(db)
    letters = [a_letter(sending.customer(f"customer{n}")) for n in range(40)]
    sending.queue(*letters)

    def trip_at_the_ninth(arrived: int) -> None:
        if arrived == 9:
            with psycopg.connect(sending.record.conninfo) as db:
                tripped(db)

    post_office.on_mail = trip_at_the_ninth
    for minute in range(5):
        sending.send(seconds=60 * minute)

    assert len(post_office.mail) == 9
    states = [sending.standing(letter).state for letter in letters]
    assert states.count(ActState.LEFT) == 9
    assert states.count(ActState.QUEUED) == 31


def test_what_waited_leaves_once_it_goes_on(sending: Sending, post_office: PostOffice) -> None:
    with sending.record.local() as db:
        a_house_that_watches(db)
        tripped(db, cause=Cause.HAND)
    sending.queue(a_letter(sending.customer("lea")))
    sending.send()
    assert post_office.mail == []

    with sending.record.local() as db:
        breaker.resume(db, AUTOMATION, Resuming(by="Camille"), NOON)
    sending.send(seconds=61)
    assert len(post_office.mail) == 1


# -- the next person up ----------------------------------------------------------------------------


def test_without_an_answer_the_deputy_then_the_manager_then_the_administrator_are_told(
    db: Connection,
) -> None:
    a_house_that_watches(db)
    found = tripped(db)
    settings = the_settings(answer_minutes=60)

    assert breaker.escalate(db, breaker.alarm_of(settings), NOON + 59 * MINUTE) == 0
    for hour in range(1, 6):
        breaker.escalate(db, breaker.alarm_of(settings), NOON + hour * HOUR)

    told = {level: mailed(db, found.trip_id, level) for level in range(4)}
    assert told == {0: [OWNER, DEPUTY], 1: [DEPUTY], 2: [MANAGER], 3: [ADMINISTRATOR]}
    last = trips.find(db, found.trip_id)
    assert last
    assert last.level == 3
    assert last.answer_by is None


def test_an_answer_ends_that_and_the_first_one_stands(db: Connection) -> None:
    a_house_that_watches(db)
    found = tripped(db)

    answered = breaker.answer(db, found.trip_id, "Camille", "I am looking into it", NOON + MINUTE)
    with pytest.raises(AlreadyAnswered) as refused:
        breaker.answer(db, found.trip_id, "Omar", "So am I, just now", NOON + HOUR)

    assert answered.answered_by == "Camille"
    assert refused.value.values["by"] == "Camille"
    assert breaker.escalate(db, breaker.alarm_of(read()), NOON + 9 * HOUR) == 0


@pytest.mark.parametrize("words", ["", "  me  ", "x" * 3_000])
def test_whoever_looks_after_it_says_so_in_a_sentence(db: Connection, words: str) -> None:
    a_house_that_watches(db)
    found = tripped(db)

    with pytest.raises(AnswerNeedsWords) as refused:
        breaker.answer(db, found.trip_id, "Camille", words, NOON)

    assert (refused.value.code, refused.value.field) == ("answer_needs_words", "answer")
    assert breaker.escalate(db, breaker.alarm_of(read()), NOON + 9 * HOUR) == 1


def test_what_went_on_again_is_escalated_to_nobody(db: Connection) -> None:
    a_house_that_watches(db)
    found = tripped(db)
    breaker.resume(db, AUTOMATION, BOUND_WAS_WRONG, NOON + MINUTE)

    assert breaker.escalate(db, breaker.alarm_of(read()), NOON + 9 * HOUR) == 0
    assert mailed(db, found.trip_id) == [OWNER, DEPUTY]


def test_a_clock_that_jumps_a_year_ahead_skips_nobody(db: Connection) -> None:
    a_house_that_watches(db)
    found = tripped(db)

    breaker.escalate(db, breaker.alarm_of(read()), NOON + timedelta(days=365))
    breaker.escalate(db, breaker.alarm_of(read()), NOON + timedelta(days=365))

    standing = trips.find(db, found.trip_id)
    assert standing
    assert standing.level == 1


def test_a_clock_that_was_ahead_when_it_tripped_delays_nobody_for_a_year(db: Connection) -> None:
    a_house_that_watches(db)
    found = tripped(db, now=NOON + timedelta(days=365))

    breaker.escalate(db, breaker.alarm_of(read()), NOON)
    standing = trips.find(db, found.trip_id)
    assert standing
    assert standing.answer_by == NOON + HOUR
    breaker.escalate(db, breaker.alarm_of(read()), NOON + HOUR)
    assert mailed(db, found.trip_id, 1) == [DEPUTY]


def test_whoever_was_let_go_is_not_told_and_somebody_else_is(db: Connection) -> None:
    people = a_house_that_watches(db)
    for name in ("Camille", "Omar"):
        staff.keep_active(db, people[name], active=False)

    found = tripped(db)

    assert mailed(db, found.trip_id) == [MANAGER]


def test_in_an_empty_house_it_stops_all_the_same(db: Connection) -> None:
    automations.add_version(db, an_automation(), "", NOON)

    found = tripped(db)

    assert mailed(db, found.trip_id) == []
    listed = automations.find(db, AUTOMATION)
    assert listed
    assert listed.paused_at


def test_an_automation_nobody_can_read_any_more_still_has_managers() -> None:
    assert whom(0, None, []) == []
    assert whom(0, Automation(name="x"), []) == []


# -- it goes on ------------------------------------------------------------------------------------


def test_it_goes_on_with_a_reason_and_a_new_version(db: Connection) -> None:
    a_house_that_watches(db)
    tripped(db)
    said = Resuming(by="Camille", because="the wrong product was read", how=How.NEW_VERSION)

    with pytest.raises(ResumeNeedsChange):
        breaker.resume(db, AUTOMATION, said, NOON + HOUR)
    a_new_version(db, now=NOON + HOUR)
    went_on = breaker.resume(db, AUTOMATION, said, NOON + HOUR)

    assert (went_on.resumed_by, went_on.resumed_how) == ("Camille", "new_version")
    listed = automations.find(db, AUTOMATION)
    assert listed
    assert listed.paused_at is None


def test_it_does_not_go_on_without_a_reason_or_without_saying_what_changed(
    db: Connection,
) -> None:
    a_house_that_watches(db)
    tripped(db)

    for because in ("", "  ", "fixed", "x" * 3_000):
        with pytest.raises(ResumeNeedsReason):
            breaker.resume(db, AUTOMATION, replace(BOUND_WAS_WRONG, because=because), NOON)
    with pytest.raises(ResumeNeedsChange):
        breaker.resume(db, AUTOMATION, replace(BOUND_WAS_WRONG, how=How.GOES_ON), NOON)
    listed = automations.find(db, AUTOMATION)
    assert listed
    assert listed.paused_at


def test_of_two_who_let_it_go_on_one_does_and_the_other_is_told_who(db: Connection) -> None:
    a_house_that_watches(db)
    tripped(db)
    breaker.resume(db, AUTOMATION, BOUND_WAS_WRONG, NOON + HOUR)

    with pytest.raises(NotStopped) as refused:
        breaker.resume(db, AUTOMATION, replace(BOUND_WAS_WRONG, by="Omar"), NOON + HOUR)

    assert refused.value.values["by"] == "Camille"
    last = trips.last_of(db, AUTOMATION)
    assert last
    assert last.resumed_by == "Camille"


def test_two_at_the_very_same_moment(sending: Sending) -> None:
    """The second waits for the first to commit, and then finds that nothing holds it any more."""
    with sending.record.local() as db:
        a_house_that_watches(db)
        tripped(db)
    with psycopg.connect(sending.record.conninfo) as one:
        breaker.resume(one, AUTOMATION, BOUND_WAS_WRONG, NOON)
        with psycopg.connect(sending.record.conninfo) as other:
            other.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                breaker.resume(other, AUTOMATION, replace(BOUND_WAS_WRONG, by="Omar"), NOON)
        one.commit()
        with psycopg.connect(sending.record.conninfo) as other, pytest.raises(NotStopped):
            breaker.resume(other, AUTOMATION, replace(BOUND_WAS_WRONG, by="Omar"), NOON)


def test_it_goes_on_for_a_few_first_and_climbs_only_when_it_may(db: Connection) -> None:
    a_house_that_watches(db)
    tripped(db)
    breaker.resume(db, AUTOMATION, BOUND_WAS_WRONG, NOON)
    shares = []

    for step in (Step.STAY, Step.CLIMB, Step.FALL, Step.CLIMB, Step.CLIMB):
        shares.append(reference.house(db, read()).canaries.get(AUTOMATION))
        breaker.climb(db, AUTOMATION, step, NOON + HOUR)

    assert shares == [0.01, 0.01, 0.10, 0.10, None]
    assert breaker.climb(db, AUTOMATION, Step.CLIMB, NOON) is None


def test_what_is_stopped_does_not_climb(db: Connection) -> None:
    a_house_that_watches(db)
    assert breaker.climb(db, AUTOMATION, Step.CLIMB, NOON) is None
    tripped(db)
    assert breaker.climb(db, AUTOMATION, Step.CLIMB, NOON) is None


def test_a_new_stop_begins_anew_at_the_first_stage(db: Connection) -> None:
    a_house_that_watches(db)
    tripped(db)
    breaker.resume(db, AUTOMATION, BOUND_WAS_WRONG, NOON)
    breaker.climb(db, AUTOMATION, Step.CLIMB, NOON)
    tripped(db, now=NOON + HOUR)
    breaker.resume(db, AUTOMATION, BOUND_WAS_WRONG, NOON + 2 * HOUR)

    assert reference.house(db, read()).canaries == {AUTOMATION: 0.01}


def test_whoever_was_among_the_first_stays_among_them() -> None:
    keys = [key_of(number) for number in range(1, 5_001)]
    first, then, all_ = (
        {key for key in keys if is_in(share, AUTOMATION, 3, key)} for share in (0.01, 0.10, 1.0)
    )

    assert 20 <= len(first) <= 90
    assert 400 <= len(then) <= 600
    assert first <= then <= all_
    assert all_ == set(keys)


@pytest.mark.parametrize(("automation", "version"), [("faster-parcel", 3), (AUTOMATION, 4)])
def test_another_automation_or_version_begins_with_other_people(
    automation: str, version: int
) -> None:
    keys = [key_of(number) for number in range(1, 5_001)]
    first = {key for key in keys if is_in(0.01, AUTOMATION, 3, key)}
    others = {key for key in keys if is_in(0.01, automation, version, key)}

    assert len(others) >= 20
    assert len(first & others) <= 5


@pytest.mark.parametrize(
    ("stage", "share"), [(0, 0.01), (1, 0.10), (2, None), (9, None), (-1, None)]
)
def test_the_shares(stage: int, share: float | None) -> None:
    assert share_of(stage) == share


# -- by hand ---------------------------------------------------------------------------------------


def test_who_pauses_by_hand_stands_in_the_record_and_lets_it_go_on_for_all(db: Connection) -> None:
    a_house_that_watches(db)
    versions.pause(db, AUTOMATION, "Camille", "while we count the stock", NOON)

    stopped = trips.open_one(db, AUTOMATION)
    assert stopped
    assert (stopped.cause, stopped.by) == (Cause.HAND, "Camille")
    assert mailed(db, stopped.trip_id) == []
    versions.resume(db, AUTOMATION, NOON + HOUR, Resuming(by="Omar"))
    went_on = trips.find(db, stopped.trip_id)
    assert went_on
    assert went_on.resumed_by == "Omar"
    assert reference.house(db, read()).canaries == {}


def test_what_a_meter_stopped_does_not_go_on_as_if_somebody_had_paused_it(db: Connection) -> None:
    a_house_that_watches(db)
    tripped(db)

    with pytest.raises(ResumeNeedsReason):
        versions.resume(db, AUTOMATION, NOON, Resuming(by="Omar"))


def test_what_somebody_paused_and_then_did_harm_does_not_go_on_by_a_click(db: Connection) -> None:
    a_house_that_watches(db)
    versions.pause(db, AUTOMATION, "Camille", "while we count the stock", NOON)
    by_hand = trips.open_one(db, AUTOMATION)
    assert by_hand

    harm = tripped(db, cause=Cause.FLAG, now=NOON + HOUR)

    assert (harm.trip_id, harm.cause, harm.by) == (by_hand.trip_id, Cause.FLAG, "Camille")
    assert mailed(db, harm.trip_id) == [OWNER, DEPUTY]
    with pytest.raises(ResumeNeedsReason):
        versions.resume(db, AUTOMATION, NOON + HOUR, Resuming(by="Camille"))
    again = breaker.Tripping(automation=AUTOMATION, cause=Cause.METER, because="12 of 800")
    assert breaker.trip(db, again, breaker.alarm_of(read()), NOON + 2 * HOUR) is None


def test_a_canary_that_somebody_pauses_by_hand_is_a_canary_when_it_goes_on(db: Connection) -> None:
    a_house_that_watches(db)
    tripped(db)
    breaker.resume(db, AUTOMATION, BOUND_WAS_WRONG, NOON)
    breaker.climb(db, AUTOMATION, Step.CLIMB, NOON)

    for hour in (1, 2):  # also when it is paused again
        versions.pause(db, AUTOMATION, "Camille", "while we count the stock", NOON + hour * HOUR)
        versions.resume(db, AUTOMATION, NOON + hour * HOUR + MINUTE, Resuming(by="Omar"))

        assert reference.house(db, read()).canaries == {AUTOMATION: 0.10}


def test_whoever_looked_after_a_pause_has_not_looked_after_the_harm_found_in_it(
    db: Connection,
) -> None:
    a_house_that_watches(db)
    versions.pause(db, AUTOMATION, "Camille", "while we count the stock", NOON)
    by_hand = trips.open_one(db, AUTOMATION)
    assert by_hand
    breaker.answer(db, by_hand.trip_id, "Omar", "I know about the stock", NOON + MINUTE)

    harm = tripped(db, cause=Cause.FLAG, now=NOON + HOUR)

    found = trips.find(db, harm.trip_id)
    assert found
    assert (found.answered_at, found.answered_by, found.answer) == (None, "", "")
    answered = breaker.answer(db, harm.trip_id, "Omar", "I look at it now", NOON + HOUR + MINUTE)
    assert answered.answered_by == "Omar"
