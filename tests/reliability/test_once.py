"""What is said once counts once, however often it is said; what is said at the same moment all counts."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.siege import CUSTOMERS, SOURCE, THANKS, order
from terrain.config import read
from terrain.flow import reference, versions
from terrain.flow.turn import NOTHING
from tests.api.conftest import _running
from tests.reliability.conftest import Shop

SIXTY_OF_LEA = [order(1 + number * CUSTOMERS) for number in range(60)]
WAITING = THANKS.replace(
    "steps:\n", "steps:\n  - wait: {until: {after: event.at, plus: 4 years}}\n"
)


def test_a_message_that_is_posted_three_times_acts_once(shop: Shop) -> None:
    with _running(shop.record.conninfo) as web:
        key = web.key(source=SOURCE)
        for _ in range(3):
            assert web.post("/v1/track", order(1), key).status == 200
            shop.works()

    for arrived in (shop.letters, shop.calls):
        assert not arrived.missing({"order-1"})
        assert arrived.twice == arrived.again == 0
    assert shop.counts("decision") == 2


def test_sixty_simultaneous_events_of_one_customer_all_count(shop: Shop) -> None:
    together = threading.Barrier(60)
    with _running(shop.record.conninfo) as web, ThreadPoolExecutor(60) as everyone:
        key = web.key(source=SOURCE)

        def orders(said: dict[str, object]) -> int:
            together.wait()
            return web.post("/v1/track", said, key).status

        answers = [everyone.submit(orders, said) for said in SIXTY_OF_LEA]
        while not all(answer.done() for answer in answers):
            shop.works()
    shop.works()

    assert {answer.result() for answer in answers} == {200}
    assert not shop.letters.missing([said["properties"]["order"] for said in SIXTY_OF_LEA])
    assert shop.letters.twice == shop.letters.again == 0
    assert shop.counts("act WHERE state = 'left'") == 120
    assert numbers_of_decisions(shop) == [*range(1, 121)]


def test_a_wait_until_2030_does_not_fire(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "automations" / "order-thanks.yaml").write_text(WAITING)
    with shop.record.local() as db, db.transaction():
        assert not versions.publish(db, tmp_path / "automations", shop.now).problems
        shop.house = reference.house(db, read())
    shop.hears(order(1))
    shop.works()

    shop.now = datetime(2030, 11, 17, 12, tzinfo=UTC)
    assert shop.takes_a_turn() == NOTHING
    assert shop.letters.missing({"order-1"})

    shop.now = datetime(2030, 11, 19, 12, tzinfo=UTC)
    shop.works()
    assert not shop.letters.missing({"order-1"})


def numbers_of_decisions(shop: Shop) -> list[int]:
    with psycopg.connect(shop.record.conninfo) as db:
        return [row[0] for row in db.execute("SELECT seq FROM decision ORDER BY seq")]
