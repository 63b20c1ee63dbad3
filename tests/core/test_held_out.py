"""Who does not get it, so that one can see whether it helps: drawn once, and never for what matters."""

from typing import Any

import msgspec
import pytest

from terrain.core.act import ActKind, Benefit, Proposal, Reach, Undo, Waiting
from terrain.core.automation import Automation, Send
from terrain.core.consent import Purpose
from terrain.core.decision import Decision, Hold, Verdict
from terrain.core.held_out import answers_somebody, is_drawn, is_held_out, may_be_held_out
from terrain.core.identifier import key_of
from tests.core.test_journey import placed
from tests.journeys import PROMISE, Life, written

STEPS = "starts: {when: order.placed}\nsteps:\n  - send: hello\n    by: email\n    reach: inbox\n"
TWICE = STEPS + "  - wait: 1 day\n  - {send: hello, name: again, by: email, reach: inbox}\n"
A_LETTER = Proposal(
    automation="a-promise",
    version=1,
    step="hello",
    act=ActKind.SEND,
    name="hello",
    purpose=Purpose.SERVICE,
    benefit=Benefit.USEFUL,
    reach=Reach.INBOX,
    undo=Undo.BY_CUSTOMER,
)


def holding_out(share: float, body: str = STEPS) -> Automation:
    return msgspec.structs.replace(written(body), holdout=share)


def held(life: Life) -> list[Decision]:
    return [one for one in life.decisions if one.because == "held_out"]


def test_a_tenth_of_the_customers_is_held_out_and_always_the_same() -> None:
    automation = holding_out(0.1)
    drawn = [is_drawn(automation, key_of(number)) for number in range(10_000)]

    assert 900 < sum(drawn) < 1_100
    assert drawn == [is_drawn(automation, key_of(number)) for number in range(10_000)]


def test_whoever_is_held_out_at_a_tenth_is_at_a_half() -> None:
    tenth, half = holding_out(0.1), holding_out(0.5)
    some = [key_of(number) for number in range(1_000)]

    assert {one for one in some if is_drawn(tenth, one)} <= {
        one for one in some if is_drawn(half, one)
    }


def test_two_automations_hold_out_different_people() -> None:
    one, other = holding_out(0.5), msgspec.structs.replace(holding_out(0.5), name="another")
    some = [key_of(number) for number in range(1_000)]

    both = sum(is_drawn(one, key) and is_drawn(other, key) for key in some)
    assert 200 < both < 300


def test_who_is_held_out_gets_nothing_and_the_decision_says_why() -> None:
    life = placed(Life(holding_out(1.0)))

    (decision,) = held(life)
    assert (decision.verdict, decision.hold, life.sent) == (Verdict.HOLD, Hold.FORBID, [])
    assert decision.weighing  # what spoke for it is kept
    nearest = decision.weighing.nearest
    assert nearest
    assert (nearest.of, nearest.verdict) == ("gate:held_out", Verdict.ACT)


def test_everybody_else_gets_it() -> None:
    life = placed(Life(holding_out(0.0)))

    assert (life.sent, held(life)) == (["hello"], [])


def test_the_run_goes_on_as_if_it_had_left() -> None:
    life = placed(Life(holding_out(1.0, TWICE)))
    assert len(held(life)) == 1

    life.days(2)
    assert (len(held(life)), life.sent, life.live) == (2, [], [])


def test_who_would_not_have_got_it_anyway_is_not_compared() -> None:
    life = Life(holding_out(1.0))
    life.hear("automation.stopped", "page", automation="a-promise")
    placed(life)

    assert [one.because for one in life.decisions] == ["stopped"]


def may(more: str = "", head: str = PROMISE) -> bool:
    automation = written(STEPS + more, head)
    (step,) = automation.steps
    assert isinstance(step, Send)
    return may_be_held_out(step, automation)


def test_a_useful_letter_may_be_left_out() -> None:
    assert may()


@pytest.mark.parametrize(
    "more",
    [
        "    benefit: vital\n",
        "    benefit: important\n",
        "    reach: home\n",
        "    waiting: waiting\n",
        "    solicited: yes\n",
        "    obligation: yes\n",
        "    purpose: legal_obligation\n",
        "    purpose: safety\n",
    ],
)
def test_nobody_is_kept_from_what_matters_or_what_they_wait_for(more: str) -> None:
    body = STEPS.replace("    reach: inbox\n", "") if "reach" in more else STEPS
    automation = msgspec.structs.replace(written(body + more), holdout=1.0)

    assert not any(may_be_held_out(step, automation) for step in automation.steps)  # type: ignore[arg-type]
    life = placed(Life(automation))  # nor where such a file got past the check
    assert held(life) == []


def test_what_is_vital_for_some_is_left_out_for_nobody() -> None:
    assert not may("    benefit: {vital: tags, useful: otherwise}\n")


@pytest.mark.parametrize(
    "changed",
    [
        {"benefit": Benefit.VITAL},
        {"reach": Reach.ACCOUNT},
        {"waiting": Waiting.WAITING},
        {"purpose": Purpose.SAFETY},
        {"purpose": Purpose.LEGAL_OBLIGATION},
        {"act": ActKind.ANSWER},
        {"act": ActKind.ASK},
        {"solicited": True},
        {"obligation": True},
        {"complaint": "K-1"},
    ],
)
def test_the_guard_asks_the_same_of_each_act_by_itself(changed: dict[str, Any]) -> None:
    automation, lea = holding_out(1.0), key_of(7)

    assert is_held_out(automation, A_LETTER, lea)
    assert not is_held_out(automation, msgspec.structs.replace(A_LETTER, **changed), lea)


@pytest.mark.parametrize("came_with", ["complaint.opened", "return.requested", "person.wanted"])
def test_whoever_gets_in_touch_is_answered(came_with: str) -> None:
    begun = written(STEPS.replace("order.placed", came_with))

    assert answers_somebody(begun)
    assert not answers_somebody(written(STEPS))
