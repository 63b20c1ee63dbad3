"""Takes customers under their lock, and joins those whom events say to be one person.

Promise: merging while events arrive loses nothing. Both survivors are locked before anything is
written; where one is in other hands, the event stays pending and is met again. What is new but
contradicts nothing costs a few look-ups; only a contradiction makes the groups be thought through
anew (`core/identity.py`), and then the result is the one that any other order would have given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.event import Event
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier
from terrain.core.identity import Edge, Group, Grouping, Standing, grouped, refusal, told
from terrain.flow.identifiers import parsed
from terrain.store import customers, erasures, identifiers
from terrain.store import identity as graph
from terrain.store.identity import Alias, Pair

# More than this is never thought through at once; what leads further stays as it was.
MOST_THOUGHT_THROUGH = 5_000
LINKED, SEPARATED = "identity.linked", "identity.separated"
_MAY_PART = frozenset({SourceKind.CUSTOMER_SAID, SourceKind.STAFF_HEARD})


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Whose each node is now, which events must wait, and who became one person with whom.

    `survivors` leads from each node that was taken to its survivor, whose lock is held. `deferred` are
    event ids that have to stay pending: somebody else is at work on the other half. `merged` are
    pairs (gone, survivor); `regrouped` all nodes that lead, or led, a person who is made of other nodes now.
    """

    survivors: dict[CustomerKey, CustomerKey]
    deferred: frozenset[int] = frozenset()
    merged: tuple[tuple[CustomerKey, CustomerKey], ...] = ()
    regrouped: frozenset[CustomerKey] = frozenset()


class _Saying(NamedTuple):
    """That one event says of two names that they are, or are not, one person's."""

    event: Event
    node: CustomerKey
    other: Identifier
    standing: Standing
    because: str


def take(db: Connection, nodes: Iterable[CustomerKey]) -> dict[CustomerKey, CustomerKey]:
    """Lock the customers to whom these nodes belong; return node -> survivor for those that were free."""
    homes = customers.survivors(db, nodes)
    locked = customers.lock(db, homes.values())
    held = {node: home for node, home in homes.items() if home in locked}
    # Between the look and the lock an alias may have been parted from its survivor. A survivor
    # cannot: what is locked is still one.
    aliases = [node for node, home in held.items() if node != home]
    if aliases:
        now = customers.survivors(db, aliases)
        held = {node: home for node, home in held.items() if node == home or now.get(node) == home}
    return held


def join(
    db: Connection,
    heard: Sequence[Event],
    taken: Mapping[CustomerKey, CustomerKey],
    house: House,
    now: datetime,
) -> Joined:
    """Draw the edges that these events show, and merge or part whom they concern.

    `taken` is what `take` returned for the nodes of these events, and of whoever else is worked on.
    """
    sayings = [saying for event in heard for saying in _sayings(event, house)]
    if not sayings:
        return Joined(survivors=dict(taken))
    sayings, nodes = _met(db, sayings, house, now)
    said = _said(sayings, nodes)
    known = graph.read(db, list(said))
    new = {
        pair: edge for pair, edge in said.items() if told(known.get(pair), edge) != known.get(pair)
    }
    if not new:
        return Joined(survivors=dict(taken))
    work = _Work(db, taken, known)
    left = work.draw(list(new.values()))
    work.write()
    return Joined(
        survivors={node: work.home_of(node) for node in taken},
        deferred=frozenset(
            saying.event.event_id
            for saying in sayings
            if _pair(saying.node, nodes[saying.other]) in left
        ),
        merged=work.merged(),
        regrouped=frozenset(work.regrouped),
    )


def _met(
    db: Connection, sayings: list[_Saying], house: House, now: datetime
) -> tuple[list[_Saying], dict[Identifier, CustomerKey]]:
    """Return the nodes of those whom these sayings name; what is older than an erasure makes none anew."""
    nodes = identifiers.find(db, {saying.other for saying in sayings})
    new = {saying.other for saying in sayings} - nodes.keys()
    gone = erasures.when(db, house.secret, new)
    if gone:
        sayings = [
            one for one in sayings if one.other not in gone or one.event.at >= gone[one.other]
        ]
        new &= {saying.other for saying in sayings}
    return sayings, nodes | identifiers.make(db, new, now)


