"""The whole record: the same whatever the order of arrival, and nothing lost while people are merged."""

import random
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg import Connection

from terrain.core.belief import believe
from terrain.core.customer import Customer
from terrain.core.event import in_order
from terrain.core.identifier import BUCKETS, CustomerKey, Identifier, Kind
from terrain.core.memory import remember
from terrain.flow import hearing, identity
from terrain.flow.take_in import Message, take_in
from terrain.store import claims, consents, customers, evidence, pending, people
from tests.people import NOON, a_house

HOUSE = a_house()
SECRET = "only the tests know"
ALL = range(BUCKETS)


def message(place: int, user: str, hours: int = 0, **said: Any) -> Message:
    at = NOON - timedelta(days=60) + timedelta(hours=hours)
    fields = {"messageId": f"m{place}", "timestamp": at.isoformat(), **said}
    if user:
        fields["userId"] = user
    raw = msgspec.json.encode({"type": "track", **fields})
    return Message(raw=raw, archive=True, source="desk" if place % 2 else "page")


def turn(db: Connection, most: int = 1000) -> int:
    """Handle what waits, as a worker does, for the record alone."""
    waiting = pending.first(db, ALL, most)
    taken = identity.take(db, {one.node for one in waiting})
    mine = [one for one in waiting if one.node in taken]
    heard = [hearing.event_of(one, HOUSE.catalogue, "FR") for one in pending.take(db, mine)]
    joined = identity.join(db, heard, taken, HOUSE, NOON)
    pending.put_back(db, [event for event in heard if event.event_id in joined.deferred])
    everyone = people.load(db, set(joined.survivors.values()), NOON, secret=SECRET)
    for event in in_order([each for each in heard if each.event_id not in joined.deferred]):
        assert event.node is not None
        home = joined.survivors[event.node]
        learned = remember(everyone[home], event, HOUSE)
        everyone[home] = learned.customer
        claims.save(db, [(event.node, row) for row in learned.claims])
        evidence.save(db, [(event.node, row) for row in learned.evidence])
        consents.save(db, [(event.node, row) for row in learned.consents])
    return len(heard) - len(joined.deferred)


def record(db: Connection) -> dict[frozenset[Identifier], Any]:
    """Return everything that is known of everybody, by their names."""
    rows = db.execute("SELECT bucket, customer_id FROM customer").fetchall()
    nodes = [CustomerKey(*row) for row in rows]
    homes = set(customers.survivors(db, nodes).values())
    everyone = people.load(db, homes, NOON, secret=SECRET)
    return {frozenset(each.identifiers): known(each) for each in everyone.values()}


def known(customer: Customer) -> dict[str, Any]:
    found: dict[str, Any] = {
        "consents": sorted(f"{row.message_id} {row.channel}" for row in customer.consents)
    }
    for key, rows in customer.claims.items():
        belief = believe(customer, key, HOUSE, NOON)
        held = belief and (belief.value, round(belief.confidence, 12), belief.disputed)
        said = sorted(
            (row.source, str(row.value), row.first_at, row.at, row.closed_at) for row in rows
        )
        found[str(key)] = (held, said)
    return found


some_said = some.one_of(
    some.builds(
        lambda pet: {"event": "fact.stated", "properties": {"fact": "pet", "value": pet}},
        some.sampled_from(["cat", "dog"]),
    ),
    some.builds(
        lambda old, new: {
            "event": "fact.corrected",
            "properties": {"fact": "pet", "from": old, "to": new},
        },
        some.sampled_from(["cat", "dog"]),
        some.sampled_from(["fish", "bird"]),
    ),
    some.just({"event": "message.bounced", "properties": {"type": "hard"}}),
    some.just({"event": "consent.withdrawn", "properties": {"channel": "email"}}),
    some.builds(
        lambda mail: {"type": "identify", "traits": {"email": mail}},
        some.sampled_from(["a@example.org", "b@example.org"]),
    ),
    some.builds(
        lambda device: {"event": "page", "anonymousId": device}, some.sampled_from(["d1", "d2"])
    ),
    some.builds(
        lambda other: {
            "event": "identity.separated",
            "properties": {"other": other},
        },
        some.sampled_from(["email:a@example.org", "anonymous_id:d1"]),
    ),
)
some_messages = some.lists(
    some.tuples(some.sampled_from(["u1", "u2", "u3"]), some.integers(0, 5), some_said),
    min_size=2,
    max_size=8,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(some_messages, some.randoms(use_true_random=False))
def test_the_record_is_the_same_whatever_the_order_and_the_batches(
    db: Connection, drawn: Sequence[tuple[str, int, dict[str, Any]]], dice: Any
) -> None:
    messages = [message(i, user, hours, **said) for i, (user, hours, said) in enumerate(drawn)]
    records = []
    for order in (messages[:], dice.sample(messages, len(messages))):
        with db.transaction(force_rollback=True):
            while order:
                size = dice.randint(1, len(order))
                take_in(db, [order.pop() for _ in range(size)], "", NOON)
                while turn(db, dice.randint(1, 4)):
                    pass
            records.append(record(db))

    assert records[0] == records[1]


def of_shared_devices(count: int) -> list[Message]:
    """Return what eight people say on forty devices, each said by a name or by a device alone."""
    told = []
    for place in range(count):
        user = f"u{place % 8}"
        said: dict[str, Any] = {"event": "fact.stated"}
        said["properties"] = {"fact": f"f{place}", "value": place}
        said["context"] = {"traits": {"email": f"{user}@example.org"}}
        if place % 3:
            user, said["anonymousId"] = "", f"device-{place % 40}"
        told.append(message(place, user, place % 50, **said))
    return told


def worker(conninfo: str, seed: int, arrived: Future[None]) -> int:
    """Handle events until none is left, dying in one transaction of five; return how many it kept."""
    chance = random.Random(seed)  # noqa: S311 - a test that can be played again
    handled = 0
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute("SET TIME ZONE 'UTC'")
        while not arrived.done() or pending.count(db):
            with db.transaction() as one:
                done = turn(db, chance.randint(1, 12))
                if chance.random() < 0.2:
                    raise psycopg.Rollback(one)
                handled += done
    return handled


def test_merging_while_events_arrive_and_workers_die_loses_nothing(fresh_database: str) -> None:
    told = of_shared_devices(400)
    random.Random(7).shuffle(told)  # noqa: S311

    def door() -> None:
        with psycopg.connect(fresh_database, autocommit=True) as db:
            for start in range(0, len(told), 10):
                with db.transaction():
                    take_in(db, told[start : start + 10], "", NOON)

    with ThreadPoolExecutor(4) as pool:
        arrived = pool.submit(door)
        workers = [pool.submit(worker, fresh_database, seed, arrived) for seed in (1, 2, 3)]
        assert sum(each.result() for each in workers) == len(told)
    with psycopg.connect(fresh_database) as db:
        everybody = record(db)
    accounts = [{name for name in names if name.kind is Kind.USER_ID} for names in everybody]
    said = [fact for known in everybody.values() for fact in known if fact != "consents"]

    assert sorted(len(each) for each in accounts if each) == [1] * 8
    assert len(everybody) == 8
    assert len(said) == len(set(said)) == len(told)
