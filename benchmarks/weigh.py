"""What the guard alone takes to weigh one proposal, for customers of whom the usual things are known."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence

import msgspec

from benchmarks import shop
from benchmarks.row import Row
from terrain.core import guard, journey, memory, starting
from terrain.core.act import Proposal
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.house import House
from terrain.core.identifier import key_of
from terrain.flow.hearing import event_of
from terrain.store.pending import Taken

Weighed = tuple[Proposal, Customer, Decision]


def measure(*, long: bool) -> list[Row]:
    """Weigh the letter that thanks for an order, and time each weighing by itself."""
    house = shop.house(*shop.files())
    some = [_weighed(number, house) for number in range(20_000 if long else 4_000)]
    return [
        Row(
            name="`weigh` alone, median",
            figure=_median(some, lambda one: guard.weigh(one[0], one[1], house, shop.NOON)),
            unit="µs",
            aim=25,
            limit=_median(some, lambda one: _made_again(one[2])),
            limit_is="only making a decision that is known",
            less_is_better=True,
            note="gates, law, one assumption, nearest change and all figures",
        )
    ]


def _weighed(number: int, house: House) -> Weighed:
    key = key_of(1_000_000 + number)
    taken = Taken(
        *(key.bucket, key.customer_id, number, f"bench-{number}", shop.NOON, shop.NOON),
        *(shop.SOURCE, shop.order(number)),
    )
    event = event_of(taken, house.catalogue, house.company.country)
    known = memory.remember(
        Customer(key=key, nodes=(key,), identifiers=event.identifiers), event, house
    )
    run = starting.starts(known.customer, event, house, shop.NOON)[0]
    intent = journey.advance(run, known.customer, house, shop.NOON, event).intent
    assert intent is not None
    decision = guard.weigh(intent.proposal, known.customer, house, shop.NOON)
    return intent.proposal, known.customer, decision


def _made_again(decision: Decision) -> Decision:
    """Make the same structures again, as somebody would who need not think."""
    assert decision.weighing is not None
    return msgspec.structs.replace(
        decision,
        weighing=msgspec.structs.replace(decision.weighing, losses=dict(decision.weighing.losses)),
        facts=tuple(msgspec.structs.replace(fact) for fact in decision.facts),
    )


def _median(some: Sequence[Weighed], work: Callable[[Weighed], Decision]) -> float:
    """Return the median, in µs of this thread's own time: what others do meanwhile is not ours."""
    gc.disable()
    times = []
    for one in some:
        begun = time.thread_time_ns()
        work(one)
        times.append(time.thread_time_ns() - begun)
    gc.enable()
    return statistics.median(times) / 1e3