def _sayings(event: Event, house: House) -> Iterator[_Saying]:
    if event.node is None:
        return
    standing, because = _worth(event, house)
    if standing is None:
        return
    for other in event.identifiers[1:]:
        yield _Saying(event, event.node, other, standing, because)
    if event.name in (LINKED, SEPARATED) and isinstance(event.properties.get("other"), str):
        meant = parsed(event.properties["other"], house.company.country)
        if isinstance(meant, Identifier):
            yield _Saying(event, event.node, meant, standing, because)


def _worth(event: Event, house: House) -> tuple[Standing | None, str]:
    """Return what the event's word on identity is worth: only people part, only staff join accounts."""
    kind = house.kind_of(event.source)
    if event.name == SEPARATED:
        return (Standing.CUT if kind in _MAY_PART else None), "parted_by_a_person"
    if event.name == LINKED and kind is SourceKind.STAFF_HEARD:
        return Standing.LINKED, "joined_by_a_person"
    return Standing.HOLDS, "seen_together"


def _said(sayings: Iterable[_Saying], nodes: Mapping[Identifier, CustomerKey]) -> dict[Pair, Edge]:
    """Return one edge a pair: what all these events together say of it."""
    said: dict[Pair, Edge] = {}
    for saying in sayings:
        other = nodes[saying.other]
        if other == saying.node:
            continue
        one, two = pair = _pair(saying.node, other)
        edge = Edge(
            one=one,
            other=two,
            at=saying.event.at,
            message_id=saying.event.message_id,
            source=saying.event.source,
            standing=saying.standing,
            because=saying.because,
        )
        said[pair] = told(said.get(pair), edge)
    return said


def _pair(one: CustomerKey, other: CustomerKey) -> Pair:
    return (one, other) if one < other else (other, one)


