"""Treated people beside those held out: no more alarmed than luck allows, and alarmed when they are worse off."""

import math
import random
from itertools import product
from math import comb

import pytest

from terrain.core.holdout import (
    ALARM,
    TIMES,
    Block,
    Comparison,
    bet,
    compare,
    log_evidence,
    usual,
)
from terrain.core.interval import Share


def chance(share: Share, p: float) -> float:
    n, k = share.of, share.of_them
    return comb(n, k) * p**k * (1 - p) ** (n - k)


def expectation(
    sizes: tuple[int, int], shares: tuple[float, float], true: tuple[float, float]
) -> float:
    """Return what one block's evidence is on average, over every way it can come out."""
    total = 0.0
    for counts in product(range(sizes[0] + 1), range(sizes[1] + 1)):
        block = Block(*(Share(k, n) for k, n in zip(counts, sizes, strict=True)))
        likely = math.prod(chance(each, p) for each, p in zip(block, true, strict=True))
        total += likely * math.exp(log_evidence(block, *shares))
    return total


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("sizes", [(9, 3), (18, 2), (5, 5)])
def test_the_evidence_is_worth_one_at_best_where_nobody_is_worse_off(
    times: float, sizes: tuple[int, int]
) -> None:
    block = Block(Share(0, sizes[0]), Share(0, sizes[1]))
    shares = bet(block, 0.2, times)
    assert shares is not None

    grid = [n / 20 for n in range(21)]
    alike = [expectation(sizes, shares, (p, p)) for p in (*grid, 0.2)]
    better = [expectation(sizes, shares, (p, q)) for p in grid for q in grid if p < q]
    assert max(alike) == pytest.approx(1)
    assert max(better) < 1 + 1e-12


@pytest.mark.parametrize("true", [(0.2, 0.2), (0.5, 0.5), (0.1, 0.3), (0.0, 1.0)])
def test_however_the_days_before_came_out_all_of_them_are_worth_one_at_best(
    true: tuple[float, float],
) -> None:
    """Three days of four treated and two held out, over every way they can come out, with each day's own bets."""
    sizes = (4, 2)
    ways = list(product(range(sizes[0] + 1), range(sizes[1] + 1)))
    likely = {
        way: math.prod(chance(Share(k, n), p) for k, n, p in zip(way, sizes, true, strict=True))
        for way in ways
    }
    total = 0.0
    for days_ in product(ways, repeat=3):
        blocks = [Block(*(Share(k, n) for k, n in zip(way, sizes, strict=True))) for way in days_]
        total += math.prod(likely[way] for way in days_) * compare(blocks).strength

    assert total <= 1 + 1e-12


def test_where_treated_people_are_worse_off_it_grows() -> None:
    assert expectation((18, 2), (0.21, 0.07), (0.21, 0.07)) > 1


def test_a_bet_is_placed_on_what_the_days_before_showed() -> None:
    block = Block(Share(50, 900), Share(1, 100))
    so_far = Comparison(treated=Share(9, 900), held_out=Share(1, 100))
    shares = bet(block, usual(so_far), 2.0)

    assert shares is not None
    assert shares[0] == pytest.approx(2 * shares[1])
    assert 900 * shares[0] + 100 * shares[1] == pytest.approx(1_000 * 10.5 / 1_001)


def test_on_the_first_day_there_is_nothing_to_bet_on() -> None:
    first = compare([Block(Share(90, 900), Share(0, 100))])

    assert first.strength == pytest.approx(1)
    assert (first.treated, first.held_out) == (Share(90, 900), Share(0, 100))


def test_a_day_on_which_nobody_was_held_out_says_nothing() -> None:
    days = [Block(Share(9, 900), Share(1, 100)), Block(Share(90, 900), Share(0, 0))]

    assert compare(days).strength == pytest.approx(1)
    assert compare([Block(Share(0, 0), Share(0, 0))]) == Comparison()


def test_where_everybody_got_the_signal_the_bet_is_still_one() -> None:
    shares = bet(Block(Share(9, 9), Share(1, 1)), 0.99, 5.0)

    assert shares is not None
    assert 0 < shares[1] < shares[0] < 1


def days(seed: int, many: int, rates: tuple[float, float], sizes: tuple[int, int]) -> list[Block]:
    luck = random.Random(seed)  # noqa: S311 - the same days each time
    return [
        Block(
            *(
                Share(sum(luck.random() < rate for _ in range(size)), size)
                for rate, size in zip(rates, sizes, strict=True)
            )
        )
        for _ in range(many)
    ]


def alarmed(blocks: list[Block]) -> int | None:
    found = Comparison()
    for day, block in enumerate(blocks, 1):
        found = compare([block], found)
        if found.strength >= ALARM:
            return day
    return None


def test_in_healthy_quarters_it_is_hardly_ever_alarmed() -> None:
    false = sum(alarmed(days(seed, 90, (0.05, 0.05), (90, 10))) is not None for seed in range(60))

    assert false <= 3


def test_twice_as_many_complaints_are_seen_in_weeks_and_four_times_in_days() -> None:
    twice = [alarmed(days(seed, 60, (0.02, 0.01), (900, 100))) or 99 for seed in range(15)]
    four = [alarmed(days(seed, 20, (0.04, 0.01), (900, 100))) or 99 for seed in range(15)]

    assert 10 <= sorted(twice)[7] <= 25  # day 17 in `watch.md` 3.4, 18 in ours
    assert 3 <= sorted(four)[7] <= 6  # day 4, 5 in ours


def test_treated_people_who_are_better_off_raise_no_alarm() -> None:
    assert alarmed(days(3, 60, (0.01, 0.04), (900, 100))) is None


def test_going_on_is_the_same_as_all_at_once() -> None:
    blocks = days(5, 20, (0.05, 0.02), (90, 10))

    assert compare(blocks[12:], compare(blocks[:12])).winnings == pytest.approx(
        compare(blocks).winnings
    )


def test_the_difference_is_shown_with_its_interval() -> None:
    found = compare(days(6, 30, (0.10, 0.02), (90, 10)))

    assert found.difference.low > 0
    assert Comparison().difference == (-1, 1)


def test_a_flood_is_read_as_without_end() -> None:
    assert compare(days(8, 2, (0.9, 0.0), (900, 100)) * 20).strength == math.inf
