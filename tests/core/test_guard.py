"""The guard does exactly what its design says, for every case that the design worked out."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.core.act import AskBy, Benefit, Moment, Proposal, Reach, Undo, Waiting
from terrain.core.balance import Declared, balance_of, is_close, scale_of
from terrain.core.decision import Decision, Hold, UsedFact, Verdict
from terrain.core.fact import FactKey
from terrain.core.guard import decide, stable, weigh
from terrain.core.matter import Matter
from terrain.core.question import Question
from terrain.core.settings import GuardSettings
from terrain.core.weighing import ACT, Scale, smallest
from tests.core.test_gates import contacts
from tests.people import MONTH, NOON, YEAR, a_claim, a_customer, a_house
from tests.proposals import NOTICE, UPGRADE, a_fact, but

CASES = json.loads((Path(__file__).parent / "guard_cases.json").read_text())
WEIGHED = [case for case in CASES if "P" in case["expect"]]
SILENCE = {0: Waiting.NOBODY, 5: Waiting.WAITING, 10: Waiting.CRITICAL, 30: Waiting.DANGER}
UNDO = {"customer": Undo.BY_CUSTOMER}
SETTINGS = GuardSettings()
YES = True


def proposed(given: dict[str, Any]) -> Proposal:
    adverse = given.get("adverse", False)
    return but(
        UPGRADE,
        channel=None,
        assumes=(),
        reach=Reach(given["reach"]),
        undo=UNDO.get(given["undo"]) or Undo(given["undo"]),
        moment=Moment(given.get("moment", "routine")),
        benefit=Benefit(given["benefit"]),
        ask_by=AskBy(given.get("ask", "inbox")),
        waiting=SILENCE[given.get("silence", 0)],
        adverse=adverse,
        significant=adverse,
    )


def decided(given: dict[str, Any]) -> Decision:
    facts = tuple(a_fact(name, sure) for name, sure in given["facts"].items())
    return decide(Matter(proposed(given), a_customer(), a_house(), NOON), facts)


@pytest.mark.parametrize("case", WEIGHED, ids=lambda case: case["case"])
def test_every_case_of_the_design_comes_out_to_the_digit(case: dict[str, Any]) -> None:
    expect = case["expect"]

    decision = decided(case["given"])

    figures = decision.weighing
    assert figures is not None
    assert decision.verdict == expect["verdict"]
    assert round(figures.certainty, 2) == expect["P"]
    assert round(figures.needs, 2) == expect["need"]
    assert (figures.harm, figures.benefit) == (expect["H"], expect["B"])
    assert str(figures.weakest) == expect["weakest"]
    shown = {verdict.upper(): round(loss, 2) for verdict, loss in figures.losses.items()}
    assert shown == expect["loss"]


@pytest.mark.parametrize(
    ("name", "verdict", "share"),
    [
        ("filter reminder e-mail (bought 14 months ago, clicked 2 months ago)", "act", 1.0),
        ("same, last sign of life 4 years ago", "hold", 0.99),
        ("same, customer chose 'as soon as possible, I am home all week' yesterday", "act", 0.5),
        ("chatbot GRANTS a 12 EUR refund in its budget", "ask", 0.74),
        ("customer asks to close, immediate and final", "ask", 0.81),
        ("recall: unsafe product, SMS, number 4 years old", "act", 0.84),
    ],
)
def test_a_verdict_is_as_stable_as_the_design_found_it(
    name: str, verdict: str, share: float
) -> None:
    (case,) = [case for case in CASES if case["case"] == name]

    found = stable(decided(case["given"]), SETTINGS)

    assert found[verdict] == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize(
    ("reach", "undo", "moment", "benefit", "needs"),
    [
        ("inbox", "by_customer", "routine", "useful", 30),
        ("phone", "by_customer", "routine", "pleasant", 88),
        ("phone", "by_customer", "routine", "useful", 58),
        ("account", "easily", "routine", "useful", 91),
        ("account", "never", "routine", "important", 92),
        ("home", "easily", "routine", "important", 89),
    ],
)
def test_the_farther_an_act_reaches_the_surer_it_must_be(
    reach: str, undo: str, moment: str, benefit: str, needs: int
) -> None:
    given = {"facts": {}, "reach": reach, "undo": undo, "moment": moment, "benefit": benefit}

    figures = decided(given).weighing

    assert figures is not None
    assert round(100 * figures.needs) == needs


def test_an_act_without_benefit_to_the_customer_is_never_done_unasked() -> None:
    sure = a_fact("asked for it", 1.0)
    nothing = but(NOTICE, benefit=Benefit.NONE, channel=None)

    decision = decide(Matter(nothing, a_customer(), a_house(), NOON), (sure,))

    assert (decision.verdict, decision.because) == (Verdict.HOLD, "no_benefit")
    assert decision.weighing is not None
    assert decision.weighing.turning is None
    assert "act" in decision.weighing.losses


def test_a_tie_goes_to_the_gentler() -> None:
    even = Scale(1, 0, 1, 0, 0.3, 0.25, 2, False, False)  # noqa: FBT003

    assert smallest(0.5, even) == 0
    assert smallest(0.5 + 1e-6, even) == ACT


def test_the_turning_certainty_with_nobody_waiting_is_the_needed_one() -> None:
    decision = decide(Matter(but(NOTICE, can_ask=False), a_customer(), a_house(), NOON), ())

    assert decision.weighing is not None
    assert decision.weighing.turning == pytest.approx(decision.weighing.needs)


def test_what_was_asked_in_the_last_90_days_is_not_asked_again() -> None:
    asked = Question(
        key=a_customer().key,
        question_id=1,
        fact=FactKey("wants_sooner", "42"),
        asked_at=NOON - 2 * MONTH,
        answers=("yes", "no"),
        words={},
    )
    doubt = a_claim(YES, "platform", fact=FactKey("wants_sooner", "42"))

    first = weigh(UPGRADE, a_customer(doubt), a_house(), NOON)
    again = weigh(UPGRADE, a_customer(doubt, questions=(asked,)), a_house(), NOON)
    later = weigh(UPGRADE, a_customer(doubt, questions=(asked,)), a_house(), NOON + 2 * MONTH)

    assert [one.verdict for one in (first, again, later)] == ["ask", "hold", "ask"]


def test_a_question_at_night_waits_for_the_morning() -> None:
    doubt = a_claim(YES, "platform", fact=FactKey("wants_sooner", "42"))
    night = NOON.replace(hour=23)

    decision = weigh(UPGRADE, a_customer(doubt), a_house(), night)

    assert (decision.verdict, decision.hold) == (Verdict.HOLD, Hold.UNTIL)
    assert decision.until is not None
    assert decision.until.isoformat() == "2026-11-23T06:00:00+00:00"  # seven in Paris


def test_whoever_waits_is_not_left_waiting_for_a_question_that_cannot_be_put() -> None:
    doubt = a_claim(YES, "platform", fact=FactKey("wants_sooner", "42"))
    waited_for = but(UPGRADE, waiting=Waiting.WAITING)

    decision = weigh(waited_for, a_customer(doubt), a_house(), NOON.replace(hour=23))

    assert decision.verdict is Verdict.HAND


def test_nobody_known_makes_nothing_certain() -> None:
    decision = weigh(UPGRADE, a_customer(), a_house(), NOON)

    assert decision.verdict is Verdict.HOLD
    assert decision.weighing is not None
    assert (decision.weighing.certainty, decision.facts[0].confidence) == (0.0, 0.0)


def test_the_weakest_fact_is_named_with_how_sure_it_would_have_to_be() -> None:
    four_years = a_claim("lea@example.org", "platform", 4 * YEAR, fact="email")

    decision = weigh(but(NOTICE, can_ask=False), a_customer(four_years), a_house(), NOON)

    assert decision.weighing is not None
    nearest = decision.weighing.nearest
    assert nearest is not None
    assert nearest.of.startswith(("fact:email", "benefit", "undo"))


def test_each_unsolicited_contact_of_the_week_makes_the_next_one_cost_more() -> None:
    quiet = weigh(NOTICE, a_customer(), a_house(), NOON).weighing
    busy = weigh(NOTICE, a_customer(contacts=contacts(2)), a_house(), NOON).weighing

    assert quiet is not None
    assert busy is not None
    assert (quiet.intrusion, round(busy.intrusion, 9)) == (0.2, 0.6)


def test_deciding_twice_is_deciding_once() -> None:
    said = a_claim("lea@example.org", fact="email")

    one, other = (weigh(NOTICE, a_customer(said), a_house(), NOON) for _ in range(2))

    assert one == other
    assert (
        msgspec.json.decode(msgspec.json.encode(one), type=Decision).decision_id == one.decision_id
    )


# -- close calls and what would have turned the verdict


declarations = st.builds(
    Declared,
    st.sampled_from(Reach),
    st.sampled_from(Undo),
    st.sampled_from(Moment),
    st.sampled_from(Benefit),
    st.sampled_from(Waiting),
    st.sampled_from(AskBy),
    st.booleans(),
    st.booleans(),
    st.integers(0, 3),
)
certainties = st.lists(st.floats(0.01, 0.999), min_size=1, max_size=4)


def odds_times(certainty: float, by: float) -> float:
    return certainty * by / (certainty * by + 1 - certainty)


def product(certainties: list[float]) -> float:
    p = 1.0
    for certainty in certainties:
        p *= certainty
    return p


def turned_by_trying(declared: Declared, sure: list[float]) -> bool:
    """Tell by trying each input at half and double whether the verdict changes."""
    scale, p = scale_of(declared, SETTINGS), product(sure)
    verdict = smallest(p, scale)
    for by in (0.5, 2.0):
        for name in ("harm", "intrusion", "benefit", "silence"):
            other = msgspec.structs.replace(scale, **{name: getattr(scale, name) * by})
            if smallest(p, other) != verdict:
                return True
        for place in range(len(sure)):
            moved = [odds_times(c, by) if i == place else c for i, c in enumerate(sure)]
            if smallest(product(moved), scale) != verdict:
                return True
    return False


@given(declarations, certainties)
@settings(max_examples=400, deadline=None)
def test_a_close_call_is_what_trying_every_input_would_find(
    declared: Declared, sure: list[float]
) -> None:
    balance, p = balance_of(declared, SETTINGS), product(sure)
    verdict = smallest(p, balance.scale)

    assert is_close(p, verdict, min(sure), balance) == turned_by_trying(declared, sure)


@given(declarations, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_more_certainty_never_makes_the_verdict_gentler(
    declared: Declared, one: float, other: float
) -> None:
    scale = scale_of(declared, SETTINGS)

    assert smallest(min(one, other), scale) <= smallest(max(one, other), scale)


@given(declarations, certainties)
@settings(max_examples=300, deadline=None)
def test_the_nearest_change_of_a_fact_does_turn_the_verdict(
    declared: Declared, sure: list[float]
) -> None:
    facts = tuple(a_fact(f"f{place}", certainty) for place, certainty in enumerate(sure))
    act = but(
        UPGRADE,
        **{name: getattr(declared, name) for name in ("reach", "undo", "moment", "benefit")},
        waiting=declared.waiting,
        ask_by=AskBy.CONVERSATION,
        channel=None,
    )
    nearest = decide(Matter(act, a_customer(), a_house(), NOON), facts).weighing.nearest  # type: ignore[union-attr]
    if nearest is None or not nearest.of.startswith("fact:"):
        return
    moved = tuple(
        _at(fact, nearest.to) if f"fact:{fact.key}" == nearest.of else fact for fact in facts
    )

    over = [
        decide(
            Matter(act, a_customer(), a_house(), NOON), tuple(_nudged(f, n) for f in moved)
        ).verdict
        for n in (-2e-3, 2e-3)
    ]

    assert nearest.verdict in over


def _at(fact: UsedFact, confidence: float) -> UsedFact:
    return msgspec.structs.replace(fact, confidence=confidence)


def _nudged(fact: UsedFact, by: float) -> UsedFact:
    return _at(fact, min(1.0, max(0.0, fact.confidence + by)))
