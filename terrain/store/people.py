"""Whole customers, read over all their nodes in a few statements for a whole batch.

Promise: what deciding needs is read once and together, under the lock that the caller holds; nothing is
read again while a customer is thought through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, LiteralString

from psycopg import Connection, Cursor

from terrain.core.act import Contact
from terrain.core.claims import close
from terrain.core.consent import Channel, Consent, Purpose, standing
from terrain.core.customer import Customer
from terrain.core.fact import Claim, Evidence, EvidenceKind, FactKey
from terrain.core.identifier import CustomerKey, Identifier, Kind, first_id_at
from terrain.core.lesson import merged
from terrain.core.question import Question
from terrain.core.run import Run
from terrain.store import claims, consents, evidence, questions, runs, suppressions
from terrain.store.columns import KEYS

Rows = Iterable[tuple[Any, ...]]
REMEMBERED = timedelta(days=90)
_KINDS = {kind.value: kind for kind in Kind}
_CHANNELS = {channel.value: channel for channel in Channel}
_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_ADDRESSES = frozenset({Kind.EMAIL, Kind.PHONE})
_OF_ADDRESSES = (FactKey("email"), FactKey("phone"))


# Whom a statement is about: many nodes as two arrays, one node as two numbers, which costs a machine
# that asks about one customer (`/v1/decide`) a third of the time.
_MANY: LiteralString = "unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)"
_ONE: LiteralString = "(SELECT %b::smallint AS b, %b::bigint AS c_id) AS n"


def _among(nodes: Collection[tuple[int, int]]) -> tuple[LiteralString, list[Any]]:
    """Return what stands for `n (b, c_id)` in a statement, with its parameters."""
    return (_ONE, [*next(iter(nodes))]) if len(nodes) == 1 else (_MANY, KEYS.arrays(nodes))


class _Folk:
    """The customers of a batch while they are read: which node is whose, and what was found."""

    def __init__(self) -> None:
        self.seq: dict[int, int] = {}
        self.keys: dict[int, CustomerKey] = {}
        self.whose: dict[int, int] = {}
        self.nodes: dict[int, list[CustomerKey]] = {}
        self.names: dict[int, list[Identifier]] = {}
        self.everyone: list[tuple[int, int]] = []

    @cached_property
    def among(self) -> tuple[LiteralString, list[Any]]:
        return _among(self.everyone)

    def add(self, survivor: int, node: CustomerKey, name: Identifier) -> None:
        self.whose[node.customer_id] = survivor
        self.nodes[survivor].append(node)
        self.names[survivor].append(name)
        self.everyone.append((node.bucket, node.customer_id))


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
    # All of it is asked for at once, and read as it comes: one way there and back instead of six.
    with db.pipeline():
        asked_for = [ask(db, folk, now) for ask in _ALL]
    rows = [answer.fetchall() for answer in asked_for]
    said, returned, agreed = (
        _claims(rows[0], folk),
        _evidence(rows[1], folk),
        _consents(rows[2], folk),
    )
    for survivor, by_key in returned.items():
        _close(said[survivor], by_key)
    suppressed = _suppressed(db, folk, said, agreed, secret)
    contacts, asked, under_way = (
        _contacts(rows[3], folk),
        _questions(rows[4], folk),
        _runs(rows[5], folk),
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
    among, whom = _among([(key.bucket, key.customer_id) for key in keys])
    with db.pipeline():
        survivors, aliases = _ask_survivors(db, among, whom), _ask_aliases(db, among, whom)
    for bucket, survivor, seq, kind, value in survivors.fetchall():
        key = CustomerKey(bucket, survivor)
        folk.seq[survivor], folk.keys[survivor] = seq, key
        folk.nodes[survivor], folk.names[survivor] = [], []
        folk.add(survivor, key, Identifier(_KINDS[kind], value))
    for survivor, bucket, node, kind, value in aliases.fetchall():
        if survivor in folk.keys:
            folk.add(survivor, CustomerKey(bucket, node), Identifier(_KINDS[kind], value))
    return folk


def _ask_survivors(db: Connection, among: LiteralString, whom: Sequence[Any]) -> Cursor:
    statement: LiteralString = f"""
        SELECT c.bucket, c.customer_id, c.seq, c.kind, c.value
          FROM {among}
          JOIN customer c ON c.bucket = n.b AND c.customer_id = n.c_id
        """
    return db.execute(statement, whom, binary=True)


def _ask_aliases(db: Connection, among: LiteralString, whom: Sequence[Any]) -> Cursor:
    statement: LiteralString = f"""
        SELECT a.customer_id, a.alias_bucket, a.alias_id, a.kind, a.value
          FROM {among}
          JOIN alias a ON a.bucket = n.b AND a.customer_id = n.c_id
         ORDER BY a.bucket, a.customer_id, a.since, a.alias_id
        """
    return db.execute(statement, whom, binary=True)


def _ask_claims(db: Connection, folk: _Folk, _now: datetime) -> Cursor:
    among, whom = folk.among
    statement: LiteralString = f"""
        SELECT {claims.COLUMNS}
          FROM {among}
          JOIN claim c ON c.bucket = n.b AND c.customer_id = n.c_id
        """
    return db.execute(statement, whom, binary=True)


def _claims(rows: Rows, folk: _Folk) -> Mapping[int, dict[FactKey, list[Claim]]]:
    found: defaultdict[int, dict[FactKey, list[Claim]]] = defaultdict(dict)
    for row in rows:
        node, claim = claims.of_row(row)
        found[folk.whose[node]].setdefault(claim.key, []).append(claim)
    for survivor, nodes in folk.nodes.items():
        if len(nodes) > 1:
            for key, every in found[survivor].items():
                found[survivor][key] = _one_a_value(every)
    return found


def _one_a_value(rows: list[Claim]) -> list[Claim]:
    """Return what was said under several nodes of one person as if it had been said under one."""
    found: dict[tuple[str, str], Claim] = {}
    for claim in rows:
        key = (claim.source, repr(claim.value))
        found[key] = merged(found[key], claim) if key in found else claim
    return list(found.values())


def _ask_evidence(db: Connection, folk: _Folk, _now: datetime) -> Cursor:
    among, whom = folk.among
    statement: LiteralString = f"""
        SELECT {evidence.COLUMNS}
          FROM {among}
          JOIN evidence e ON e.bucket = n.b AND e.customer_id = n.c_id
        """
    return db.execute(statement, whom, binary=True)


def _evidence(rows: Rows, folk: _Folk) -> Mapping[int, dict[FactKey, list[Evidence]]]:
    found: defaultdict[int, dict[FactKey, list[Evidence]]] = defaultdict(dict)
    for row in rows:
        node, piece = evidence.of_row(row)
        found[folk.whose[node]].setdefault(piece.key, []).append(piece)
    return found


def _close(
    said: dict[FactKey, list[Claim]], returned: Mapping[FactKey, Sequence[Evidence]]
) -> None:
    for key, rows in returned.items():
        if key in said and any(row.kind is EvidenceKind.DENIED for row in rows):
            said[key] = list(close(said[key], rows))


def _ask_consents(db: Connection, folk: _Folk, _now: datetime) -> Cursor:
    among, whom = folk.among
    statement: LiteralString = f"""
        SELECT {consents.COLUMNS}
          FROM {among}
          JOIN consent c ON c.bucket = n.b AND c.customer_id = n.c_id
        """
    return db.execute(statement, whom, binary=True)


def _consents(rows: Rows, folk: _Folk) -> Mapping[int, list[Consent]]:
    found: defaultdict[int, list[Consent]] = defaultdict(list)
    for row in rows:
        node, consent = consents.of_row(row)
        found[folk.whose[node]].append(consent)
    return found


def _ask_contacts(db: Connection, folk: _Folk, now: datetime) -> Cursor:
    among, whom = folk.among
    # An act's id sorts by the time of its decision, so the key itself leads past what is older.
    statement: LiteralString = f"""
        SELECT a.customer_id, a.act_id, COALESCE(a.left_at, a.due_at, a.decided_at), a.channel,
               a.purpose, a.automation, a.solicited, a.surveys
          FROM {among}
          JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id AND a.act_id >= %b
         WHERE a.state IN ('queued', 'leaving', 'left', 'unknown')
           AND a.kind IN ('send', 'ask', 'call', 'answer')
        """
    return db.execute(statement, [*whom, first_id_at(now - REMEMBERED)], binary=True)


def _contacts(rows: Rows, folk: _Folk) -> Mapping[int, list[Contact]]:
    found: defaultdict[int, list[Contact]] = defaultdict(list)
    for node, act_id, at, channel, purpose, automation, solicited, surveys in rows:
        contact = Contact(
            act_id=act_id,
            at=at,
            channel=_CHANNELS.get(channel),
            purpose=_PURPOSES[purpose],
            automation=automation,
            solicited=solicited,
            surveys=surveys,
        )
        found[folk.whose[node]].append(contact)
    return found


def _ask_questions(db: Connection, folk: _Folk, now: datetime) -> Cursor:
    among, whom = folk.among
    statement: LiteralString = f"""
        SELECT {questions.COLUMNS}
          FROM {among}
          JOIN question q ON q.bucket = n.b AND q.customer_id = n.c_id
         WHERE q.answered_at IS NULL OR q.asked_at >= %b OR q.answered_at >= %b
        """
    since = now - REMEMBERED
    return db.execute(statement, [*whom, since, since], binary=True)


def _questions(rows: Rows, folk: _Folk) -> Mapping[int, list[Question]]:
    found: defaultdict[int, list[Question]] = defaultdict(list)
    for row in rows:
        question = questions.of_row(row)
        found[folk.whose[question.key.customer_id]].append(question)
    return found


def _ask_runs(db: Connection, folk: _Folk, _now: datetime) -> Cursor:
    among, whom = folk.among
    statement: LiteralString = f"""
        SELECT {runs.COLUMNS}
          FROM {among}
          JOIN run r ON r.bucket = n.b AND r.customer_id = n.c_id AND r.ended_at IS NULL
        """
    return db.execute(statement, whom, binary=True)


def _runs(rows: Rows, folk: _Folk) -> Mapping[int, list[Run]]:
    found: defaultdict[int, list[Run]] = defaultdict(list)
    for row in rows:
        run = runs.of_row(row)
        found[folk.whose[run.key.customer_id]].append(run)
    return found


_ALL = (_ask_claims, _ask_evidence, _ask_consents, _ask_contacts, _ask_questions, _ask_runs)


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
