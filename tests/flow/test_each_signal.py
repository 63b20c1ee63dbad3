"""Every kind of what comes back: an event goes in, a worker takes a turn, a case stands there, and it is counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from psycopg import Connection

from terrain.core.act import Act, ActKind
from terrain.core.signal import EXCEPTIONS, LATE, Signal
from terrain.store.counters import hour_of
from tests.people import NOON
from tests.returns import DAY, HOUR, Returns


class Told(NamedTuple):
    """What was done to Léa, and how that comes back."""

    done: Callable[[Returns], Act]
    comes_back: Callable[[Returns, Act], None]


def a_letter(returns: Returns) -> Act:
    return returns.sends(returns.customer())


def about_an_order(returns: Returns) -> Act:
    return returns.sends(returns.customer(), kind=ActKind.DO, subject="order-17")


def on_an_address(returns: Returns) -> Act:
    lea = returns.customer(address="12 rue des Lilas")
    return returns.sends(lea, kind=ActKind.DO, used={"address": "12 rue des Lilas"})


def said(event: str, source: str = "page", *, named: bool = False, **more: object) -> Callable[[Returns, Act], None]:  # fmt: skip
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
