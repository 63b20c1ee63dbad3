"""What differs about the people hit is found where it was planted, and hardly ever where there is only noise."""

import random
from collections.abc import Mapping

import pytest

from terrain.core.contrast import CODES, Case, Value, contrast, told
from terrain.core.interval import Share

SEGMENTS = ("new", "loyal", "lost")
TRAITS: dict[str, tuple[str, ...]] = {
    "version": ("6", "7"),
    "segment": SEGMENTS,
    "source": ("order", "broker", "form", "import"),
    "product": tuple(f"P{n}" for n in range(40)),
    "hour": tuple(map(str, range(24))),
}


def someone(chance: random.Random) -> dict[str, str]:
    return {trait: chance.choice(values) for trait, values in TRAITS.items()}


def touched(seed: int, people: int, cause: Mapping[str, str], risk: float) -> list[Case]:
    """Return people of whom one in a hundred is hit, and of those with the cause more."""
    chance = random.Random(seed)  # noqa: S311 - the same people each time
    cases = []
    for _ in range(people):
        traits = someone(chance)
        is_at_risk = cause.items() <= traits.items() if cause else False
        cases.append(Case(traits, chance.random() < (risk if is_at_risk else 0.01)))
    return cases


@pytest.mark.parametrize(
    ("trait", "value"), [("version", "7"), ("segment", "lost"), ("source", "broker"), ("hour", "3")]
)
def test_a_planted_cause_is_found_and_comes_first(trait: str, value: str) -> None:
    found = contrast(touched(1, 2_000, {trait: value}, risk=0.15))

    assert found[0].value == Value(trait, value)
    assert found[0].luck < 0.01
    assert found[0].difference.low > 0


def test_two_causes_are_both_found() -> None:
    cases = touched(2, 2_000, {"version": "7"}, 0.1) + touched(3, 2_000, {"source": "form"}, 0.2)

    assert {each.value for each in contrast(cases)} == {
        Value("version", "7"),
        Value("source", "form"),
    }


def test_of_pure_noise_at_most_one_house_in_twenty_is_told_something() -> None:
    told_something = sum(bool(contrast(touched(seed, 300, {}, 0))) for seed in range(150))

    assert told_something <= 13  # 150 × 5 %, and what luck adds to that in 99 of 100 cases


def test_noise_in_which_many_are_hit_is_no_finding_either() -> None:
    chance = random.Random(9)  # noqa: S311 - the same people each time
    houses = (
        [Case(someone(chance), chance.random() < 0.4) for _ in range(200)] for _ in range(100)
    )

    assert sum(bool(contrast(cases)) for cases in houses) <= 10


def test_what_only_goes_together_with_the_cause_is_said_to_come_with_it() -> None:
    chance = random.Random(4)  # noqa: S311 - the same people each time
    cases = []
    for _ in range(3_000):
        version = chance.choice("67")
        shop = "Lyon" if chance.random() < (0.8 if version == "7" else 0.1) else "Paris"
        hit = chance.random() < (0.12 if version == "7" else 0.01)
        cases.append(Case({"version": version, "shop": shop}, hit))

    first, second = contrast(cases)
    assert first.value == Value("version", "7")
    assert first.comes_with is None
    assert (second.value, second.comes_with) == (Value("shop", "Lyon"), first.value)


def test_of_two_that_say_as_much_the_version_comes_first() -> None:
    cases = [
        Case({"hour": "8", "version": "2"}, hit=True, people=9),
        Case({"hour": "11", "version": "1"}, hit=False, people=90),
    ]

    first, *rest = contrast(cases)

    assert first.value == Value("version", "2")
    assert [each.comes_with for each in rest] == [first.value]


def test_both_shares_are_shown_with_their_difference() -> None:
    cases = [
        Case({"source": "broker"}, hit=True, people=9),
        Case({"source": "order"}, hit=True, people=1),
        Case({"source": "broker"}, hit=False, people=100),
        Case({"source": "order"}, hit=False, people=900),
    ]

    (found,) = contrast(cases)
    assert (found.hit, found.others) == (Share(9, 10), Share(100, 1_000))
    assert found.difference.low == pytest.approx(0.494, abs=0.01)


def test_a_trait_that_is_not_known_of_all_is_compared_among_those_of_whom_it_is() -> None:
    cases = [
        Case({"source": "broker"}, hit=True, people=8),
        Case({}, hit=True, people=50),
        Case({"source": "order"}, hit=False, people=80),
        Case({}, hit=False, people=50),
    ]

    (found,) = contrast(cases)
    assert (found.hit, found.others) == (Share(8, 8), Share(0, 80))


def test_people_counted_together_say_the_same_as_one_by_one() -> None:
    one_by_one = touched(5, 500, {"version": "7"}, 0.3)
    twice = [Case(case.traits, case.hit, 2) for case in one_by_one]

    assert contrast(twice) == contrast([*one_by_one, *one_by_one])


def test_it_is_said_in_lines() -> None:
    cases = touched(1, 2_000, {"version": "7"}, risk=0.15)
    (line,) = told(contrast(cases), cases)

    assert line.code == "stands_out"
    assert (line.values["trait"], line.values["value"]) == ("version", "7")


def test_nothing_stands_out_is_said_too() -> None:
    cases = touched(7, 300, {}, 0)

    assert told(contrast(cases), cases)[0].code == "nothing_stands_out"


@pytest.mark.parametrize(("hit", "code"), [(True, "all_hit"), (False, "nobody_hit")])
def test_where_all_or_nobody_was_hit_there_is_nothing_to_compare(hit: bool, code: str) -> None:  # noqa: FBT001
    cases = [Case({"version": "7"}, hit, 40)]

    assert contrast(cases) == ()
    assert told((), cases)[0].code == code
    assert told((), [])[0].code == "nobody_hit"


def test_what_comes_with_something_else_is_said_so() -> None:
    cases = [
        Case({"version": "7", "shop": "Lyon"}, hit=True, people=40),
        Case({"version": "7", "shop": "Lyon"}, hit=False, people=360),
        Case({"version": "7", "shop": "Paris"}, hit=True, people=4),
        Case({"version": "7", "shop": "Paris"}, hit=False, people=36),
        Case({"version": "6", "shop": "Paris"}, hit=False, people=900),
    ]

    lines = told(contrast(cases), cases)
    assert [line.code for line in lines] == ["stands_out", "comes_with"]
    assert {line.code for line in lines} <= CODES
    assert lines[1].values["with_trait"] == "version"
