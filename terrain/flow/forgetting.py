"""Carries out what `flow/erasure.py` took down: afterwards nothing of the customer is left.

Promise: whatever is killed in the middle, it goes on where it was. Each step is one transaction of
bounded size under the lock of the customer's row, and never waits for anybody: what is on a line is
let out first, what another is at work on is left for the next look.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
from psycopg import Connection

from terrain import logs
from terrain.core import mention
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.errors import Refusal
from terrain.flow import erasure, identity, notices
from terrain.flow.identifiers import named
from terrain.store import customers, erasing, erasures, identifiers, people, tasks
from terrain.store import identity as graph
from terrain.store.connection import Record, by_key
from terrain.store.erasures import Erased, Erasure

ROWS_A_STEP = 5_000
MOST_AT_A_LOOK = 20
# The receiver that was to be told is waited for so long; then a person is told that it was not.
PATIENCE = timedelta(days=1)
FILE = "erased.jsonl"
AGAIN = "restore"
_ADDRESSES = {Kind.EMAIL: FactKey("email"), Kind.PHONE: FactKey("phone")}

log = logs.get("erasure")


class How(StrEnum):
    """How one step of an erasure went."""

    GONE = "gone"
    GOES_ON = "goes_on"
    WAITS = "waits"  # for whoever is at work on the customer, or for an act that is on its way


def some(
    record: Record, house: House, folder: Path, buckets: Collection[int], now: datetime
) -> int:
    """Go on with whoever is to be erased by now; return how many steps that were."""
    steps = 0
    for group in record.groups(buckets):
        with record.conn_for(group[0]) as db:
            for one in erasures.due(db, group, now, MOST_AT_A_LOOK):
                how = _step(db, one, house, folder, now)
                steps += how is not How.WAITS
                if how is How.GONE:
                    log.info("erased", erasure=one.erasure_id)
    return steps


def whole(db: Connection, one: Erasure, house: House, folder: Path, now: datetime) -> How:
    """Take every step that can be taken now."""
    how = How.GOES_ON
    while how is How.GOES_ON:
        how = _step(db, one, house, folder, now)
    return how


def _step(db: Connection, one: Erasure, house: House, folder: Path, now: datetime) -> How:
    with db.transaction():
        by_key(db)
        standing = erasures.of(db, [one.key])
        if standing is None:
            return How.GONE
        taken = identity.take(db, [one.key])
        if one.key not in taken:
            return _nobody(db, one)
        step = _Step(db, standing, taken[one.key], house, now)
        how = step.take()
    if how is How.GONE:
        _write_down(folder, step.kept)
    return how


def _nobody(db: Connection, one: Erasure) -> How:
    """Forget a wish about somebody of whom nothing is there; else wait for whoever holds them."""
    if customers.survivors(db, [one.key]):
        return How.WAITS
    erasing.themselves(db, [one.key], [])
    return How.GONE


class _Step:
    """One step, under the lock of the customer."""

    def __init__(
        self, db: Connection, one: Erasure, home: CustomerKey, house: House, now: datetime
    ) -> None:
        self.db = db
        self.one = one
        self.home = home
        self.house = house
        self.now = now
        self.rows = one.rows
        self.kept: list[Erased] = []
        names = graph.groups(db, [home])[home].names
        self.nodes: Sequence[CustomerKey] = sorted(names)
        self.names: Sequence[Identifier] = [names[node] for node in self.nodes]

    def take(self) -> How:
        if not self.one.rows and not self._may_begin():
            return How.WAITS
        gone = erasing.some_rows(self.db, self.nodes, ROWS_A_STEP, self.now)
        self.rows += gone.rows
        if gone.is_all:
            self._end()
            return How.GONE
        erasures.count(self.db, self.one, self.rows - self.one.rows)
        return How.GOES_ON if gone.rows else How.WAITS

    def _may_begin(self) -> bool:
        """Tell who is to be told, and take down what only the whole customer says."""
        customer = people.load(self.db, [self.home], self.now, secret=self.house.secret)[self.home]
        if self.one.begun_at is None:
            erasures.begin(self.db, self.one, self.now)
            tasks.save(
                self.db,
                erasure.who_was_not_told(self.db, customer, self.one, self.house, self.now),
            )
            if self._tell(customer):
                return False
        late = self.now > self.one.due_at + PATIENCE
        if not late and erasing.is_leaving(self.db, self.nodes, notices.ERASED):
            return False
        if erasing.is_on_a_line(self.db, self.nodes, self.now):
            return False
        names = {*self.names, *_claimed(customer, self.house.company.country)}
        self._keep(names)
        self.rows += 1 + self._elsewhere(names)
        return True

    def _tell(self, customer: Customer) -> bool:
        said = {
            "erasure": str(self.one.erasure_id),
            "names": [{name.kind.value: name.value} for name in self.names],
        }
        return notices.call(self.db, customer, self.house, self.now, said) is not None

    def _elsewhere(self, names: Collection[Identifier]) -> int:
        """Delete what stands in no table of theirs: what could not be handled, what the sink caught."""
        addresses = [name.value for name in names if name.kind is Kind.EMAIL]
        marks = mention.marks_of(names, self.nodes)
        lines = [number for number, held in erasing.trays(self.db) if marks.stand_in(held)]
        return erasing.take_from_trays(self.db, lines) + erasing.letters_to(
            self.db, self.nodes, addresses
        )

    def _keep(self, names: Collection[Identifier]) -> None:
        kept = [
            Erased(
                erasures.fingerprint(self.house.secret, name),
                self.one.erasure_id,
                self.now,
                self.rows,
            )
            for name in sorted(names)
        ]
        erasures.keep(self.db, kept)

    def _end(self) -> None:
        """Let the customer's own rows go, with whatever came in meanwhile."""
        self.rows += self._elsewhere(self.names)
        self.rows += erasing.themselves(self.db, self.nodes, self.names)
        self._keep(self.names)
        self.kept = erasures.of_erasure(self.db, self.one)


