"""kill -9 of anything, at any moment, under load: nothing acknowledged is lost, and nothing happens twice."""

import pytest

from benchmarks.siege import Endured, endure, under_siege

pytestmark = pytest.mark.slow


def all_is_well(endured: Endured) -> bool:
    return endured.orders > 50 and endured.lost == endured.twice == endured.miscounted == 0


def test_worker_web_and_postgres_may_be_killed_at_any_moment() -> None:
    with under_siege() as siege:
        endured = endure(siege, ("postgres", "web", "worker 1"), seed=1)

    assert all_is_well(endured), endured
    # Whatever was on a line when its worker died came again under its own name: a letter or eight calls
    # a sender at most.
    assert endured.again <= 2 * 2 * (1 + 8), endured


def test_two_workers_who_both_hold_every_bucket_do_no_harm_when_they_die() -> None:
    with under_siege(workers=2, lawless=True) as siege:
        endured = endure(siege, ("worker 1", "worker 2"), seed=2)

    assert all_is_well(endured), endured


def test_stopped_as_for_a_new_release_nothing_even_comes_again() -> None:
    with under_siege() as siege:
        endured = endure(siege, ("worker 1", "web"), seed=3, kindly=True)

    assert all_is_well(endured), endured
    assert endured.again == 0, endured
