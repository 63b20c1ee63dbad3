"""What is watched of an automation: its signals, by the versions that act alike."""

from typing import Any

import msgspec
import pytest

from terrain.core.act import Reach
from terrain.core.automation import Automation
from terrain.core.bounds import Origin
from terrain.core.signal import EXCEPTIONS, GOOD, Signal
from terrain.core.watch import Watch
from terrain.core.watched import watched
from tests.journeys import written

STARTS = "starts: {when: order.placed}\n"
LETTER = "steps: [{send: hello, by: email, reach: inbox}]\n"
MOVE = "steps: [{do: upgrade_shipping, reach: account}]\n"
ASKS = "steps: [{ask: {about: customer.country, en: Where?, fr: Où ?}, by: sms, reach: phone}]\n"


def version(number: int = 1, body: str = LETTER, **changed: Any) -> Automation:
    given = {"version": number, "bounds": {"complaint": 0.001}, "looser_because": {}, **changed}
    return msgspec.structs.replace(written(STARTS + body), **given)


def of(signal: Signal, *versions: Automation) -> list[Watch]:
    return [each for each in watched(versions) if each.signal is signal]


def signals(body: str, **changed: Any) -> set[Signal]:
    return {each.signal for each in watched([version(body=body, **changed)])}


def test_a_letter_can_bounce_and_be_called_spam() -> None:
    assert {Signal.SPAM, Signal.BOUNCE, Signal.STOP, Signal.DISSATISFIED} <= signals(LETTER)


def test_nobody_reports_a_moved_parcel_as_spam() -> None:
    found = signals(MOVE)

    assert found.isdisjoint({Signal.SPAM, Signal.BOUNCE, Signal.STOP, Signal.NO_ANSWER})
    assert {Signal.COMPLAINT, Signal.WRONG_ASSUMPTION, Signal.OVERRIDE} <= found


def test_only_a_question_can_stay_without_answer() -> None:
    assert Signal.NO_ANSWER in signals(ASKS)
    assert Signal.NO_ANSWER not in signals(LETTER)


def test_what_its_file_sets_a_bound_for_is_watched_whatever_it_does() -> None:
    assert Signal.SPAM in signals(MOVE, bounds={"spam": 0.001})


def test_what_does_nothing_to_anybody_is_watched_for_nothing() -> None:
    assert signals(LETTER, steps=(), bounds={}) == set()


def test_good_news_and_our_own_troubles_have_no_meter() -> None:
    assert signals(LETTER).isdisjoint(GOOD | EXCEPTIONS)


def test_each_bound_says_where_it_comes_from() -> None:
    origins = {each.signal: each.agreed.origin for each in watched([version()])}

    assert origins[Signal.COMPLAINT] is Origin.DECLARED
    assert origins[Signal.SPAM] is Origin.USUAL
    assert origins[Signal.CORRECTION] is Origin.NONE


def test_the_furthest_act_says_how_far_it_reaches() -> None:
    (found,) = of(Signal.WRONG_ASSUMPTION, version(body=MOVE))

    assert (found.reach, found.agreed.share) == (Reach.ACCOUNT, 0.005)


def test_a_looser_bound_keeps_its_reason() -> None:
    said = version(bounds={"stop": 0.01}, looser_because={"stop": "Newcomers may say no."})

    assert of(Signal.STOP, said)[0].agreed.reason == "Newcomers may say no."


@pytest.mark.parametrize("share", [0.5, 1.0, 7.0, -1.0])
def test_a_bound_that_no_check_let_pass_is_as_if_not_said(share: float) -> None:
    (found,) = of(Signal.STOP, version(bounds={"stop": share}))

    assert (found.agreed.share, found.agreed.origin) == (0.005, Origin.USUAL)


# -- versions --------------------------------------------------------------------------------------


def test_versions_that_say_the_same_share_a_watch() -> None:
    (found,) = of(Signal.COMPLAINT, version(1), version(2, owner="Camille"), version(3))

    assert (found.first_version, found.version) == (1, 3)


def test_what_acts_otherwise_begins_a_watch_of_its_own() -> None:
    found = of(Signal.COMPLAINT, version(1), version(2, MOVE), version(3, MOVE))

    assert [(each.first_version, each.version) for each in found] == [(1, 1), (2, 3)]


@pytest.mark.parametrize(
    "body",
    [
        STARTS.replace("order.placed", "order.delivered") + LETTER,
        STARTS.replace("order.placed", "order.placed, if: {country: FR}") + LETTER,
        STARTS + LETTER.replace("reach: inbox", "reach: inbox, assumes: customer.country"),
        STARTS + LETTER.replace("by: email, reach: inbox", "by: sms, reach: phone"),
    ],
    ids=["start", "audience", "assumption", "act"],
)
def test_another_audience_assumption_or_act_begins_anew(body: str) -> None:
    other = msgspec.structs.replace(written(body), version=2, bounds={"complaint": 0.001})

    assert [each.first_version for each in of(Signal.COMPLAINT, version(1), other)] == [1, 2]


def test_what_goes_back_to_how_it_was_begins_anew_all_the_same() -> None:
    found = of(Signal.COMPLAINT, version(1), version(2, MOVE), version(3))

    assert [each.first_version for each in found] == [1, 2, 3]


def test_another_bound_begins_anew_for_its_own_signal_alone() -> None:
    versions = version(1), version(2, bounds={"complaint": 0.002})

    assert [each.first_version for each in of(Signal.COMPLAINT, *versions)] == [1, 2]
    assert [each.first_version for each in of(Signal.SPAM, *versions)] == [1]


def test_another_reason_for_the_same_bound_begins_nothing() -> None:
    versions = [
        version(number, bounds={"stop": 0.01}, looser_because={"stop": reason})
        for number, reason in ((1, "one"), (2, "another"))
    ]

    (found,) = of(Signal.STOP, *versions)
    assert (found.first_version, found.agreed.reason) == (1, "another")
