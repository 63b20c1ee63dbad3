"""Counting with a condition finds those whom running it finds."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from terrain.core.catalogue import Catalogue
from terrain.core.condition import Condition, holds
from terrain.core.fact import EvidenceKind
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.scene import Scene
from terrain.flow import values
from terrain.flow.names import Names
from terrain.flow.yaml_file import read_text
from terrain.store import claims, evidence, segments
from terrain.store.identifiers import resolve
from terrain.store.people import load
from tests.journeys import a_shop, example_catalogue
from tests.people import LEA, NOON, a_claim, an_evidence

PEOPLE: list[dict[str, Any]] = [
    {
        "country": "FR",
        "tags": ["vip", "early"],
        "last_order": "2026-11-01",
        "birth_date": "1990-02-01",
    },
    {"country": "be", "tags": "vip", "last_order": "2020-01-01", "handle": "12.50"},
    {"country": "CH", "handle": 40, "last_order": "not a date", "wants_news": True},
    {"handle": "forty", "wants_news": False, "tags": []},
    {},
]
CONDITIONS = [
    "country: FR",
    "country: [fr, BE]",
    "country: unknown",
    "email: known",
    "tags: vip",
    "tags: {without: vip}",
    "handle: {over: 12}",
    "handle: {between: [12.5, 40]}",
    "handle: {at_least: 40}",
    "handle: {under: 40}",
    "last_order: {within: 90 days}",
    "birth_date: {over: 1980-01-01}",
    "wants_news: yes",
    "customer.wants_news: no",
    "likes_birthdays: yes",
    "any: {country: FR, tags: vip}",
    "none: [{country: FR}, {handle: known}]",
    "{country: FR, tags: vip}",
    "last_order: {within: 9000 years}",
]


def condition_of(text: str) -> Condition:
    node, reading = read_text(text, "c.yaml")
    assert node is not None
    found = values.condition(node, reading, Names(example_catalogue()))
    assert not reading.problems
    return found


def a_crowd(db: Connection) -> None:
    for number, said in enumerate(PEOPLE):
        kind = Kind.EMAIL if number % 2 else Kind.USER_ID
        name = Identifier(kind, f"somebody-{number}")
        key = resolve(db, [name], NOON)[name]
        claims.save(db, [(key, a_claim(value, fact=fact)) for fact, value in said.items()])


def counted(db: Connection, condition: Condition, catalogue: Catalogue) -> list[CustomerKey]:
    """Return whom the count counts."""
    where, values = segments.as_sql(condition, catalogue, NOON)
    statement = f"SELECT c.bucket, c.customer_id {segments.PEOPLE} {where}"
    return [CustomerKey(*row) for row in db.execute(statement.encode(), values)]


@pytest.mark.parametrize("text", CONDITIONS)
def test_those_who_are_counted_are_those_whom_it_describes(db: Connection, text: str) -> None:
    a_crowd(db)
    condition, house = condition_of(text), a_shop()
    keys = counted(db, condition_of("all: []"), house.catalogue)
    everyone = load(db, keys, NOON, secret="none")

    described = {
        key
        for key, customer in everyone.items()
        if holds(condition, Scene(customer, house, NOON, {}))
    }

    assert len(everyone) == len(PEOPLE)
    assert set(counted(db, condition, house.catalogue)) == described
    assert segments.count(db, condition, house.catalogue, NOON) == len(described)


def test_what_the_customer_denied_counts_no_more_until_somebody_says_it_anew(
    db: Connection,
) -> None:
    key = resolve(db, [LEA], NOON)[LEA]
    claims.save(db, [(key, a_claim("FR", "platform", fact="country"))])
    assert segments.count(db, condition_of("country: FR"), example_catalogue(), NOON) == 1

    no = an_evidence(EvidenceKind.DENIED, "FR", timedelta(days=2), "country")
    evidence.save(db, [(key, no)])
    claims.save(db, [(key, a_claim("FR", "platform", timedelta(days=1), fact="country"))])
    assert segments.count(db, condition_of("country: FR"), example_catalogue(), NOON) == 0

    claims.save(db, [(key, a_claim("FR", "page", timedelta(days=1), fact="country"))])
    assert segments.count(db, condition_of("country: FR"), example_catalogue(), NOON) == 1


def test_what_only_an_event_says_cannot_be_counted(db: Connection) -> None:
    with pytest.raises(segments.NotCountable):
        segments.count(db, condition_of("unit: {over: 1}"), example_catalogue(), NOON)


def test_values_never_become_sql(db: Connection) -> None:
    condition = condition_of('country: "FR\' OR true) --"')

    assert segments.count(db, condition, example_catalogue(), NOON) == 0


def test_near_in_the_future_counts_as_within(db: Connection) -> None:
    name = Identifier(Kind.USER_ID, "omar")
    key = resolve(db, [name], NOON)[name]
    soon = (NOON + timedelta(days=3)).astimezone(ZoneInfo("UTC")).date().isoformat()
    claims.save(db, [(key, a_claim(soon, fact="last_order"))])

    assert segments.count(
        db, condition_of("last_order: {within: 7 days}"), example_catalogue(), NOON
    )