def again(db: Connection, listed: Sequence[Erased], house: House, folder: Path) -> int:
    """Erase whoever came back with a backup and had been erased; return how many that were.

    Everybody in the record was in it when the backup was made: `listed` are erasures since.
    """
    marks = {one.fingerprint: one for one in listed}
    if not marks:
        return 0
    found = {
        node: marks[mark]
        for name, node in identifiers.everyone(db)
        if (mark := erasures.fingerprint(house.secret, name)) in marks
    }
    since: dict[CustomerKey, Erased] = {}
    for node, home in customers.survivors(db, found).items():
        since[home] = max(since.get(home, found[node]), found[node], key=lambda one: one.at)
    for home, one in since.items():
        wish = erasures.ask(db, home, AGAIN, one.at, one.at)
        erasures.begin(db, wish, one.at)  # who was to be told has been told
        whole(db, wish, house, folder, one.at)
    erasures.keep(db, listed)
    return len(since)


def write_list(file: Path, kept: Sequence[Erased]) -> None:
    """Add these to a list of who was erased, one name a line, as a hash."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(opened, "wb") as written:
        written.writelines(msgspec.json.encode(one) + b"\n" for one in map(_as_line, kept))


def read_list(file: Path) -> list[Erased]:
    """Return who stands on such a list; refuse a file that is none."""
    try:
        lines = [_read(line) for line in file.read_bytes().splitlines() if line.strip()]
        return [Erased(bytes.fromhex(one.name), one.erasure, one.at, one.rows) for one in lines]
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise NotAList(value=file, why=type(error).__name__) from None


class NotAList(Refusal):
    """The file does not list who was erased."""

    code = "not_a_list_of_erased"


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    erasure: int
    at: datetime
    rows: int = 0


_read = msgspec.json.Decoder(_Line).decode


def _as_line(one: Erased) -> _Line:
    return _Line(name=one.fingerprint.hex(), erasure=one.erasure_id, at=one.at, rows=one.rows)


def _claimed(customer: Customer, country: str) -> set[Identifier]:
    """Return the addresses that were said to be theirs, also those that nobody knows them by."""
    said = (
        named(kind, claim.value, country)
        for kind, key in _ADDRESSES.items()
        for claim in customer.claims.get(key, ())
    )
    return {name for name in said if isinstance(name, Identifier)}


def _write_down(folder: Path, kept: Sequence[Erased]) -> None:
    """Keep the hashes beside the record too: a backup that is put back knows nothing of them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_list(folder / FILE, kept)
    except OSError as trouble:
        # The record has it; whoever puts a backup back without it is told how to bring the list.
        log.warning("erasure_not_written_down", kind=type(trouble).__name__)
