"""How long it takes to find one person among 200,000: by name, with a slip, by address, by order."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

import psycopg
from psycopg import Connection

from benchmarks import shop, stage
from benchmarks.row import Row
from terrain.core import directory as core
from terrain.core.customer import Customer
from terrain.core.directory import Entry
from terrain.core.fact import Claim, FactKey, SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.flow.directory import search
from terrain.store import directory
from terrain.store.identifiers import resolve

CUSTOMERS = 200_000
ORDERS = 3
TOGETHER = 5_000
ASKED = 40
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
FIRST = (
    *(
        "Léa",
        "Marie",
        "Chloé",
        "Inès",
        "Zoé",
        "Anaïs",
        "Hélène",
        "Noémie",
        "Camille",
        "Jeanne",
        "Omar",
    ),
    *(
        "Théo",
        "Hugo",
        "Loïc",
        "Gaël",
        "André",
        "Rémi",
        "François",
        "Yanis",
        "Jérôme",
        "Jean-Pierre",
    ),
    *("Anne-Sophie", "Søren", "Zoltán", "Łukasz", "Ngọc", "Aïcha", "Mehdi", "Paul", "Louise"),
)
BEGINNINGS = (
    *("Bar", "Ber", "Cha", "Che", "Del", "Dub", "Du", "Fau", "Gar", "Gir", "Lam", "Le", "Lec"),
    *("Lef", "Mar", "Mer", "Mor", "Per", "Pel", "Rou", "Sau", "Sim", "Tho", "Val"),
)
MIDDLES = (
    *("ba", "be", "bi", "cha", "che", "de", "du", "fe", "ga", "gui", "la", "le", "li", "lo"),
    *("ma", "me", "mi", "na", "ne", "no", "pe", "ra", "ri", "ro", "ta", "ti", "tre", "va"),
    "vi",
)
ENDS = (
    *("n", "t", "r", "ud", "ier", "ont", "in", "ard", "eau", "ez", "oux", "and", "el", "et"),
    *("s", "d", "lle", "rd"),
)


def measure(*, long: bool) -> list[Row]:
    """Fill a directory, and look people up in every way that people do."""
    people = CUSTOMERS if long else CUSTOMERS // 2
    with stage.database() as conninfo, psycopg.connect(conninfo, autocommit=True) as db:
        house = shop.house(*shop.files())
        crowd = fill(db, house, people)
        return [_timed(db, house, name, asked, crowd) for name, asked in WAYS.items()]


def fill(db: Connection, house: House, people: int) -> list[tuple[CustomerKey, str]]:
    """Write so many people into the record; return some of them."""
    chance = random.Random(7)  # noqa: S311 - the same crowd each time
    crowd = _crowd(chance, people)
    some: list[tuple[CustomerKey, str]] = []
    while part := list(islice(crowd, TOGETHER)):
        with db.transaction():
            nodes = resolve(db, [_address(name, number) for number, name in part], NOW)
            entries = [
                _entry(nodes[_address(name, number)], name, number, house) for number, name in part
            ]
            directory.save(db, entries)
            directory.save_orders(
                db,
                [
                    (nodes[_address(name, number)], core.order_key(f"A-{number}-{n}") or 0)
                    for number, name in part
                    for n in range(ORDERS)
                ],
            )
        some += [(entries[0].key, part[0][1]), (entries[-1].key, part[-1][1])]
    db.execute("VACUUM ANALYZE")
    return some


def _crowd(chance: random.Random, people: int) -> Iterator[tuple[int, str]]:
    families = [_family(chance) for _ in range(8_000)]
    for number in range(people):
        # A few names are everybody's, most are rare: as it is.
        family = families[min(int(chance.paretovariate(0.45)), len(families)) - 1]
        yield number, f"{chance.choice(FIRST)} {family}"


def _family(chance: random.Random) -> str:
    middle = "".join(chance.choices(MIDDLES, k=chance.choice((0, 1, 1, 2))))
    return chance.choice(BEGINNINGS) + middle + chance.choice(ENDS)


def _address(name: str, number: int) -> Identifier:
    return Identifier(Kind.EMAIL, f"{'.'.join(core.words_in(name)[:2])}.{number}@example.org")


def _entry(key: CustomerKey, name: str, number: int, house: House) -> Entry:
    said = {FactKey("name"): name, FactKey("phone"): f"+336{number:08d}"}
    claims: dict[FactKey, tuple[Claim, ...]] = {
        fact: (
            Claim(
                key=fact,
                value=value,
                source=shop.SOURCE,
                kind=SourceKind.TRANSACTION,
                first_at=NOW,
                at=NOW,
                message_id=str(number),
            ),
        )
        for fact, value in said.items()
    }
    customer = Customer(key=key, identifiers=(_address(name, number),), claims=claims)
    entry = core.entry_of(customer, house, NOW)
    assert entry
    return entry


def _slipped(name: str) -> str:
    first, _, family = name.partition(" ")
    return (
        f"{core.fold(first)} {family[:2]}{family[3:2:-1]}{family[4:]}" if len(family) > 4 else name
    )


WAYS: dict[str, Callable[[str, int], str]] = {
    "by first and last name": lambda name, _: name,
    "by the last name alone": lambda name, _: name.split()[1],
    "with two letters changed round": lambda name, _: _slipped(name),
    "by a part in the middle": lambda name, _: name.split()[1][1:5],
    "by three letters that thousands have": lambda name, _: name.split()[1][:3],
    "by two letters": lambda name, _: name[:2],
    "by e-mail": lambda name, number: _address(name, number).value,
    "by order": lambda _, number: f"A-{number}-1",
    "nobody": lambda _, number: f"xqzw{number} kjhq",
}


def _timed(
    db: Connection,
    house: House,
    name: str,
    asked: Callable[[str, int], str],
    crowd: list[tuple[CustomerKey, str]],
) -> Row:
    took = []
    for number, (_, who) in enumerate(crowd[:ASKED]):
        at = (number // 2) * TOGETHER + (TOGETHER - 1 if number % 2 else 0)
        begun = time.perf_counter()
        with db.transaction():
            search(db, asked(who, at), house)
        took.append(1000 * (time.perf_counter() - begun))
    took.sort()
    return Row(
        name=f"a person found {name}" if name != "nobody" else "nobody found",
        figure=statistics.median(took),
        unit="ms",
        aim=30,
        less_is_better=True,
        note=f"slowest of {len(took)}: {took[-1]:.0f} ms, to stay under 100",
    )
