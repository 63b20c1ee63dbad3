"""Where a customer is, as far as the law and the clock need to know it.

Promise: what the customer said comes before where their parcels go, that before the first digits of
their number, that before the company's own country; what stays possible is kept possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from terrain.core.claims import latest
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import Kind
from terrain.core.law import Geography

T = TypeVar("T")

_TIME_ZONE = FactKey("time_zone")
_COUNTRY = FactKey("country")
_ADDRESS = FactKey("address")
_LONGEST_PREFIX = 9


def country_of(customer: Customer, house: House) -> str:
    """Return the country whose law counts."""
    said = _said(customer, _COUNTRY)
    if isinstance(said, str) and said:
        return said.upper()
    lives = _country_of_address(customer)
    if lives:
        return lives
    prefixes = house.law.geography.countries_by_prefix
    called = next((_by_prefix(prefixes, number) for number in _numbers(customer)), None)
    return called or house.company.country


def zones_of(customer: Customer, house: House) -> tuple[ZoneInfo, ...]:
    """Return every clock the customer may live by; the first ground that says anything decides."""
    said = zone_named(_said(customer, _TIME_ZONE))
    if said is not None:
        return (said,)
    geography = house.law.geography
    lives = _country_of_address(customer)
    names = geography.zones.get(lives, ()) if lives else ()
    names = names or _zones_of_numbers(customer, geography)
    if not names:
        country = _said(customer, _COUNTRY)
        names = geography.zones.get(country.upper(), ()) if isinstance(country, str) else ()
    return _zones(names) or (house.company.zone,)


@lru_cache(maxsize=1024)
def _zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    return tuple(zone for zone in map(zone_named, names) if zone is not None)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_named(name: object) -> ZoneInfo | None:
    """Return the clock of this name, or None when there is none: customers say all sorts of things."""
    return _zone(name) if isinstance(name, str) and name else None


def _said(customer: Customer, key: FactKey) -> object:
    if key not in customer.claims:  # nearly always, and asked four times a decision
        return None
    claim = latest(customer, key)
    return None if claim is None else claim.value


def _country_of_address(customer: Customer) -> str:
    address = _said(customer, _ADDRESS)
    country = address.get("country") if isinstance(address, dict) else None
    return country.upper() if isinstance(country, str) else ""


def _numbers(customer: Customer) -> Iterator[str]:
    for identifier in customer.identifiers:
        if identifier.kind is Kind.PHONE:
            yield identifier.value.lstrip("+")


def _zones_of_numbers(customer: Customer, geography: Geography) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for number in _numbers(customer):
        for name in _by_prefix(geography.zones_by_prefix, number) or ():
            found[name] = None
    return tuple(found)


def _by_prefix(by_prefix: dict[str, T], number: str) -> T | None:
    for length in range(_LONGEST_PREFIX, 0, -1):
        found = by_prefix.get(number[:length])
        if found is not None:
            return found
    return None
