"""Keeps the directory, and finds people in it: by a part of a name, an address, a card, an order.

Promise: a line is written in the transaction that learned the name, for one person under all their
names; whoever is found is told apart from the others by why they were found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core import directory as core
from terrain.core.directory import Fit, How, Wanted
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, Kind, key_of
from terrain.core.name import as_about
from terrain.core.turn import Changes
from terrain.flow import hearing
from terrain.flow.identifiers import named
from terrain.store import customers, directory, identifiers, overview, people
from terrain.store import identity as graph
from terrain.store.pending import Taken

MOST_SHOWN = 30
MOST_READ = 200
MOST_LATELY = 100
LONGEST_TEXT = 200
SHORTEST_NUMBER, LONGEST_NUMBER = 15, 20
ENDLESS = 2**63
ORDER = "order"
NUMBER = "number"
CHUNK = 1_000


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was found: what they are called, and by which of their names."""

    key: CustomerKey
    called: str
    fit: Fit


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to; `more` where there are people beyond those shown."""

    hits: tuple[Hit, ...] = ()
    more: bool = False


# -- kept -----------------------------------------------------------------------------------------


def note(
    db: Connection,
    changes: Sequence[Changes],
    regrouped: Collection[CustomerKey],
    house: House,
    now: datetime,
) -> None:
    """Write down whom the worker's turn gave a name, and who is another person than before.

    Whoever was thought through is known as they are now; only the others are read.
    """
    known = {node for one in changes for node in one.customer.every_node}
    entries = [
        entry
        for one in changes
        if (one.customer.key in regrouped or _is_news(one))
        and (entry := core.entry_of(one.customer, house, now))
    ]
    with db.pipeline():
        directory.save(db, entries)
        directory.forget(db, (known & set(regrouped)) - {entry.key for entry in entries})
    refresh(db, set(regrouped) - known, house, now)


def note_orders(db: Connection, heard: Iterable[tuple[CustomerKey, Event]]) -> None:
    """Write down whose the orders are that were heard of."""
    directory.save_orders(db, _orders(heard))


def refresh(db: Connection, nodes: Collection[CustomerKey], house: House, now: datetime) -> None:
    """Write the lines of these nodes anew: the record says who is one person with whom."""
    if not nodes:
        return
    homes = customers.survivors(db, nodes)
    survivors = {node for node in nodes if homes.get(node) == node}
    known = people.load(db, survivors, now, secret=house.secret)
    entries = [entry for each in known.values() if (entry := core.entry_of(each, house, now))]
    directory.save(db, entries)
    directory.forget(db, list(set(nodes) - {entry.key for entry in entries}))


def index(db: Connection, bucket: int, house: House, now: datetime) -> int:
    """Write the lines of one bucket anew from the record; return how many people it has."""
    after = people_found = 0
    while keys := directory.next_survivors(db, bucket, after, CHUNK):
        refresh(db, keys, house, now)
        after, people_found = keys[-1].customer_id, people_found + len(keys)
    directory.forget_aliases(db, bucket)
    place = (0, "")
    while taken := directory.next_events(db, bucket, place, CHUNK):
        heard = [(each.node, _event(each, house)) for each in taken]
        note_orders(db, heard)
        place = (taken[-1].customer_id, taken[-1].message_id)
    return people_found


def _is_news(one: Changes) -> bool:
    return core.is_news(one.before, (c for _, c in one.claims), (e for _, e in one.evidence))


def _event(taken: Taken, house: House) -> Event:
    return hearing.event_of(taken, house.catalogue, house.company.country)


def _orders(heard: Iterable[tuple[CustomerKey, Event]]) -> list[tuple[CustomerKey, int]]:
    found = []
    for node, event in heard:
        said = event.properties.get(ORDER)
        number = core.order_key(as_about(said) or "") if said else None
        if number is not None:
            found.append((node, number))
    return found


# -- found ----------------------------------------------------------------------------------------


def search(db: Connection, text: str, house: House) -> Search:
    """Return who is meant, the likeliest first; whoever has exactly this address or number comes before all."""
    text = " ".join(text[:LONGEST_TEXT].split())
    exact = _exactly(db, text, house.company.country)
    words = core.asked(text)
    # Nobody types a whole address or number to see who has a like one.
    sure = bool(exact) and ("@" in text or _has_digit(text))
    lines = [] if sure else _lines(db, words)
    hits = {hit.key: hit for hit in exact}
    for line in lines:
        fit = core.fit(words, line.names)
        if fit is not None and line.key not in hits:
            hits[line.key] = Hit(key=line.key, called=line.called, fit=fit)
    ranked = sorted(hits.values(), key=_rank)
    return Search(hits=tuple(ranked[:MOST_SHOWN]), more=len(ranked) > MOST_SHOWN)


def latest(db: Connection) -> list[directory.Line]:
    """Return the people about whom something was decided last."""
    decided = overview.decisions(db, overview.Wanted(), MOST_LATELY)
    keys = list(dict.fromkeys(CustomerKey(row.bucket, row.customer_id) for row in decided))
    homes = customers.survivors(db, keys)
    people_of = list(dict.fromkeys(homes[key] for key in keys if key in homes))[:MOST_SHOWN]
    known = directory.lines(db, people_of)
    return [known.get(key) or directory.Line(key, str(key.customer_id), ()) for key in people_of]


def called(db: Connection, key: CustomerKey) -> str:
    """Return what somebody is called, else their number."""
    home = customers.survivors(db, [key]).get(key, key)
    line = directory.lines(db, [home]).get(home)
    return line.called if line else str(home.customer_id)


def nodes_of(db: Connection, key: CustomerKey) -> tuple[CustomerKey, ...]:
    """Return every node of the person to whom this one belongs."""
    home = customers.survivors(db, [key]).get(key)
    groups = graph.groups(db, [home]) if home else {}
    return tuple(groups[home].names) if home in groups else (key,)


def _rank(hit: Hit) -> tuple[float, str, int]:
    return (-hit.fit.worth, core.fold(hit.called), -hit.key.customer_id)


def _lines(db: Connection, words: tuple[str, ...]) -> list[directory.Line]:
    """Return who may be meant: those who are called exactly so and, where they are few, those nearly so."""
    found = directory.find(db, [core.whole(word) for word in words], MOST_READ)
    if len(found) >= MOST_SHOWN:
        return found
    return found + directory.find(db, [core.loose(word) for word in words], MOST_READ)


def _exactly(db: Connection, text: str, country: str) -> list[Hit]:
    found: dict[CustomerKey, tuple[str, str]] = {}
    names = _as_identifiers(text, country)
    for name, node in identifiers.find(db, names).items():
        found[node] = (name.kind, name.value)
    if key := _as_number(text):
        found.setdefault(key, (NUMBER, str(key.customer_id)))
    for node in directory.nodes_with(db, _as_orders(text)):
        found.setdefault(node, (ORDER, text))
    homes = customers.survivors(db, found)
    by_survivor = {homes[node]: why for node, why in found.items() if node in homes}
    by_survivor |= _by_claim(db, names, by_survivor.keys())
    return _hits(db, by_survivor)


def _by_claim(
    db: Connection, names: Collection[Identifier], known: Collection[CustomerKey]
) -> dict[CustomerKey, tuple[str, str]]:
    """Return who gave an address that is no identifier yet: a correction on their page, say."""
    found: dict[CustomerKey, tuple[str, str]] = {}
    keys = tuple(core.exact_key(name.kind, name.value) for name in names)
    if not keys:
        return found
    spelled = {core.fold(f"{name.kind}:{name.value}"): name for name in names}
    for line in directory.find(db, [Wanted(every=(), some=keys)], MOST_SHOWN):
        for each in line.names:
            name = spelled.get(core.fold(each))
            if name is not None and line.key not in known:
                found[line.key] = (name.kind, name.value)
    return found


def _hits(db: Connection, why: dict[CustomerKey, tuple[str, str]]) -> list[Hit]:
    lines = directory.lines(db, list(why))
    return [
        Hit(
            key=key,
            called=lines[key].called if key in lines else value,
            fit=Fit(kind=kind, value=value, how=How.EXACT, worth=100.0),
        )
        for key, (kind, value) in why.items()
    ]


def _as_number(text: str) -> CustomerKey | None:
    """Return whose number on these pages this is, if it can be one."""
    digits = text.removeprefix("#")
    plain = (
        digits.isascii() and digits.isdigit() and SHORTEST_NUMBER <= len(digits) < LONGEST_NUMBER
    )
    return key_of(int(digits)) if plain and int(digits) < ENDLESS else None


def _as_identifiers(text: str, country: str) -> list[Identifier]:
    """Return every identifier that this may be, however it is spelled."""
    prefix, colon, rest = text.partition(":")
    kinds = [Kind(prefix)] if colon and prefix in set(Kind) else list(Kind)
    value = rest.strip() if colon and prefix in set(Kind) else text
    named_so = (named(kind, value, country) for kind in kinds)
    return [each for each in named_so if isinstance(each, Identifier)]


def _as_orders(text: str) -> list[int]:
    """Return the orders that may be meant: the whole text, or a part of it with a digit."""
    parts = [text, *(part for part in text.split()[: core.MOST_ASKED] if _has_digit(part))]
    return list({number for part in parts if (number := core.order_key(part)) is not None})


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)
