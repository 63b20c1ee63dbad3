"""Who is one person with whom, whatever the order in which it is seen."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg import Connection

from terrain.core.event import Event
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.identity import MOST_IDENTIFIERS, Edge, Standing, grouped, told
from terrain.flow import identity
from terrain.store import customers, identifiers
from terrain.store import identity as graph
from tests.people import LEA, NOON, OMAR, a_house, an_event

HOUSE = a_house()
PHONE = Identifier(Kind.PHONE, "+33612345678")
MAIL = Identifier(Kind.EMAIL, "lea@example.org")
TABLET = Identifier(Kind.ANONYMOUS_ID, "tablet")


def seen(*names: Identifier, minute: int = 0, name: str = "page.viewed", **more: Any) -> Event:
    at = NOON + timedelta(minutes=minute)
    message_id = more.pop("message_id", f"{minute}-{'-'.join(each.value for each in names)}")
    return an_event(name, at, identifiers=names, message_id=message_id, **more)


def parted(one: Identifier, other: Identifier, minute: int = 0, source: str = "desk") -> Event:
    other_name = {"other": f"{other.kind}:{other.value}"}
    return seen(one, minute=minute, name=identity.SEPARATED, source=source, properties=other_name)


def joined(one: Identifier, other: Identifier, minute: int = 0, source: str = "desk") -> Event:
    other_name = {"other": f"{other.kind}:{other.value}"}
    return seen(one, minute=minute, name=identity.LINKED, source=source, properties=other_name)


def hear(db: Connection, *events: Event) -> identity.Joined:
    """Join what these events show, in one batch."""
    nodes = identifiers.resolve(db, {event.identifiers[0] for event in events}, NOON)
    heard = [_kept_under(event, nodes[event.identifiers[0]]) for event in events]
    taken = identity.take(db, nodes.values())
    return identity.join(db, heard, taken, HOUSE, NOON)


def _kept_under(event: Event, node: CustomerKey) -> Event:
    fields = {name: getattr(event, name) for name in Event.__struct_fields__}
    return Event(**{**fields, "node": node})


def people(db: Connection, names: Iterable[Identifier]) -> set[frozenset[Identifier]]:
    """Return the persons that these names make, as survivors have it and as aliases have it."""
    nodes = identifiers.find(db, list(names))
    homes = customers.survivors(db, nodes.values())
    by_home: dict[CustomerKey, set[Identifier]] = {}
    for name, node in nodes.items():
        by_home.setdefault(homes[node], set()).add(name)
    by_alias = graph.groups(db, list(by_home))
    assert {home: set(group.names.values()) for home, group in by_alias.items()} == by_home
    return {frozenset(each) for each in by_home.values()}


def test_names_seen_together_are_one_person(db: Connection) -> None:
    result = hear(db, seen(LEA, MAIL), seen(MAIL, PHONE, minute=1), seen(OMAR, minute=2))

    assert people(db, [LEA, MAIL, PHONE, OMAR]) == {
        frozenset({LEA, MAIL, PHONE}),
        frozenset({OMAR}),
    }
    assert len(result.merged) == 2
    assert set(result.survivors.values()) == set(customers.survivors(db, result.survivors).values())


def test_seeing_it_again_changes_nothing(db: Connection) -> None:
    hear(db, seen(LEA, MAIL))
    before = db.execute("SELECT * FROM identity_edge ORDER BY bucket, customer_id").fetchall()
    result = hear(db, seen(LEA, MAIL, minute=5))

    assert result.merged == ()
    assert (
        db.execute("SELECT * FROM identity_edge ORDER BY bucket, customer_id").fetchall() == before
    )


def test_two_accounts_on_one_tablet_stay_two_people(db: Connection) -> None:
    hear(db, seen(LEA, TABLET), seen(OMAR, TABLET, minute=1))
    nodes = identifiers.find(db, [OMAR, TABLET])
    edge = graph.read(db, [(min(nodes.values()), max(nodes.values()))])

    assert people(db, [LEA, OMAR, TABLET]) == {frozenset({LEA, TABLET}), frozenset({OMAR})}
    assert [each.because for each in edge.values()] == ["two_user_ids"]


def test_whoever_used_the_tablet_first_keeps_it_though_heard_of_later(db: Connection) -> None:
    hear(db, seen(OMAR, TABLET, minute=1))
    hear(db, seen(LEA, TABLET, minute=0))

    assert people(db, [LEA, OMAR, TABLET]) == {frozenset({LEA, TABLET}), frozenset({OMAR})}


def test_an_adviser_parts_two_and_they_stay_parted(db: Connection) -> None:
    for order in permutations(
        [seen(LEA, MAIL), seen(MAIL, PHONE, minute=1), parted(LEA, PHONE, minute=2)]
    ):
        with db.transaction(force_rollback=True):
            for event in order:
                hear(db, event)
            assert people(db, [LEA, MAIL, PHONE]) == {frozenset({LEA, MAIL}), frozenset({PHONE})}


def test_an_adviser_joins_two_accounts_and_can_take_it_back(db: Connection) -> None:
    hear(db, seen(LEA, MAIL), seen(OMAR, PHONE), joined(LEA, OMAR, minute=1))
    assert people(db, [LEA, OMAR, MAIL, PHONE]) == {frozenset({LEA, OMAR, MAIL, PHONE})}

    hear(db, parted(LEA, OMAR, minute=2))
    assert people(db, [LEA, OMAR, MAIL, PHONE]) == {
        frozenset({LEA, MAIL}),
        frozenset({OMAR, PHONE}),
    }

    hear(db, joined(LEA, OMAR, minute=3))
    assert len(people(db, [LEA, OMAR, MAIL, PHONE])) == 1


def test_nobody_but_staff_joins_two_accounts(db: Connection) -> None:
    hear(db, joined(LEA, OMAR, source="page"), joined(LEA, OMAR, source="shop", minute=1))

    assert len(people(db, [LEA, OMAR])) == 2


def test_a_machine_parts_nobody(db: Connection) -> None:
    hear(db, seen(LEA, MAIL), parted(LEA, MAIL, minute=1, source="platform"))

    assert len(people(db, [LEA, MAIL])) == 1


def test_a_survivor_keeps_its_key(db: Connection) -> None:
    hear(db, seen(LEA, MAIL))
    before = identity.take(db, identifiers.find(db, [LEA, MAIL]).values())
    hear(db, seen(LEA, PHONE, minute=1), seen(LEA, TABLET, minute=2))

    assert customers.survivors(db, before) == before


@pytest.mark.parametrize("in_order", [True, False])
def test_ten_thousand_names_make_nobody_a_crowd(db: Connection, *, in_order: bool) -> None:
    visits = [Identifier(Kind.ANONYMOUS_ID, f"visit-{number}") for number in range(2_000)]
    events = [seen(LEA, visit, minute=number) for number, visit in enumerate(visits)]
    events = events if in_order else events[::-1]
    for start in range(0, len(events), 500):
        hear(db, *events[start : start + 500])
    persons = people(db, [LEA, *visits])

    assert frozenset({LEA, *visits[: MOST_IDENTIFIERS - 1]}) in persons
    assert len(persons) == 1 + 2_000 - (MOST_IDENTIFIERS - 1)


def test_what_is_in_other_hands_waits_and_is_met_again(fresh_database: str) -> None:
    with psycopg.connect(fresh_database) as one, psycopg.connect(fresh_database) as two:
        hear(one, seen(LEA), seen(OMAR), seen(MAIL))
        one.commit()
        identity.take(two, identifiers.find(two, [MAIL]).values())
        event = seen(LEA, MAIL, minute=1)
        assert hear(one, event).deferred == {event.event_id}
        one.commit()
        assert len(people(one, [LEA, MAIL])) == 2
        two.rollback()
        assert hear(one, event).deferred == frozenset()
        assert len(people(one, [LEA, MAIL])) == 1


def test_a_node_that_was_parted_meanwhile_is_not_taken_with_its_old_survivor(
    fresh_database: str,
) -> None:
    with psycopg.connect(fresh_database) as one, psycopg.connect(fresh_database) as two:
        hear(one, seen(LEA, MAIL))
        one.commit()
        hear(one, parted(LEA, MAIL, minute=1))
        nodes = identifiers.find(two, [LEA, MAIL])
        assert identity.take(two, nodes.values()) == {}
        one.commit()
        assert len(set(identity.take(two, nodes.values()).values())) == 2


# -- the property: what the record makes of it is what the whole graph makes of it

NAMES = (
    *(Identifier(Kind.USER_ID, each) for each in "abc"),
    *(Identifier(Kind.EMAIL, f"{each}@example.org") for each in "de"),
    *(Identifier(Kind.ANONYMOUS_ID, each) for each in "fgh"),
)
some_pairs = some.lists(some.sampled_from(NAMES), min_size=2, max_size=3, unique=True)
some_events = some.lists(
    some.tuples(
        some_pairs,
        some.integers(0, 6),
        some.sampled_from(["seen", "seen", "seen", "seen", "parted", "joined"]),
    ),
    min_size=2,
    max_size=9,
)


def as_events(drawn: Sequence[tuple[list[Identifier], int, str]]) -> list[Event]:
    made = []
    for place, (names, minute, how) in enumerate(drawn):
        ranked = sorted(names, key=lambda name: list(Kind).index(name.kind))
        if how == "seen":
            made.append(seen(*ranked, minute=minute, message_id=f"m{place}"))
        else:
            make = parted if how == "parted" else joined
            event = make(ranked[0], ranked[1], minute=minute)
            made.append(_renamed(event, f"m{place}"))
    return made


def _renamed(event: Event, message_id: str) -> Event:
    fields = {name: getattr(event, name) for name in Event.__struct_fields__}
    return Event(**{**fields, "message_id": message_id})


def from_the_whole(db: Connection, events: Sequence[Event]) -> set[frozenset[Identifier]]:
    """Return the persons that all edges make when they are tried together."""
    nodes = identifiers.find(db, NAMES)
    names = {node: name for name, node in nodes.items()}
    edges: dict[Any, Edge] = {}
    for event in events:
        node = nodes[event.identifiers[0]]
        for saying in identity._sayings(_kept_under(event, node), HOUSE):
            for pair, edge in identity._said([saying], nodes).items():
                edges[pair] = told(edges.get(pair), edge)
    found = grouped(edges.values(), names, frozenset(names))
    return {frozenset(names[node] for node in group) for group in found.groups}


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(some_events, some.randoms(use_true_random=False), some.integers(1, 4))
def test_whatever_the_order_the_same_people_come_out(
    db: Connection, drawn: list[tuple[list[Identifier], int, str]], dice: Any, size: int
) -> None:
    events = as_events(drawn)
    shuffled = dice.sample(events, len(events))
    with db.transaction(force_rollback=True):
        identifiers.resolve(db, NAMES, NOON)
        for start in range(0, len(shuffled), size):
            hear(db, *shuffled[start : start + size])

        assert people(db, NAMES) == from_the_whole(db, events)
        standings = {row[0] for row in db.execute("SELECT DISTINCT standing FROM identity_edge")}
        assert standings <= {each.value for each in Standing}
