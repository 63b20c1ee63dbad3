"""The kinds of what comes back: each has a last day, and bounds say where they are from."""

from datetime import timedelta

import pytest

from terrain.core.act import Reach
from terrain.core.signal import BAD, EXCEPTIONS, GOOD, LATE, LONGEST, Signal, default_bound


def test_every_kind_is_good_or_bad_or_of_our_own_making() -> None:
    assert set(Signal) == GOOD | BAD | EXCEPTIONS
    assert len(Signal) == len(GOOD) + len(BAD) + len(EXCEPTIONS)


def test_complaints_may_come_for_a_month_and_the_rest_for_a_week() -> None:
    month = {signal for signal, span in LATE.items() if span == timedelta(days=30)}

    assert month == {Signal.COMPLAINT, Signal.SPAM, Signal.NO_ANSWER}
    assert {LATE[signal] for signal in set(Signal) - month} == {timedelta(days=7)}
    assert timedelta(days=30) == LONGEST


@pytest.mark.parametrize(
    ("signal", "reach", "p0"),
    [
        (Signal.SPAM, Reach.INBOX, 0.003),
        (Signal.STOP, Reach.INBOX, 0.005),
        (Signal.STOP, Reach.PHONE, 0.02),
        (Signal.STOP, Reach.HOME, None),
        (Signal.BOUNCE, Reach.INBOX, 0.02),
        (Signal.A_PERSON, Reach.PHONE, 0.25),
        (Signal.SAME_NEED, Reach.ACCOUNT, 0.30),
        (Signal.DISSATISFIED, Reach.INBOX, 0.20),
        (Signal.OVERRIDE, Reach.ACCOUNT, 0.05),
        (Signal.WRONG_ASSUMPTION, Reach.INBOX, 0.05),
        (Signal.WRONG_ASSUMPTION, Reach.PHONE, 0.02),
        (Signal.WRONG_ASSUMPTION, Reach.ACCOUNT, 0.005),
        (Signal.WRONG_ASSUMPTION, Reach.HOME, 0.005),
        (Signal.COMPLAINT, Reach.INBOX, None),
        (Signal.NO_ANSWER, Reach.INBOX, None),
    ],
)
def test_the_bounds_are_those_of_the_design(signal: Signal, reach: Reach, p0: float | None) -> None:
    bound = default_bound(signal, reach)

    assert (bound.p0 if bound else None) == p0


@pytest.mark.parametrize("reach", list(Reach))
def test_only_bad_news_has_a_bound_and_each_says_where_it_is_from(reach: Reach) -> None:
    bounds = {signal: default_bound(signal, reach) for signal in Signal}

    assert {signal for signal, bound in bounds.items() if bound} <= BAD
    assert all(0 < bound.p0 < 1 and bound.source for bound in bounds.values() if bound)


def test_of_spam_there_is_less_to_strive_for_than_is_borne() -> None:
    bound = default_bound(Signal.SPAM, Reach.INBOX)

    assert bound is not None
    assert bound.aim == 0.001 < bound.p0


def test_dissatisfaction_is_a_share_of_those_who_judged() -> None:
    bound = default_bound(Signal.DISSATISFIED, Reach.INBOX)

    assert bound is not None
    assert bound.of == "answers"
