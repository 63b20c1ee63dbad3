"""What comes back finds the act that caused it: in a real record, through the worker's own turn."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace
from psycopg import Connection, Cursor

from terrain.core.act import ActKind
from terrain.core.consent import Channel, Purpose
from terrain.core.fact import SourceKind
from terrain.flow.turn import turn
from terrain.store import acts, customers, erasing
from terrain.store.counters import hour_of
from tests.journeys import a_shop, written
from tests.people import NOON
from tests.returns import DAY, HOUR, Returns


class Reading(Cursor[Any]):
    """A cursor that notes each time that acts are read to be credited."""

    seen: ClassVar[list[str]] = []

    @classmethod
    def of(cls, db: Connection) -> list[str]:
        cls.seen.clear()
        db.cursor_factory = cls
        return cls.seen

    def execute(self, query: Any, params: Any = None, **more: Any) -> "Reading":
        if "d.explanation" in str(query) and "LATERAL" in str(query):
            self.seen.append(str(query))
        return super().execute(query, params, **more)


@pytest.fixture
def returns(db: Connection) -> Returns:
    return Returns(db)


# -- stories ---------------------------------------------------------------------------------------


def test_a_complaint_twelve_hours_later_counts_at_the_hour_of_the_letter(returns: Returns) -> None:
    lea = returns.customer()
    letter = returns.sends(lea)
    returns.now += 12 * HOUR
    returns.hears("lea", "complaint.opened", complaint_id="K-1")

    assert returns.kinds(letter) == {"complaint"}
    assert returns.hours("signal.complaint") == {hour_of(NOON): 1} == returns.hours("act.left")


def test_an_angry_person_with_three_complaints_is_one(returns: Returns) -> None:
    returns.sends(returns.customer())
    for number in range(3):
        returns.now += HOUR
        returns.hears("lea", "complaint.opened", complaint_id=f"K-{number}")

    assert returns.counted() == {"signal.complaint": 1}


def test_three_complaints_at_one_moment_are_one_too(returns: Returns) -> None:
    returns.sends(returns.customer())
    for number in range(3):
        returns.is_told("lea", "complaint.opened", complaint_id=f"K-{number}")
    returns.works()

    assert returns.counted() == {"signal.complaint": 1}


def test_what_comes_29_days_late_raises_the_old_cohort(returns: Returns) -> None:
    lea = returns.customer()
    returns.sends(lea)
    returns.now += 29 * DAY
    returns.hears("lea", "complaint.opened")

    assert returns.hours("signal.complaint") == {hour_of(NOON): 1}


def test_what_comes_a_year_late_is_kept_and_does_not_count(returns: Returns) -> None:
    letter = returns.sends(returns.customer())
    returns.now += 365 * DAY
    returns.hears("lea", "complaint.opened", act_id=str(letter.act_id))

    (case,) = returns.cases(letter.key)
    assert (case.kind, case.counted) == ("complaint", False)
    assert returns.counted() == {}


def test_after_two_became_one_each_letter_keeps_what_came_back_about_it(returns: Returns) -> None:
    one, other = returns.customer("lea"), returns.customer("lea-at-work")
    mine, theirs = returns.sends(one), returns.sends(other)
    returns.hears("lea", "identity.linked", "desk", other="user_id:lea-at-work")
    assert len(set(customers.survivors(returns.db, [one, other]).values())) == 1
    returns.now += HOUR
    returns.hears("lea", "complaint.opened", act_id=str(theirs.act_id))
    returns.hears("lea-at-work", "help.judged", act_id=str(mine.act_id), helped=True)

    assert (returns.kinds(theirs), returns.kinds(mine)) == ({"complaint"}, {"helped"})


def test_after_one_turned_out_to_be_two_what_came_back_stays_where_it_was_said(
    returns: Returns,
) -> None:
    one, other = returns.customer("lea"), returns.customer("lea-at-work")
    returns.hears("lea", "identity.linked", "desk", other="user_id:lea-at-work")
    mine, theirs = returns.sends(one), returns.sends(other)
    returns.hears("lea", "complaint.opened", act_id=str(theirs.act_id))
    returns.now += HOUR
    returns.hears("lea", "identity.separated", "desk", other="user_id:lea-at-work")
    returns.now += HOUR
    returns.hears("lea", "help.judged", act_id=str(mine.act_id), helped=True)
    returns.hears("lea", "automation.stopped", act_id=str(theirs.act_id), automation="reminder")

    assert (returns.kinds(theirs), returns.kinds(mine)) == ({"complaint"}, {"helped"})
    assert returns.loose() == ["stop"]  # the letter is somebody else's now


def test_two_who_are_joined_between_the_act_and_the_word_of_it_are_one(returns: Returns) -> None:
    returns.customer("lea")
    theirs = returns.sends(returns.customer("lea-at-work"))
    returns.is_told("lea", "complaint.opened", act_id=str(theirs.act_id))
    returns.is_told("lea", "identity.linked", "desk", other="user_id:lea-at-work")
    returns.works()
    returns.now += HOUR
    returns.looks_again()

    assert (returns.kinds(theirs), returns.counted()) == ({"complaint"}, {"signal.complaint": 1})


def test_a_worker_whose_clock_jumps_back_loses_nothing_and_counts_once(returns: Returns) -> None:
    letter = returns.sends(returns.customer())
    returns.now -= 3 * HOUR
    returns.hears("lea", "message.complained", act_id=str(letter.act_id))
    returns.now += 400 * DAY
    returns.hears("lea", "message.complained", act_id=str(letter.act_id))
    returns.now -= 399 * DAY
    returns.hears("lea", "message.complained", act_id=str(letter.act_id))

    assert returns.hours("signal.spam") == {hour_of(NOON): 1}


def test_interleaved_versions_each_bear_their_own(returns: Returns) -> None:
    lea, omar = returns.customer("lea"), returns.customer("omar")
    letters = [returns.sends(key, version=version) for version in (1, 2, 1) for key in (lea, omar)]
    returns.now += HOUR
    for user, place in (("lea", 0), ("omar", 3), ("lea", 4)):
        returns.hears(user, "complaint.opened", act_id=str(letters[place].act_id))

    assert returns.by_version("signal.complaint") == {("reminder", 1): 2, ("reminder", 2): 1}


def test_what_a_renamed_automation_did_stays_under_its_name_of_then(returns: Returns) -> None:
    lea = returns.customer()
    before = returns.sends(lea, automation="reminder")
    returns.now += HOUR
    returns.sends(lea, automation="gentle-reminder")
    returns.hears("lea", "complaint.opened", act_id=str(before.act_id))
    returns.hears("lea", "automation.stopped", automation="gentle-reminder")

    assert returns.by_version("signal.complaint") == {("reminder", 1): 1}
    assert returns.by_version("signal.stop") == {("gentle-reminder", 1): 1}


def test_a_worker_killed_before_its_commit_counts_nothing_and_then_once(returns: Returns) -> None:
    returns.sends(returns.customer())
    returns.is_told("lea", "complaint.opened")
    with pytest.raises(KeyboardInterrupt), returns.db.transaction():
        _a_turn_that_is_killed(returns)
    assert returns.counted() == {}

    returns.works()
    assert returns.counted() == {"signal.complaint": 1}


def _a_turn_that_is_killed(returns: Returns) -> None:
    turn(returns.db, returns.house, range(256), returns.now)
    raise KeyboardInterrupt


# -- what comes too early, or for nobody -----------------------------------------------------------


def test_what_came_before_its_act_left_is_credited_once_it_has(returns: Returns) -> None:
    letter = returns.decides(returns.customer())
    returns.hears("lea", "message.complained", act_id=str(letter.act_id))
    assert (returns.counted(), returns.loose()) == ({}, ["spam"])

    returns.leaves(letter)
    returns.now += 2 * timedelta(minutes=1)
    assert returns.looks_again() == 1
    assert returns.looks_again() == 0
    assert (returns.counted(), returns.loose()) == ({"signal.spam": 1}, [])


def test_what_names_a_decision_waits_for_the_act_that_follows(returns: Returns) -> None:
    act = returns.decides(returns.customer())
    number = f"{act.key.customer_id:x}-{act.decision_id:x}"
    returns.hears("lea", "signal.reported", kind="override", decision_id=number)
    returns.leaves(act)
    returns.now += 2 * timedelta(minutes=1)
    returns.looks_again()

    assert returns.kinds(act) == {"override"}


def test_what_names_nothing_known_is_asked_for_more_and_more_seldom(returns: Returns) -> None:
    returns.customer()
    returns.hears("lea", "complaint.opened", act_id="4711")
    looks = 0
    for _ in range(60 * 24):
        returns.now += timedelta(minutes=1)
        looks += returns.looks_again()

    assert 5 <= looks <= 12
    returns.now += 60 * DAY
    returns.looks_again()
    assert returns.looks_again() == 0
    assert returns.loose() == ["complaint"]


def test_a_complaint_of_somebody_to_whom_nothing_was_done_is_kept_loose(returns: Returns) -> None:
    returns.customer()
    returns.hears("lea", "complaint.opened")

    assert (returns.counted(), returns.loose()) == ({}, ["complaint"])


def test_nobody_can_complain_about_somebody_elses_letter(returns: Returns) -> None:
    returns.customer("lea")
    letter = returns.sends(returns.customer("omar"))
    returns.hears("lea", "complaint.opened", act_id=str(letter.act_id))

    assert (returns.counted(), returns.loose()) == ({}, ["complaint"])


def test_a_sender_from_the_future_is_held_to_now(returns: Returns) -> None:
    letter = returns.sends(returns.customer())
    returns.hears("lea", "complaint.opened", at=NOON + 20 * HOUR)

    (case,) = returns.cases(letter.key)
    assert case.at <= returns.now
    assert returns.counted() == {"signal.complaint": 1}


# -- each kind, through the worker -----------------------------------------------------------------


def test_a_stop_says_which_automation(returns: Returns) -> None:
    lea = returns.customer()
    stopped = returns.sends(lea, automation="offers")
    returns.sends(lea)
    returns.now += HOUR
    returns.hears("lea", "automation.stopped", automation="offers")

    assert returns.kinds(stopped) == {"stop"}


def test_a_letter_that_never_left_can_bounce(returns: Returns) -> None:
    act = returns.decides(returns.customer())
    returns.db.execute("UPDATE act SET state = 'failed', due_at = NULL")
    returns.hears("lea", "message.bounced", act_id=str(act.act_id), type="permanent")

    assert returns.kinds(act) == {"bounce"}


def test_a_fact_that_turns_out_wrong_speaks_against_all_that_relied_on_it(returns: Returns) -> None:
    lea = returns.customer(address="12 rue des Lilas")
    used = {"address": "12 rue des Lilas"}
    wrong = [returns.sends(lea, kind=ActKind.DO, used=used) for _ in range(2)]
    other = returns.sends(lea, kind=ActKind.DO, used={"pet": "cat"})
    returns.now += DAY
    returns.hears("lea", "fact.corrected", fact="address", to="3 rue Neuve")

    assert [returns.kinds(each) >= {"wrong_assumption"} for each in wrong] == [True, True]
    assert returns.kinds(other) == set()
    assert returns.counted() == {"signal.wrong_assumption": 2, "signal.correction": 1}


def test_the_same_order_again_within_a_week(returns: Returns) -> None:
    act = returns.sends(returns.customer(), kind=ActKind.DO, subject="order-17")
    returns.now += 6 * DAY
    returns.hears("lea", "contact.made", channel="call", order="17")

    assert returns.kinds(act) == {"same_need"}


def test_a_refund_of_an_order_that_an_act_touched(returns: Returns) -> None:
    act = returns.sends(returns.customer(), kind=ActKind.DO, subject="order-17")
    returns.now += DAY
    returns.hears("lea", "order.refunded", "shop", order="17", total=30)

    assert returns.kinds(act) == {"make_good"}


def test_the_click_and_the_answer_are_good_news(returns: Returns) -> None:
    letter = returns.sends(returns.customer())
    returns.hears("lea", "message.clicked", "mail", act_id=str(letter.act_id))
    returns.hears("lea", "help.judged", act_id=str(letter.act_id), helped=True)

    assert returns.kinds(letter) == {"taken_up", "helped"}


def test_by_whatever_channel_they_complain(returns: Returns) -> None:
    text = returns.sends(
        returns.customer(), channel=Channel.SMS, purpose=Purpose.SERVICE, automation="texts"
    )
    returns.now += HOUR
    returns.hears("lea", "complaint.opened", "support")

    assert returns.kinds(text) == {"complaint"}


# -- questions -------------------------------------------------------------------------------------

ASKS = """
starts: {when: order.placed}
steps:
  - ask: {about: customer.wants_news, en: News?, fr: Des nouvelles ?, within: 2 days}
    by: email
    reach: inbox
