"""What an automation brought, with intervals that are right; groups that differ are compared among alike people."""

import csv
import gzip
import random
from collections import defaultdict
from pathlib import Path

import pytest

from terrain.core.arms import CODES, Arm, Difference, Group, report, told
from terrain.core.interval import Amounts, amounts

HILLSTROM = Path(__file__).parents[3] / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"
KIND = "newbie"


def arm(name: str, *kinds: tuple[int, int], people: str = "ab") -> Arm:
    """Return an arm of so many people of each kind, of whom so many bought."""
    groups = {
        kind: Group(people=of, did={"bought": did})
        for kind, (did, of) in zip(people, kinds, strict=False)
    }
    return Arm(name=name, kinds=groups)


def by_name(differences: tuple[Difference, ...]) -> dict[tuple[str, str], Difference]:
    return {(each.arm, each.what): each for each in differences}


# -- real people -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hillstrom() -> dict[str, Arm]:
    if not HILLSTROM.exists():
        pytest.skip("the customers of the e-mail challenge are not on this machine")
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    with gzip.open(HILLSTROM, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = row["segment"], row[KIND]
            for place, more in enumerate((1, int(row["visit"]), int(row["conversion"]))):
                counts[key][place] += more
            spent[key].append(float(row["spend"]))
    arms: dict[str, dict[str, Group]] = defaultdict(dict)
    for (name, kind), (people, visits, conversions) in counts.items():
        arms[name][kind] = Group(
            people=people,
            did={"visit": visits, "conversion": conversions},
            spent={"spend": amounts(spent[name, kind])},
        )
    return {name: Arm(name=name, kinds=kinds) for name, kinds in arms.items()}


MEN, WOMEN, NOBODY = "Mens E-Mail", "Womens E-Mail", "No E-Mail"
# Differences and 95 % intervals: shares in percent (by hand, difference ± 1.96 standard errors, which at these
# numbers is the same to the second digit), money in dollars a person.
EXPECTED = {
    (MEN, "visit"): (7.66, 7.00, 8.32),
    (MEN, "conversion"): (0.68, 0.50, 0.86),
    (MEN, "spend"): (0.770, 0.485, 1.055),
    (WOMEN, "visit"): (4.52, 3.89, 5.16),
    (WOMEN, "conversion"): (0.31, 0.15, 0.47),
    (WOMEN, "spend"): (0.424, 0.169, 0.680),
}


@pytest.mark.parametrize("which", EXPECTED)
def test_three_arms_of_real_customers(hillstrom: dict[str, Arm], which: tuple[str, str]) -> None:
    found = report([hillstrom[MEN], hillstrom[WOMEN]], hillstrom[NOBODY])
    difference = by_name(found.differences)[which]
    times = 1 if which[1] == "spend" else 100

    assert difference.interval is not None
    told_ = [times * each for each in (difference.value, *difference.interval)]
    assert told_ == pytest.approx(EXPECTED[which], abs=0.011)
    assert difference.holds
    assert difference.is_money == (which[1] == "spend")


def test_arms_that_were_drawn_by_lot_are_alike(hillstrom: dict[str, Arm]) -> None:
    found = report([hillstrom[MEN], hillstrom[WOMEN]], hillstrom[NOBODY])

    assert found.unlike == ()
    assert found.strata == {}


def test_two_halves_of_one_arm_bring_the_same(hillstrom: dict[str, Arm]) -> None:
    group = hillstrom[NOBODY].kinds["0"]
    halves = [
        Arm(
            name=name,
            kinds={
                "": Group(
                    people=group.people // 2,
                    did={"visit": group.did["visit"] // 2},
                    spent={"spend": _half(group.spent["spend"])},
                )
            },
        )
        for name in ("one", "other")
    ]

    found = report(halves[:1], halves[1])
    assert [each.value for each in found.differences] == [0, 0]
    assert not any(each.holds for each in found.differences)


def _half(whole: Amounts) -> Amounts:
    return Amounts(whole.n // 2, whole.total / 2, whole.squares / 2, whole.cubes / 2)


@pytest.mark.slow
def test_drawn_again_and_again_the_intervals_hold_what_they_say(hillstrom: dict[str, Arm]) -> None:
    luck = random.Random(12)  # noqa: S311 - the same draws each time
    true = {"men": hillstrom[MEN].did("visit").value, "none": hillstrom[NOBODY].did("visit").value}
    held = 0
    for _ in range(400):
        drawn = [
            arm(name, (sum(luck.random() < share for _ in range(500)), 500))
            for name, share in true.items()
        ]
        (found,) = report(drawn[:1], drawn[1]).differences
        assert found.interval is not None
        held += not found.interval.excludes(true["men"] - true["none"])

    assert 0.92 <= held / 400 <= 0.985


# -- groups that differ ----------------------------------------------------------------------------


def test_happier_people_are_not_a_better_automation() -> None:
    # Within each kind, treated people bought less; but the mail went to those who buy most.
    treated, others = arm("mail", (270, 900), (5, 100)), arm("none", (35, 100), (90, 900))
    found = report([treated], others)
    overall, alike = found.differences

    assert overall.value > 0.1
    assert (alike.among_alike, alike.value < 0) == (True, True)
    assert [each.kind for each in found.unlike] == ["a", "b"]


def test_each_kind_of_people_is_shown_where_groups_differ() -> None:
    found = report([arm("mail", (270, 900), (5, 100))], arm("none", (35, 100), (90, 900)))

    assert {kind: round(each[0].value, 2) for kind, each in found.strata.items()} == {
        "a": -0.05,
        "b": -0.05,
    }


def test_a_kind_that_was_never_held_out_is_said() -> None:
    found = report(
        [arm("mail", (90, 300), (30, 300), (9, 300), people="abc")],
        arm("none", (80, 300), (35, 300)),
    )

    assert "c" in {each.kind for each in found.unlike}
    assert set(found.strata) == {"a", "b"}


def test_a_difference_that_luck_explains_is_no_difference_of_groups() -> None:
    assert report([arm("mail", (9, 30), (4, 20))], arm("none", (8, 26), (6, 24))).unlike == ()


def test_only_the_arm_that_differs_is_compared_among_alike() -> None:
    even, uneven = arm("even", (50, 500), (50, 500)), arm("uneven", (90, 900), (10, 100))
    found = report([even, uneven], arm("none", (40, 500), (40, 500)))

    assert {each.arm for each in found.unlike} == {"uneven"}
    assert [each.arm for each in found.differences if each.among_alike] == ["uneven"]
    assert {each.arm for each in found.strata["a"]} == {"uneven"}


def test_among_alike_people_the_interval_holds_the_truth() -> None:
    luck = random.Random(2)  # noqa: S311 - the same people each time
    held = 0
    for _ in range(300):
        sizes = {"mail": (180, 60), "none": (60, 180)}
        drawn = [
            arm(
                name,
                *(
                    (sum(luck.random() < p for _ in range(of)), of)
                    for p, of in zip((0.30, 0.10), sizes[name], strict=True)
                ),
            )
            for name in sizes
        ]
        alike = report(drawn[:1], drawn[1]).differences[-1]
        assert alike.among_alike
        assert alike.interval is not None
        held += not alike.interval.excludes(0)

    assert 0.92 <= held / 300 <= 0.99


# -- what is said ----------------------------------------------------------------------------------


def test_money_of_too_few_buyers_is_said_to_be_too_few() -> None:
    def shop(name: str, buyers: int) -> Arm:
        spent = amounts([0.0] * (500 - buyers) + [40.0] * buyers)
        return Arm(name=name, kinds={"": Group(people=500, spent={"spend": spent})})

    found = report([shop("mail", 9)], shop("none", 5))
    assert found.differences[0].interval is None
    assert not found.differences[0].holds
    assert [line.code for line in told(found)] == ["arm_too_few"]


def test_money_is_not_weighed_among_alike_people() -> None:
    def shop(name: str, *people: int) -> Arm:
        spent = amounts([0.0, 40.0] * 200)
        return Arm(
            name=name,
            kinds={
                kind: Group(people=n, spent={"spend": spent})
                for kind, n in zip("ab", people, strict=True)
            },
        )

    found = report([shop("mail", 900, 100)], shop("none", 100, 900))
    assert [each.among_alike for each in found.differences] == [False]


def test_groups_that_differ_are_said_first() -> None:
    found = report([arm("mail", (270, 900), (5, 100))], arm("none", (35, 100), (90, 900)))
    codes = [line.code for line in told(found)]

    assert codes == ["arm_unlike", "arm_unlike", "arm_differs", "arm_among_alike"]
    assert {*codes, "arm_too_few", "arm_money"} == CODES


def test_many_looks_at_once_ask_more_of_each() -> None:
    alone = report([arm("mail", (62, 500))], arm("none", (40, 500)))
    among_ten = report([arm(f"mail {n}", (62, 500)) for n in range(10)], arm("none", (40, 500)))

    assert alone.differences[0].holds
    assert not any(each.holds for each in among_ten.differences)
    assert among_ten.differences[0].interval == alone.differences[0].interval