class _Work:
    """The groups of a batch while edges are drawn: everything is settled here before a row is written."""

    def __init__(
        self, db: Connection, taken: Mapping[CustomerKey, CustomerKey], known: Mapping[Pair, Edge]
    ) -> None:
        self.db = db
        self.taken = dict(taken)
        self.known = known
        self.edges: dict[Pair, Edge] = {}
        self.group_of: dict[CustomerKey, Group] = {}
        self.before: dict[CustomerKey, dict[CustomerKey, datetime]] = {}
        self.cuts: list[Pair] = []
        self.regrouped: set[CustomerKey] = set()

    def home_of(self, node: CustomerKey) -> CustomerKey:
        """Return the survivor of a node as it is now."""
        group = self.group_of.get(node)
        return group.survivor if group else self.taken[node]

    def draw(self, new: Sequence[Edge]) -> set[Pair]:
        """Draw these edges; return the pairs of those that must wait for somebody else."""
        self._hold({node for edge in new for node in edge.pair})
        left = {edge.pair for edge in new if not all(n in self.group_of for n in edge.pair)}
        drawable = [edge for edge in new if edge.pair not in left]
        hard = [
            edge for edge in sorted(drawable, key=lambda edge: edge.order) if not self._easy(edge)
        ]
        if hard and not self._think_through(hard):
            left |= {edge.pair for edge in hard}
        return left

    def _hold(self, nodes: Collection[CustomerKey]) -> bool:
        """Lock and read the groups of these nodes; tell whether all of them were free."""
        self.taken |= take(self.db, [node for node in nodes if node not in self.taken])
        homes = {self.taken[node] for node in nodes if node in self.taken}
        unread = [home for home in homes if home not in self.before]
        found = graph.groups(self.db, unread) if unread else {}
        for survivor, group in found.items():
            self.before[survivor] = dict(group.since)
            self.group_of |= dict.fromkeys(group.names, group)
        if found:
            self.cuts += graph.cuts(
                self.db, [node for group in found.values() for node in group.names]
            )
        return all(node in self.group_of for node in nodes)

    def _easy(self, edge: Edge) -> bool:
        """Draw an edge that contradicts nothing, or comes after all that it contradicts."""
        one, other = (self.group_of[node] for node in edge.pair)
        known = self.known.get(edge.pair)
        if edge.is_decided or (known is not None and known.is_decided):
            if edge.standing is not Standing.CUT or one is other:
                return False
            self.cuts.append(edge.pair)
            self.edges[edge.pair] = edge
            return True
        because = "" if one is other else refusal(one, other, self.cuts)
        if not because:
            self._merge(one, other, edge)
        elif any(group.latest and group.latest >= edge.at for group in (one, other)):
            return False
        else:
            edge = msgspec.structs.replace(edge, standing=Standing.REFUSED, because=because)
        self.edges[edge.pair] = edge
        return True

    def _merge(self, one: Group, other: Group, edge: Edge) -> None:
        if one is other:
            return
        if _rank(one) < _rank(other):
            one, other = other, one
        for node, name in other.names.items():
            one.names[node] = name
            one.since[node] = max(edge.at, other.since.get(node, edge.at))
            self.group_of[node] = one

    def _think_through(self, hard: Sequence[Edge]) -> bool:
        """Group anew everybody whom these edges concern; False where one of them is in other hands."""
        concerned = {node for edge in hard for node in edge.pair}
        drawn = self.edges | {edge.pair: edge for edge in hard}
        while True:
            inside = frozenset(n for node in concerned for n in self.group_of[node].names)
            edges = graph.touching(self.db, inside)
            edges |= {
                pair: edge for pair, edge in drawn.items() if pair[0] in inside or pair[1] in inside
            }
            ends = {node for pair in edges for node in pair}
            found = grouped(edges.values(), customers.names(self.db, ends | inside), inside)
            if not found.reaching or len(inside) > MOST_THOUGHT_THROUGH:
                break
            if not self._hold(found.reaching):
                return False
            concerned |= found.reaching
        self.edges |= {
            edge.pair: edge for edge in found.edges if edges[edge.pair] != edge or edge in hard
        }
        self.edges |= {edge.pair: edge for edge in hard if edge.pair not in self.edges}
        self._regroup(found)
        return True

    def _regroup(self, found: Grouping) -> None:
        """Give each new group the survivor that brings most of it along, so that little moves."""
        names = {n: name for g in set(self.group_of.values()) for n, name in g.names.items()}
        for members in found.groups:
            survivor = max(members, key=lambda node: self._claim_to(node, members, names[node]))
            group = Group(survivor, {node: names[node] for node in members})
            group.since = found.joined_at(survivor)
            self.group_of |= dict.fromkeys(members, group)

    def _claim_to(
        self, node: CustomerKey, members: Collection[CustomerKey], name: Identifier
    ) -> tuple[bool, int, Identifier, CustomerKey]:
        before = self.before.get(node)
        brings = sum(1 for alias in before or () if alias in members)
        return (before is not None, brings, name, node)

    def write(self) -> None:
        """Write down the edges, and whose each node is now, where that changed."""
        graph.save(self.db, self.edges.values())
        gone: list[Pair] = []
        new: list[Alias] = []
        homes: dict[CustomerKey, CustomerKey] = {}
        for survivor, since in self.before.items():
            gone += [
                (survivor, node) for node in since if not self._stays(survivor, node, since[node])
            ]
            homes |= {
                node: self.home_of(node)
                for node in (survivor, *since)
                if self.home_of(node) != survivor
            }
        for group in set(self.group_of.values()):
            was = self.before.get(group.survivor, {})
            new += [
                Alias(group.survivor, node, group.names[node], at)
                for node, at in group.since.items()
                if was.get(node) != at
            ]
        self.regrouped |= {*homes, *homes.values(), *(one.survivor for one in new)}
        self.regrouped |= {survivor for survivor, _ in gone}
        graph.remove_aliases(self.db, gone)
        graph.add_aliases(self.db, new)
        customers.belong(self.db, homes)

    def _stays(self, survivor: CustomerKey, node: CustomerKey, since: datetime) -> bool:
        group = self.group_of[node]
        return group.survivor == survivor and group.since.get(node) == since

    def merged(self) -> tuple[tuple[CustomerKey, CustomerKey], ...]:
        """Return who is no survivor any more, and who is instead."""
        return tuple(
            (survivor, self.home_of(survivor))
            for survivor in self.before
            if self.home_of(survivor) != survivor
        )


def _rank(group: Group) -> tuple[int, bool, int]:
    """Return how much a group weighs when two become one: the larger survives, then the account."""
    return (len(group.names), group.has_account, -group.survivor.customer_id)
