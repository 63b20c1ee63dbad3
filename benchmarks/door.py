"""What the door takes in: single events, each acknowledged after its commit, and batches of a hundred."""

from __future__ import annotations

import time

import msgspec
import psycopg

from benchmarks import shop, stage
from benchmarks.row import Row
from benchmarks.web import Web, serving
from terrain.core.identifier import key_of, new_id
from terrain.store import events
from terrain.store.events import NewEvent

SINGLE_CALLERS = 64
BATCH_CALLERS = 16
IN_A_BATCH = 100
RAW_AT_ONCE = 1000
# All of them are met before the clock runs, as the door has met most of those who come in by it.
CUSTOMERS = 4_000


def measure(*, long: bool) -> list[Row]:
    """Measure both, with what the machine could do at best in the same run."""
    singles, batches = (40_000, 2_000) if long else (10_000, 400)
    with stage.database(max_wal_size="4GB") as conninfo, serving(conninfo) as web:
        web.ask("/v1/track", _orders(0, CUSTOMERS), SINGLE_CALLERS)
        raw = _raw_insert(conninfo, singles)
        health = web.ask("/health", [""] * singles, SINGLE_CALLERS).a_second
        return [_singles(web, singles, health, raw), _batches(web, batches, raw)]


def _singles(web: Web, count: int, health: float, raw: float) -> Row:
    said = _orders(CUSTOMERS, count)
    before = web.cpu
    met = web.ask("/v1/track", said, SINGLE_CALLERS)
    ours, postgres = _cpu_each(web, before, count)
    return Row(
        name="single events, each acknowledged after its commit",
        figure=met.a_second,
        unit="events/s",
        aim=3_000,
        limit=health,
        limit_is="/health, which does nothing",
        note=f"{SINGLE_CALLERS} callers, {CUSTOMERS:,} customers whom the door has met;"
        f" p50 {met.percentile(0.5):.0f} ms, p99 {met.percentile(0.99):.0f} ms;"
        f" CPU an event: web {ours:.0f} µs, PostgreSQL {postgres:.0f} µs;"
        f" bare unnest insert {raw:,.0f} events/s",
    )


def _batches(web: Web, count: int, raw: float) -> Row:
    bodies = [_batch(10**6 + number * IN_A_BATCH) for number in range(count)]
    before = web.cpu
    met = web.ask("/v1/batch", bodies, BATCH_CALLERS)
    ours, postgres = _cpu_each(web, before, count * IN_A_BATCH)
    return Row(
        name=f"events in batches of {IN_A_BATCH}",
        figure=met.a_second * IN_A_BATCH,
        unit="events/s",
        aim=25_000,
        limit=raw,
        limit_is="bare unnest insert of equal rows, one connection",
        note=f"{BATCH_CALLERS} callers; p50 {met.percentile(0.5):.0f} ms a batch;"
        f" CPU an event: web {ours:.0f} µs, PostgreSQL {postgres:.0f} µs",
    )


def _orders(first: int, count: int) -> list[str]:
    return [shop.order(first + number, CUSTOMERS).decode() for number in range(count)]


def _batch(first: int) -> str:
    items = [msgspec.Raw(one.encode()) for one in _orders(first, IN_A_BATCH)]
    return msgspec.json.encode({"batch": items}).decode()


def _cpu_each(web: Web, before: tuple[float, float], count: int) -> tuple[float, float]:
    """Return the microseconds of CPU an event, of the web process and of PostgreSQL."""
    ours, postgres = (now - then for now, then in zip(web.cpu, before, strict=True))
    return 1e6 * ours / count, 1e6 * postgres / count


def _raw_insert(conninfo: str, count: int) -> float:
    """Return how many such events a second one connection writes that has nothing else to do."""
    rows = []
    for number in range(count):
        key = key_of(new_id(shop.NOON))
        name = f"raw-{number}"
        rows.append(
            NewEvent(
                *(key.bucket, key.customer_id, number, shop.NOON, shop.NOON, name, "raw", "raw"),
                shop.order(number),
            )
        )
    with psycopg.connect(conninfo, autocommit=True) as db:
        begun = time.perf_counter()
        for start in range(0, count, RAW_AT_ONCE):
            events.write(db, rows[start : start + RAW_AT_ONCE])
        return count / (time.perf_counter() - begun)
