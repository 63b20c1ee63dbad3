"""Counted is what was done: each number beside the rows it stands for."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.outside import Wanted
from terrain.demo.shop import EXAMPLES
from terrain.flow.carry_out import hang_up
from terrain.flow.decide import Asker, decide
from terrain.flow.stop import Stop, stop_at_once
from terrain.store import counters
from terrain.store.connection import Record
from tests.outside import PostOffice, Receiving
from tests.stories.shop import FILTER, LAST_PAIR, Shop

REFUND = Wanted(
    customer={"user_id": "lea"},
    act="refuse",
    name="refuse_refund",
    purpose="service",
    benefit="none",
    reach="account",
    undo="easily",
    adverse=True,
    significant=True,
)
OF_THE_TABLES = """
    SELECT automation, version, 'decided.' || verdict FROM decision
    UNION ALL
    SELECT automation, version, 'act.' || state FROM act WHERE state NOT IN ('queued', 'leaving')
    UNION ALL
    SELECT automation, version, 'run.started' FROM run
    UNION ALL
    SELECT automation, version, 'run.ended' FROM run WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT automation, version, 'signal.' || kind FROM signal WHERE counted
"""


@pytest.fixture
def shop(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with PostOffice() as post_office, Receiving() as warehouse:
        monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(EXAMPLES))
        monkeypatch.setenv("TERRAIN_SMTP_URL", post_office.url)
        with Record(fresh_database).opened() as record:
            yield Shop(record, post_office, warehouse)
        hang_up()


def counted(db: Connection) -> Counter[tuple[str, int, str]]:
    return Counter({each[:3]: each.n for each in counters.sums(db, counters.EVER)})


def there(db: Connection) -> Counter[tuple[str, int, str]]:
    return Counter(db.execute(OF_THE_TABLES.encode()).fetchall())


def test_a_year_of_a_shop_is_counted_row_for_row(shop: Shop) -> None:
    omar, lea = shop.customer("Omar"), shop.customer("Léa")
    omar.could_have_it_sooner(omar.orders(1, LAST_PAIR))
    omar.answers("yes")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")

    with shop.record.local() as db:
        assert counted(db) == there(db)
        seen = {what for _, _, what in counted(db)}
        assert {"decided.act", "run.started", "run.ended", "act.left"} <= seen


def test_what_another_system_asked_is_counted_with_its_decision(shop: Shop) -> None:
    shop.customer("Léa")
    with shop.record.local() as db, db.transaction():
        before = counted(db)
        decide(db, shop.house, REFUND, Asker(source="bot"), shop.now)

        assert counted(db) - before == Counter({("bot", 0, "decided.hand"): 1})
        assert counted(db) == there(db)


def test_what_a_customer_stops_counts_as_stopped_once(shop: Shop) -> None:
    lea = shop.customer("Léa")
    lea.buys(3, FILTER)
    shop.goes_on_for("7 months")
    with shop.record.local() as db, db.transaction():
        db.execute("UPDATE act SET state = 'queued', due_at = %s", [shop.now])
        db.execute("DELETE FROM counter WHERE what = 'act.left'")
        key, act_id = an_act(db)
        for _ in range(2):
            stop_at_once(db, Stop(key=key, act_id=act_id, everything=True), "secret", shop.now)

        stopped = sum(counted(db)[each] for each in counted(db) if each[2] == "act.stopped")
        assert stopped == count_of(db, "act WHERE state = 'stopped'") > 0


def test_what_is_rolled_back_was_not_counted(shop: Shop) -> None:
    shop.customer("Léa")
    with shop.record.local() as db:
        before = counted(db)
        with db.transaction(force_rollback=True):
            decide(db, shop.house, REFUND, Asker(source="bot"), shop.now + timedelta(hours=1))

        assert counted(db) == before


def an_act(db: Connection) -> tuple[CustomerKey, int]:
    bucket, customer_id, act_id = db.execute(
        "SELECT bucket, customer_id, act_id FROM act ORDER BY act_id LIMIT 1"
    ).fetchone() or (0, 0, 0)
    return CustomerKey(bucket, customer_id), act_id


def count_of(db: Connection, what: str) -> int:
    (number,) = db.execute(f"SELECT count(*) FROM {what}".encode()).fetchone() or (0,)  # noqa: S608
    return int(number)
