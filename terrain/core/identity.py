"""Which identifiers are one person's: a pure function of who was seen together, and when.

Promise: the same sightings give the same groups whatever the order in which they arrive. Each
identifier is a node; an event that bears several draws an edge between the strongest and each other.
Edges are tried in the order of their own time, and one is refused, with the reason, when it would
bring two accounts together, when a person has parted the two, or when it would make one person of a
crowd. What a person has joined by hand comes before all that was merely seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.word import Word

# A till, a kiosk or a test account meets thousands; nobody is known by more names than this.
MOST_IDENTIFIERS = 500


class Standing(Word):
    """What an edge is worth now. Seen edges hold or are refused; a person's word stands above them."""

    HOLDS = "holds"
    REFUSED = "refused"
    LINKED = "linked"
    CUT = "cut"


DECIDED = frozenset({Standing.LINKED, Standing.CUT})


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """Two nodes that somebody says are one person, or are not. `because` is a code with words."""

    one: CustomerKey
    other: CustomerKey
    at: datetime
    message_id: str
    source: str
    standing: Standing = Standing.HOLDS
    because: str = "seen_together"

    @property
    def pair(self) -> tuple[CustomerKey, CustomerKey]:
        """Return the two nodes, in an order that does not depend on who saw them."""
        return (self.one, self.other) if self.one < self.other else (self.other, self.one)

    @property
    def order(self) -> tuple[datetime, str]:
        """Return when this was said."""
        return (self.at, self.message_id)

    @property
    def is_decided(self) -> bool:
        """Tell whether a person said so."""
        return self.standing in DECIDED


def told(known: Edge | None, new: Edge) -> Edge:
    """Return what stands between two nodes after both were said, in whatever order.

    A person's word stands above what was seen, and the latest of several; of sightings the first counts.
    """
    if known is None:
        return new
    if known.is_decided or new.is_decided:
        if known.is_decided and new.is_decided:
            return max(known, new, key=lambda edge: edge.order)
        return known if known.is_decided else new
    return new if new.order < known.order else known


class Group:
    """The nodes of one person, with when each came to the survivor."""

    __slots__ = ("names", "since", "survivor")

    def __init__(self, survivor: CustomerKey, names: dict[CustomerKey, Identifier]) -> None:
        self.survivor = survivor
        self.names = names
        self.since: dict[CustomerKey, datetime] = {}

    @property
    def latest(self) -> datetime | None:
        """Return when the last of them came, or None for somebody who is alone."""
        return max(self.since.values(), default=None)

    @property
    def has_account(self) -> bool:
        """Tell whether one of the names is a user id."""
        return any(name.kind is Kind.USER_ID for name in self.names.values())


def refusal(one: Group, other: Group, cuts: Iterable[tuple[CustomerKey, CustomerKey]]) -> str:
    """Return why the two cannot be one person, or nothing where they can."""
    if len(one.names) + len(other.names) > MOST_IDENTIFIERS:
        return "too_many_identifiers"
    if any(
        (a in one.names and b in other.names) or (b in one.names and a in other.names)
        for a, b in cuts
    ):
        return "was_separated"
    return "two_user_ids" if one.has_account and other.has_account else ""


class Grouping(msgspec.Struct, frozen=True, kw_only=True):
    """The groups that edges make: all edges as they now stand, and those that hold the groups together.

    `reaching` are nodes outside that an edge would have joined, had no more been known of them.
    """

    groups: tuple[frozenset[CustomerKey], ...]
    edges: tuple[Edge, ...]
    tree: tuple[Edge, ...]
    reaching: frozenset[CustomerKey]

    def joined_at(self, survivor: CustomerKey) -> dict[CustomerKey, datetime]:
        """Return when each other node of the survivor's group came to it."""
        beside: dict[CustomerKey, list[tuple[CustomerKey, datetime]]] = {}
        for edge in self.tree:
            beside.setdefault(edge.one, []).append((edge.other, edge.at))
            beside.setdefault(edge.other, []).append((edge.one, edge.at))
        found: dict[CustomerKey, datetime] = {}
        ahead = [(node, at) for node, at in beside.get(survivor, ())]
        while ahead:
            node, at = ahead.pop()
            found[node] = at
            ahead += [
                (far, max(at, later))
                for far, later in beside[node]
                if far != survivor and far not in found
            ]
        return found


