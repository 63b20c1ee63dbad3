"""Whole customers, read over all their nodes in a few statements for a whole batch.

Promise: what deciding needs is read once and together, under the lock that the caller holds; nothing is
read again while a customer is thought through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from terrain.core.act import Contact
from terrain.core.belief import close
from terrain.core.consent import Channel, Consent, Purpose, standing
from terrain.core.customer import Customer
from terrain.core.fact import Claim, Evidence, EvidenceKind, FactKey
from terrain.core.identifier import CustomerKey, Identifier, Kind, first_id_at
from terrain.core.lesson import merged
from terrain.core.question import Question
from terrain.core.run import Run
from terrain.store import claims, consents, customers, evidence, questions, runs, suppressions

REMEMBERED = timedelta(days=90)
_KINDS = {kind.value: kind for kind in Kind}
_CHANNELS = {channel.value: channel for channel in Channel}
_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_ADDRESSES = frozenset({Kind.EMAIL, Kind.PHONE})
_OF_ADDRESSES = (FactKey("email"), FactKey("phone"))


class _Folk:
    """The customers of a batch while they are read: which node is whose, and what was found."""

    def __init__(self) -> None:
        self.seq: dict[int, int] = {}
        self.keys: dict[int, CustomerKey] = {}
        self.whose: dict[int, int] = {}
        self.nodes: dict[int, list[CustomerKey]] = {}
        self.names: dict[int, list[Identifier]] = {}
        self.arrays: list[list[int]] = [[], []]

    def add(self, survivor: int, node: CustomerKey, name: Identifier) -> None:
        self.whose[node.customer_id] = survivor
        self.nodes[survivor].append(node)
        self.names[survivor].append(name)
        self.arrays[0].append(node.bucket)
        self.arrays[1].append(node.customer_id)


def load(
    db: Connection, keys: Iterable[CustomerKey], now: datetime, *, secret: str
) -> dict[CustomerKey, Customer]:
    """Return the customers of these survivors as they are known now.

    `secret` is `config.secret_of(settings)`: the suppression list holds only keyed hashes.
    `contacts` are acts of the last 90 days that reach people, left or about to leave.
    """
    folk = _who(db, sorted(set(keys)))
    if not folk.keys:
        return {}
    said = _claims(db, folk)
    returned = _evidence(db, folk)
    agreed = _consents(db, folk)
    for survivor, by_key in returned.items():
        _close(said[survivor], by_key)
    suppressed = _suppressed(db, folk, said, agreed, secret)
    contacts, asked, under_way = (
        _contacts(db, folk, now),
        _questions(db, folk, now),
        _runs(db, folk),
    )
    return {
        key: Customer(
            key=key,
            nodes=tuple(folk.nodes[survivor]),
            identifiers=tuple(folk.names[survivor]),
            claims={fact: tuple(rows) for fact, rows in said[survivor].items()},
            evidence={fact: tuple(rows) for fact, rows in returned[survivor].items()},
            consents=tuple(agreed[survivor]),
            contacts=tuple(contacts[survivor]),
            questions=tuple(asked[survivor]),
            runs=tuple(under_way[survivor]),
            suppressed=suppressed[survivor],
            seq=folk.seq[survivor],
        )
        for survivor, key in folk.keys.items()
    }


def _who(db: Connection, keys: Sequence[CustomerKey]) -> _Folk:
    folk = _Folk()
    if not keys:
        return folk
    arrays = customers.columns(keys)
    rows = db.execute(
        """
        SELECT c.bucket, c.customer_id, c.seq, c.kind, c.value
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN customer c ON c.bucket = n.b AND c.customer_id = n.c_id
        """,
        arrays,
        binary=True,
    )
    for bucket, survivor, seq, kind, value in rows:
        key = CustomerKey(bucket, survivor)
        folk.seq[survivor], folk.keys[survivor] = seq, key
        folk.nodes[survivor], folk.names[survivor] = [], []
        folk.add(survivor, key, Identifier(_KINDS[kind], value))
    for survivor, bucket, node, kind, value in _aliases(db, arrays):
        if survivor in folk.keys:
            folk.add(survivor, CustomerKey(bucket, node), Identifier(_KINDS[kind], value))
    return folk


def _aliases(db: Connection, arrays: list[list[int]]) -> Iterable[tuple[Any, ...]]:
    return db.execute(
        """
        SELECT a.customer_id, a.alias_bucket, a.alias_id, a.kind, a.value
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN alias a ON a.bucket = n.b AND a.customer_id = n.c_id
         ORDER BY a.bucket, a.customer_id, a.since, a.alias_id
        """,
        arrays,
        binary=True,
    )


def _claims(db: Connection, folk: _Folk) -> Mapping[int, dict[FactKey, list[Claim]]]:
    found: defaultdict[int, dict[FactKey, list[Claim]]] = defaultdict(dict)
    statement: LiteralString = f"""
        SELECT {claims.COLUMNS}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN claim c ON c.bucket = n.b AND c.customer_id = n.c_id
        """
    for row in db.execute(statement, folk.arrays, binary=True):
        node, claim = claims.of_row(row)
        found[folk.whose[node]].setdefault(claim.key, []).append(claim)
    for survivor, nodes in folk.nodes.items():
        if len(nodes) > 1:
            for key, rows in found[survivor].items():
                found[survivor][key] = _one_a_value(rows)
    return found


def _one_a_value(rows: list[Claim]) -> list[Claim]:
    """Return what was said under several nodes of one person as if it had been said under one."""
    found: dict[tuple[str, str], Claim] = {}
    for claim in rows:
        key = (claim.source, repr(claim.value))
        found[key] = merged(found[key], claim) if key in found else claim
    return list(found.values())


def _evidence(db: Connection, folk: _Folk) -> Mapping[int, dict[FactKey, list[Evidence]]]:
    found: defaultdict[int, dict[FactKey, list[Evidence]]] = defaultdict(dict)
    statement: LiteralString = f"""
        SELECT {evidence.COLUMNS}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN evidence e ON e.bucket = n.b AND e.customer_id = n.c_id
        """
    for row in db.execute(statement, folk.arrays, binary=True):
        node, piece = evidence.of_row(row)
        found[folk.whose[node]].setdefault(piece.key, []).append(piece)
    return found


def _close(
    said: dict[FactKey, list[Claim]], returned: Mapping[FactKey, Sequence[Evidence]]
) -> None:
    for key, rows in returned.items():
        if key in said and any(row.kind is EvidenceKind.DENIED for row in rows):
            said[key] = list(close(said[key], rows))


def _consents(db: Connection, folk: _Folk) -> Mapping[int, list[Consent]]:
    found: defaultdict[int, list[Consent]] = defaultdict(list)
    statement: LiteralString = f"""
        SELECT {consents.COLUMNS}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN consent c ON c.bucket = n.b AND c.customer_id = n.c_id
        """
    for row in db.execute(statement, folk.arrays, binary=True):
        node, consent = consents.of_row(row)
        found[folk.whose[node]].append(consent)
    return found


def _contacts(db: Connection, folk: _Folk, now: datetime) -> Mapping[int, list[Contact]]:
    found: defaultdict[int, list[Contact]] = defaultdict(list)
    since = now - REMEMBERED
    # An act's id sorts by the time of its decision, so the key itself leads past what is older.
    rows = db.execute(
        """
        SELECT a.customer_id, a.act_id, COALESCE(a.left_at, a.due_at, a.decided_at), a.channel,
               a.purpose, a.automation, a.solicited
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id AND a.act_id >= %b
         WHERE a.state IN ('queued', 'leaving', 'left', 'unknown')
           AND a.kind IN ('send', 'ask', 'call', 'answer')
        """,
        [*folk.arrays, first_id_at(since)],
        binary=True,
    )
    for node, act_id, at, channel, purpose, automation, solicited in rows:
        contact = Contact(
            act_id=act_id,
            at=at,
            channel=_CHANNELS.get(channel),
            purpose=_PURPOSES[purpose],
            automation=automation,
            solicited=solicited,
        )
        found[folk.whose[node]].append(contact)
    return found


def _questions(db: Connection, folk: _Folk, now: datetime) -> Mapping[int, list[Question]]:
    found: defaultdict[int, list[Question]] = defaultdict(list)
    statement: LiteralString = f"""
        SELECT {questions.COLUMNS}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN question q ON q.bucket = n.b AND q.customer_id = n.c_id
         WHERE q.answered_at IS NULL OR q.asked_at >= %b OR q.answered_at >= %b
        """
    since = now - REMEMBERED
    for row in db.execute(statement, [*folk.arrays, since, since], binary=True):
        question = questions.of_row(row)
        found[folk.whose[question.key.customer_id]].append(question)
    return found


def _runs(db: Connection, folk: _Folk) -> Mapping[int, list[Run]]:
    found: defaultdict[int, list[Run]] = defaultdict(list)
    statement: LiteralString = f"""
        SELECT {runs.COLUMNS}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN run r ON r.bucket = n.b AND r.customer_id = n.c_id AND r.ended_at IS NULL
        """
    for row in db.execute(statement, folk.arrays, binary=True):
        run = runs.of_row(row)
        found[folk.whose[run.key.customer_id]].append(run)
    return found


def _suppressed(
    db: Connection,
    folk: _Folk,
    said: Mapping[int, Mapping[FactKey, Sequence[Claim]]],
    agreed: Mapping[int, Sequence[Consent]],
    secret: str,
) -> Mapping[int, frozenset[str]]:
    """Return what each customer must not be contacted for, by the addresses they are known by."""
    addresses = {
        survivor: _addresses(folk.names[survivor], said.get(survivor, {})) for survivor in folk.keys
    }
    everyones = {address for each in addresses.values() for address in each}
    listed = suppressions.scopes(db, secret, everyones)
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    if listed:
        for survivor, known in addresses.items():
            found[survivor] = _scopes(known, listed, agreed[survivor])
    return found


def _addresses(names: Sequence[Identifier], said: Mapping[FactKey, Sequence[Claim]]) -> set[str]:
    known = {name.value for name in names if name.kind in _ADDRESSES}
    for key in _OF_ADDRESSES:
        known |= {claim.value for claim in said.get(key, ()) if isinstance(claim.value, str)}
    return known


def _scopes(
    known: set[str],
    listed: Mapping[str, Mapping[str, datetime]],
    agreed: Sequence[Consent],
) -> frozenset[str]:
    """Return the scopes of all addresses, less what the customer has said yes to since.

    An objection is the person's and follows them to their other addresses.
    """
    found = set()
    for address in known & listed.keys():
        for scope, since in listed[address].items():
            channel, _, purpose = scope.partition(":")
            last = None
            if purpose in _PURPOSES and channel in _CHANNELS:
                last = standing(agreed, _PURPOSES[purpose], _CHANNELS[channel])
            if last is None or not last.given or last.at <= since:
                found.add(scope)
    return frozenset(found)
