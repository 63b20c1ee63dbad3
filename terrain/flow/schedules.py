"""Starts what is due by the calendar: walks over the customers of its buckets, a chunk at a time.

Promise: everybody is looked at once a period, whatever is killed when; a chunk is one transaction, in
which the runs it starts and how far it came are written together.
"""

from collections.abc import Collection
from datetime import datetime

from psycopg import Connection

from terrain.core.house import House
from terrain.core.schedule import Period, periods, run_for
from terrain.store import counters, people, runs, walks
from terrain.store.connection import Record

CHUNK = 500
# The worker's main thread also renews leases: it never walks longer than so many chunks at a stretch.
MOST_CHUNKS = 10


def start_what_is_due(record: Record, house: House, buckets: Collection[int], now: datetime) -> int:
    """Look at the next customers for whom something may be due; return how many runs started."""
    open_now = list(periods(house, now))
    if not open_now:
        return 0
    started = chunks = 0
    for group in record.groups(buckets):
        with record.conn_for(group[0]) as db:
            for period, bucket in walks.unfinished(db, open_now, group):
                for _ in range(MOST_CHUNKS):
                    with db.transaction():
                        count = walk_on(db, house, period, bucket, now)
                    if count is None:
                        break
                    started, chunks = started + count, chunks + 1
                if chunks >= MOST_CHUNKS:
                    return started
    return started


def walk_on(db: Connection, house: House, period: Period, bucket: int, now: datetime) -> int | None:
    """Look at one chunk of customers; return how many runs started, or None when all were seen."""
    after_id = walks.take(db, period, bucket, now)
    if after_id is None:
        return None
    keys = walks.next_ones(db, bucket, after_id, CHUNK)
    if not keys:
        walks.finish(db, period, bucket, now)
        return None
    customers = people.load(db, keys, now, secret=house.secret)
    had = walks.had(db, keys, period.automation)
    found = [
        run
        for key in keys
        if (customer := customers.get(key)) is not None
        and (run := run_for(period, customer, had.get(key, ()), house, now)) is not None
    ]
    runs.save(db, found)
    walks.go_on(db, period, bucket, keys[-1].customer_id)
    started = [counters.What(run.automation, run.version, "run.started") for run in found]
    counters.add(db, counters.counts(bucket, now, started))
    return len(found)