"""


def asked(returns: Returns) -> int:
    """Let Léa be asked, and the question leave; return its number."""
    returns.house = a_shop(written(ASKS))
    lea = returns.customer(email="lea@example.org")
    returns.hears("lea", "order.placed", "shop", order="order-1")
    ((question, act_id),) = returns.db.execute(
        "SELECT q.question_id, a.act_id FROM question q JOIN act a USING (decision_id)"
    ).fetchall()
    found = acts.find(returns.db, lea, act_id)
    assert found is not None
    returns.leaves(found.act)
    return int(question)


def test_a_question_that_nobody_answers_in_time(returns: Returns) -> None:
    asked(returns)
    returns.now += 2 * DAY + HOUR
    returns.works()

    assert returns.counted() == {"signal.no_answer": 1}
    assert returns.hours("signal.no_answer") == {hour_of(NOON): 1}


def test_a_question_that_is_answered_in_time_was_taken_up(returns: Returns) -> None:
    number = asked(returns)
    returns.now += DAY
    returns.hears("lea", "question.answered", question_id=str(number), answer="no")
    returns.now += 2 * DAY
    returns.works()

    assert returns.counted() == {"signal.taken_up": 1}


# -- and forgotten ---------------------------------------------------------------------------------


def test_who_is_erased_leaves_no_signal_and_the_numbers_stay(returns: Returns) -> None:
    lea, omar = returns.customer("lea"), returns.customer("omar")
    for key in (lea, omar):
        returns.sends(key)
    for user in ("lea", "omar"):
        returns.hears(user, "complaint.opened")
        returns.hears(user, "message.complained", act_id="17")
    erasing.some_rows(returns.db, [lea], 1_000, returns.now)

    rows = "SELECT customer_id FROM signal UNION ALL SELECT customer_id FROM loose_signal"
    assert {each for (each,) in returns.db.execute(rows)} == {omar.customer_id}
    assert returns.counted() == {"signal.complaint": 2}


# -- what it costs ---------------------------------------------------------------------------------


def test_nothing_is_read_while_nothing_can_be_a_signal(
    returns: Returns,
) -> None:
    returns.sends(returns.customer(address="12 rue des Lilas"))
    read = Reading.of(returns.db)
    returns.hears("lea", "order.placed", "shop", order="1", address="12 rue des Lilas")
    returns.hears("lea", "page.viewed", "shop")
    returns.customer(address="12 rue des Lilas")

    assert read == []


def test_one_statement_reads_for_everybody(
    returns: Returns,
) -> None:
    users = [f"user-{number}" for number in range(20)]
    for user in users:
        returns.sends(returns.customer(user))
    read = Reading.of(returns.db)
    for user in users:
        returns.is_told(user, "complaint.opened")
    returns.works()

    assert len(read) == 1
    assert returns.counted() == {"signal.complaint": 20}


def test_whoever_may_not_be_believed_silences_nobody(returns: Returns) -> None:
    sources = returns.house.sources | {"site": SourceKind.BEHAVIOUR}
    returns.house = replace(returns.house, sources=sources)
    act = returns.sends(returns.customer())
    returns.hears("lea", "complaint.opened", source="site", act_id=str(act.act_id))
    assert returns.counted() == {}

    returns.hears("lea", "complaint.opened", source="desk", act_id=str(act.act_id))
    returns.hears("lea", "complaint.opened", source="desk", act_id=str(act.act_id))

    (case,) = [one for one in returns.cases(act.key) if one.kind == "complaint"]
    assert (case.source, case.counted) == ("desk", True)
    assert returns.counted() == {"signal.complaint": 1}
