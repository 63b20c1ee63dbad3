"""The vectors of the bucket are part of every installation's format: they must never change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from terrain.core.identifier import (
    BUCKETS,
    EPOCH,
    Identifier,
    Kind,
    bucket_of,
    first_id_at,
    id_from,
    key_of,
    new_id,
    number_in,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OF_IDS = {
    0: 136,
    1: 90,
    2: 208,
    255: 222,
    256: 190,
    4294967296: 224,
    9007199254740992: 68,
    9223372036854775807: 112,
    3560000000000000000: 27,
}
OF_NAMES = {
    ("user_id", "lea"): 230,
    ("user_id", "17850"): 98,
    ("email", "lea@example.org"): 51,
    ("phone", "+33612345678"): 183,
    ("card", "FR12345678"): 129,
    ("handle", "mastodon:lea"): 208,
    ("anonymous_id", "visit-1"): 148,
    ("user_id", "Léa"): 218,
}


@pytest.mark.parametrize(("customer_id", "bucket"), OF_IDS.items())
def test_the_bucket_of_a_customer_never_changes(customer_id: int, bucket: int) -> None:
    assert bucket_of(customer_id) == bucket
    assert key_of(customer_id).bucket == bucket


@pytest.mark.parametrize(("name", "bucket"), OF_NAMES.items())
def test_the_bucket_of_a_name_never_changes(name: tuple[str, str], bucket: int) -> None:
    assert Identifier(Kind(name[0]), name[1]).bucket == bucket


def test_buckets_fill_evenly() -> None:
    counts = [0] * BUCKETS
    for customer_id in range(256 * 100):
        counts[bucket_of(customer_id)] += 1

    assert min(counts) > 60
    assert max(counts) < 145


def test_ids_sort_by_time_and_fit_into_63_bits() -> None:
    for years in (0, 27, 69):
        at = EPOCH + timedelta(days=365 * years)
        assert first_id_at(at) <= new_id(at) < first_id_at(at + timedelta(minutes=1)) < 2**63


def test_the_same_parts_always_give_the_same_id() -> None:
    assert id_from(NOON, "a", 1) == id_from(NOON, "a", 1)
    assert id_from(NOON, "a", 1) != id_from(NOON, "a1", "")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *(("17", 17), (17, 17), ("act_17", 17), ("a-11", 17), ("A-1F", 31)),
        *(("", 0), (None, 0), ("x", 0), ("-", 0), (2**63, 0), ("9" * 40, 0), ("1.5", 0)),
        *(("-3", 0), (-3, 0), ("a-", 0), ("٧", 0), ("1_7", 0), (" 17", 0)),
        *(([], 0), ({}, 0), (True, 0), (1.5, 0)),
    ],
)
def test_numbers_are_read_as_people_and_machines_write_them(said: Any, meant: int) -> None:
    assert number_in(said) == meant
