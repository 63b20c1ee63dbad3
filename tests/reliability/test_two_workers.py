"""Several workers that all believe they hold every bucket: the lease spreads the load, locks keep it right."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from benchmarks.siege import order
from terrain.flow.carry_out import hang_up
from tests.reliability.conftest import Shop

MANY = range(300)


@pytest.mark.slow
def test_three_workers_with_the_same_buckets_do_everything_once(shop: Shop) -> None:
    done = threading.Event()

    def over_and_over(work: Callable[[], object]) -> None:
        while not done.is_set():
            work()
        hang_up()

    with ThreadPoolExecutor(7) as everyone:
        workers: list[Future[None]] = []
        for _ in range(3):
            workers.append(everyone.submit(over_and_over, lambda: shop.takes_a_turn(most=20)))
            workers.append(everyone.submit(over_and_over, shop.sends))
        try:
            for number in MANY:
                shop.hears(order(number))
            while shop.counts("pending") or shop.counts("act WHERE state IN ('queued', 'leaving')"):
                assert not any(worker.done() for worker in workers)
        finally:
            done.set()
    for worker in workers:
        worker.result()

    orders = [f"order-{number}" for number in MANY]
    assert not shop.letters.missing(orders)
    assert not shop.calls.missing(orders)
    assert shop.letters.twice == shop.letters.again == shop.calls.twice == shop.calls.again == 0
    assert shop.counts("decision") == shop.counts("act WHERE tries = 1") == 600