def grouped(
    edges: Iterable[Edge],
    names: Mapping[CustomerKey, Identifier],
    inside: frozenset[CustomerKey],
) -> Grouping:
    """Return the groups that these edges make of the nodes inside.

    Nodes outside are taken for what they are at least: alone, with their own name. An edge to one of
    them that is refused even so is refused for certain; one that would hold is only reported.
    """
    forest = _Forest(names)
    edges = list(edges)
    forest.cuts = [edge.pair for edge in edges if edge.standing is Standing.CUT]
    settled: list[Edge] = []
    reaching = set()
    for edge in sorted(edges, key=lambda edge: _trial(edge, names)):
        if edge.standing is Standing.CUT:
            settled.append(edge)
            continue
        because = forest.refusal(edge)
        outside = {node for node in edge.pair if node not in inside}
        if outside and not because:
            reaching |= outside
        elif because:
            settled.append(_refused(edge, because))
        else:
            forest.join(edge)
            settled.append(_held(edge))
    return Grouping(
        groups=forest.groups(inside),
        edges=tuple(settled),
        tree=tuple(forest.tree),
        reaching=frozenset(reaching),
    )


def _trial(edge: Edge, names: Mapping[CustomerKey, Identifier]) -> tuple[object, ...]:
    # Ids differ from one installation to the next, names do not: they settle what happened at once.
    return (edge.standing is not Standing.LINKED, *edge.order, sorted(names[n] for n in edge.pair))


def _refused(edge: Edge, because: str) -> Edge:
    if edge.standing is Standing.LINKED:
        return edge  # a person's word stays on record, also where a later cut outweighs it
    return msgspec.structs.replace(edge, standing=Standing.REFUSED, because=because)


def _held(edge: Edge) -> Edge:
    if edge.standing is not Standing.REFUSED:
        return edge
    return msgspec.structs.replace(edge, standing=Standing.HOLDS, because="seen_together")


class _Forest:
    """Groups while they grow."""

    def __init__(self, names: Mapping[CustomerKey, Identifier]) -> None:
        self.names = names
        self.cuts: list[tuple[CustomerKey, CustomerKey]] = []
        self.number: dict[CustomerKey, int] = {}
        self.members: dict[int, set[CustomerKey]] = {}
        self.accounts: dict[int, bool] = {}
        self.tree: list[Edge] = []

    def root(self, node: CustomerKey) -> int:
        if node not in self.number:
            number = len(self.number)
            self.number[node] = number
            self.members[number] = {node}
            self.accounts[number] = self.names[node].kind is Kind.USER_ID
        return self.number[node]

    def refusal(self, edge: Edge) -> str:
        one, other = self.root(edge.one), self.root(edge.other)
        if one == other:
            return ""
        if len(self.members[one]) + len(self.members[other]) > MOST_IDENTIFIERS:
            return "too_many_identifiers"
        if any({self.root(a), self.root(b)} == {one, other} for a, b in self.cuts):
            return "was_separated"
        is_seen = edge.standing is not Standing.LINKED
        return "two_user_ids" if is_seen and self.accounts[one] and self.accounts[other] else ""

    def join(self, edge: Edge) -> None:
        one, other = self.root(edge.one), self.root(edge.other)
        if one == other:
            return
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        gone = self.members.pop(other)
        for node in gone:
            self.number[node] = one
        self.members[one] |= gone
        self.accounts[one] |= self.accounts.pop(other)
        self.tree.append(edge)

    def groups(self, nodes: Iterable[CustomerKey]) -> tuple[frozenset[CustomerKey], ...]:
        roots = {self.root(node) for node in nodes}
        return tuple(frozenset(self.members[root]) for root in sorted(roots))
