"""Every kind of what comes back: an event goes in, a worker takes a turn, a case stands there and is counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from psycopg import Connection

from terrain.core.act import Act, ActKind
from terrain.core.signal import EXCEPTIONS, LATE, Signal
from terrain.core.voices import Voice
from terrain.store import signals
from terrain.store.counters import hour_of
from terrain.store.signals import Answered
from tests.people import NOON
from tests.returns import DAY, HOUR, Returns

ComesBack = Callable[[Returns, Act], None]


class Told(NamedTuple):
    """What was done to Léa, and how that comes back."""

    done: Callable[[Returns], Act]
    comes_back: ComesBack


def a_letter(returns: Returns) -> Act:
    return returns.sends(returns.customer())


def about_an_order(returns: Returns) -> Act:
    return returns.sends(returns.customer(), kind=ActKind.DO, subject="order-17")


def on_an_address(returns: Returns) -> Act:
    lea = returns.customer(address="12 rue des Lilas")
    return returns.sends(lea, kind=ActKind.DO, used={"address": "12 rue des Lilas"})


def said(event: str, source: str = "page", *, named: bool = False, **more: object) -> ComesBack:
    def comes_back(returns: Returns, act: Act) -> None:
        by_name = {"act_id": str(act.act_id)} if named else {}
        returns.hears("lea", event, source, **by_name, **more)

    return comes_back


KINDS = {
    Signal.COMPLAINT: Told(a_letter, said("complaint.opened")),
    Signal.SPAM: Told(a_letter, said("message.complained", "mail")),
    Signal.STOP: Told(a_letter, said("automation.stopped", automation="reminder")),
    Signal.BOUNCE: Told(a_letter, said("message.bounced", "mail", type="permanent")),
    Signal.A_PERSON: Told(a_letter, said("person.wanted", about="reminder")),
    Signal.SAME_NEED: Told(about_an_order, said("contact.made", channel="call", order="17")),
    Signal.WRONG_ASSUMPTION: Told(
        on_an_address, said("fact.corrected", fact="address", to="3 rue Neuve")
    ),
    Signal.OVERRIDE: Told(a_letter, said("verdict.overridden", "desk", named=True)),
    Signal.DISSATISFIED: Told(a_letter, said("help.judged", helped=False, automation="reminder")),
    Signal.MAKE_GOOD: Told(about_an_order, said("order.refunded", "shop", order="17", total=30)),
    Signal.CORRECTION: Told(
        on_an_address, said("fact.corrected", fact="address", to="3 rue Neuve")
    ),
    Signal.HELPED: Told(a_letter, said("help.judged", helped=True, automation="reminder")),
    Signal.TAKEN_UP: Told(a_letter, said("message.clicked", "mail", named=True)),
}
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))


@pytest.fixture
def returns(db: Connection) -> Returns:
    return Returns(db)


def counted(returns: Returns, kind: Signal) -> int:
    return returns.counted()[f"signal.{kind}"]


def test_none_is_left_out() -> None:
    # No answer is not said by anybody: test_crediting.py, beside what is of our own making.
    assert set(KINDS) == set(Signal) - EXCEPTIONS - {Signal.NO_ANSWER}


@every_kind
def test_it_is_a_case_of_its_act_and_counts_at_the_hour_of_the_act(
    returns: Returns, kind: Signal
) -> None:
    act = KINDS[kind].done(returns)
    returns.now += 30 * HOUR
    KINDS[kind].comes_back(returns, act)

    (case,) = (case for case in returns.cases(act.key) if case.kind is kind)
    assert (case.act_id, case.automation, case.version) == (act.act_id, "reminder", 1)
    assert (case.hour, case.at, case.counted) == (hour_of(NOON), returns.now, True)
    assert returns.hours(f"signal.{kind}") == {hour_of(NOON): 1}


@every_kind
def test_an_act_has_each_only_once(returns: Returns, kind: Signal) -> None:
    act = KINDS[kind].done(returns)
    for _ in range(3):
        returns.now += HOUR
        KINDS[kind].comes_back(returns, act)

    assert counted(returns, kind) == 1


@every_kind
def test_it_counts_until_its_last_day(returns: Returns, kind: Signal) -> None:
    act = KINDS[kind].done(returns)
    returns.now += LATE[kind] - HOUR
    KINDS[kind].comes_back(returns, act)

    assert counted(returns, kind) == 1


@every_kind
def test_it_counts_no_more_after_that(returns: Returns, kind: Signal) -> None:
    act = KINDS[kind].done(returns)
    returns.now += LATE[kind] + HOUR
    KINDS[kind].comes_back(returns, act)

    assert counted(returns, kind) == 0


@every_kind
def test_what_happened_in_time_and_is_told_too_late_is_no_news_to_a_closed_cohort(
    returns: Returns, kind: Signal
) -> None:
    act = KINDS[kind].done(returns)
    returns.happened = returns.now + HOUR
    returns.now += LATE[kind] + DAY
    KINDS[kind].comes_back(returns, act)

    assert counted(returns, kind) == 0


@every_kind
def test_it_is_nobody_elses(returns: Returns, kind: Signal) -> None:
    act = KINDS[kind].done(returns)
    omar = returns.sends(returns.customer("omar"))
    returns.now += HOUR
    KINDS[kind].comes_back(returns, act)

    assert returns.cases(omar.key) == []


@every_kind
@pytest.mark.parametrize("gap", [timedelta(), timedelta(minutes=1)])
def test_an_act_that_was_not_done_yet_caused_nothing(
    returns: Returns, kind: Signal, gap: timedelta
) -> None:
    """Somebody says it before the act leaves; only where it names the act is it credited afterwards."""
    lea = returns.customer()
    returns.hears("lea", "page.viewed", "shop")
    act = returns.decides(lea, kind=ActKind.DO, subject="order-17")
    KINDS[kind].comes_back(returns, act)
    returns.now += gap

    assert counted(returns, kind) == 0


# -- the same need, by whatever way --------------------------------------------------------------


AGAIN = [
    said("contact.made", "support", channel="call", order="17"),
    said("contact.made", "support", channel="chat", order="17"),
    said("call.received", "support", order="17"),
    said("message.replied", "mail", order="17"),
    said("person.wanted", order="17"),
    said("return.requested", "shop", order="17"),
    said("complaint.opened", "support", order="17"),
]


@pytest.mark.parametrize("comes_back", AGAIN)
def test_whichever_way_they_come_back_it_is_the_same_need(
    returns: Returns, comes_back: ComesBack
) -> None:
    act = about_an_order(returns)
    returns.now += 2 * DAY
    comes_back(returns, act)

    assert counted(returns, Signal.SAME_NEED) == 1


def test_another_order_is_another_need(returns: Returns) -> None:
    act = about_an_order(returns)
    returns.now += 2 * DAY
    said("contact.made", "support", channel="call", order="18")(returns, act)

    assert counted(returns, Signal.SAME_NEED) == 0


def test_three_ways_about_one_order_are_one_need(returns: Returns) -> None:
    act = about_an_order(returns)
    for comes_back in AGAIN[:3]:
        returns.now += HOUR
        comes_back(returns, act)

    assert counted(returns, Signal.SAME_NEED) == 1


# -- who was asked, and who spoke unasked ----------------------------------------------------------


@pytest.mark.parametrize(("surveys", "helped"), [(True, True), (True, False), (False, True)])
def test_an_answer_says_whether_they_were_asked(
    returns: Returns, *, surveys: bool, helped: bool
) -> None:
    act = returns.sends(returns.customer(), surveys=surveys)
    returns.hears("lea", "help.judged", act_id=str(act.act_id), helped=helped)

    (case,) = returns.cases(act.key)
    assert case.invited is surveys


def test_to_say_that_it_is_wrong_is_always_unasked(returns: Returns) -> None:
    act = returns.sends(returns.customer(), surveys=True)
    returns.hears("lea", "person.wanted", about="reminder", wrong=True, act_id=str(act.act_id))

    assert {case.invited for case in returns.cases(act.key)} == {False}


def test_a_survey_tool_may_say_that_they_were_asked(returns: Returns) -> None:
    act = returns.sends(returns.customer())
    number = str(act.act_id)
    returns.hears("lea", "signal.reported", kind="helped", act_id=number, invited=True)
    returns.hears("lea", "signal.reported", kind="complaint", act_id=number, invited=True)

    assert {case.kind: case.invited for case in returns.cases(act.key)} == {
        Signal.HELPED: True,
        Signal.COMPLAINT: False,
    }


def test_an_answer_that_came_before_its_letter_left_was_asked_for_all_the_same(
    returns: Returns,
) -> None:
    act = returns.decides(returns.customer(), surveys=True)
    returns.hears("lea", "help.judged", act_id=str(act.act_id), helped=True)
    returns.leaves(act)
    returns.now += HOUR
    returns.looks_again()

    (case,) = returns.cases(act.key)
    assert (case.kind, case.invited) == (Signal.HELPED, True)


def test_both_voices_are_read_apart(returns: Returns) -> None:
    for user, surveys, helped in (
        ("lea", True, True),
        ("omar", False, False),
        ("ines", True, True),
    ):
        act = returns.sends(returns.customer(user), surveys=surveys)
        returns.hears(user, "help.judged", act_id=str(act.act_id), helped=helped)

    assert signals.answers(returns.db, "reminder", NOON) == [
        Answered(1, Voice.SPONTANEOUS, helped=0, not_helped=1),
        Answered(1, Voice.INVITED, helped=2, not_helped=0),
    ]
