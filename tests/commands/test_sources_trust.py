"""Which map lies: the terminal says how often a source turned out wrong about a fact."""

from datetime import UTC, datetime, timedelta

import psycopg

from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.identifier import Identifier, Kind
from terrain.store import claims
from terrain.store.identifiers import resolve
from tests.typing_at_the_terminal import Typed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEA = Identifier(Kind.USER_ID, "lea")


def a_claim(value: str, source: str, kind: SourceKind, days_ago: int) -> Claim:
    at = NOON - timedelta(days=days_ago)
    key, message_id = FactKey("pet"), f"{source}-{value}"
    return Claim(
        key=key, value=value, source=source, kind=kind, first_at=at, at=at, message_id=message_id
    )


def test_the_platform_said_dog_and_lea_says_cat(typed: Typed, fresh_database: str) -> None:
    with psycopg.connect(fresh_database) as db:
        node = resolve(db, [LEA], NOON)[LEA]
        dog = a_claim("dog", "marketing-platform", SourceKind.THIRD_PARTY, days_ago=60)
        cat = a_claim("cat", "customer-page", SourceKind.CUSTOMER_SAID, days_ago=5)
        claims.save(db, [(node, dog), (node, cat)])

    worst = typed("sources", "trust", "--json")[0]

    assert (worst["source"], worst["fact"], worst["wrong_by_customer"]) == (
        "marketing-platform",
        "pet",
        1,
    )
    assert "100%" in typed("sources", "trust")[1]
