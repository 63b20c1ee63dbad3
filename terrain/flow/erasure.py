"""Takes down that somebody wants to be erased, and lets it be taken back while there is time (GDPR 17).

Promise: from the word on nothing automated happens to them; their own address hears of it; who had
their data from us is named to a person while the names are still there (Art. 19).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg import Connection

from terrain.core import rights
from terrain.core.customer import Customer
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, id_from
from terrain.core.task import Task, TaskKind
from terrain.errors import Refusal
from terrain.flow import freezing, notices, own_page, told
from terrain.flow.freezing import THEMSELVES, Asker, Word
from terrain.flow.sources import DESK
from terrain.store import erasing, erasures, tasks
from terrain.store.erasures import Erasure

TELL, TOLD_LATE = "tell_who_has_it", "tell_who_had_it"
# What we hear through ourselves is no source that could be told.
OURSELVES = frozenset({own_page.SOURCE, told.SOURCE, DESK})


class ErasureBegun(Refusal):
    """It is being carried out, so it cannot be taken back any more."""

    code = "erasure_begun"
    status = 409


class Asking(NamedTuple):
    """Who asks, and how long it can be taken back."""

    wait: timedelta
    asker: Asker = THEMSELVES


def ask(db: Connection, node: CustomerKey, house: House, now: datetime, asking: Asking) -> Erasure:
    """Erase this customer after so long, and leave them alone from now on."""
    wait, asker = asking
    customer = own_page.load(db, node, house, now)
    standing = erasures.of(db, customer.nodes)
    if standing is not None:
        return standing
    due = now + wait
    word = Word(rights.ERASURE_ASKED, asker, {"due": due.isoformat()})
    customer = freezing.leave_alone(db, node, house, now, word)
    wish = erasures.ask(db, customer.key, asker.by, now, due)
    if wait:
        notices.write(db, customer, house, now, notices.ERASURE_ASKED, until=due)
        tasks.save(db, whom_to_tell(db, customer, wish))
    return wish


def take_back(
    db: Connection, node: CustomerKey, house: House, now: datetime, asker: Asker = THEMSELVES
) -> bool:
    """Do not erase them after all; say whether it was to be."""
    customer = own_page.load(db, node, house, now)
    if not erasures.take_back(db, customer.nodes):
        if erasures.of(db, customer.nodes) is not None:
            raise ErasureBegun(field="erasure")
        return False
    word = Word(rights.ERASURE_TAKEN_BACK, asker)
    freezing.take_up(db, node, house, now, word)
    for task in tasks.open_of(db, customer.key, notices.AUTOMATION):
        tasks.close(db, task, asker.by, rights.ERASURE_TAKEN_BACK, now)
    return True


def of(db: Connection, customer: Customer) -> Erasure | None:
    """Return when this customer is to be erased, if they are."""
    return erasures.of(db, customer.every_node)


class Standing(NamedTuple):
    """What a customer asked about their data so far."""

    left_alone: bool
    erasure: Erasure | None


def standing(db: Connection, customer: Customer) -> Standing:
    """Return whether this customer asked to be left alone, or to be erased."""
    return Standing(rights.is_frozen_by_wish(customer), of(db, customer))


def whom_to_tell(db: Connection, customer: Customer, wish: Erasure) -> list[Task]:
    """Return what a person has to do while the names are there: tell those who have them from us."""
    receivers, sources = _others(db, customer.nodes)
    if not receivers and not sources:
        return []
    task = Task(
        key=customer.key,
        task_id=id_from(wish.asked_at, TELL, wish.erasure_id),
        kind=TaskKind.RIGHT,
        title=TELL,
        opened_at=wish.asked_at,
        due_at=wish.due_at,
        automation=notices.AUTOMATION,
        file={"receivers": receivers, "sources": sources},
    )
    return [task]


def who_was_not_told(
    db: Connection, customer: Customer, wish: Erasure, house: House, now: datetime
) -> list[Task]:
    """Return the same without a name, where nobody has said that it was done: it outlives the customer."""
    receivers, sources = _others(db, customer.nodes)
    is_open = bool(tasks.open_of(db, customer.key, notices.AUTOMATION))
    if not (receivers or sources) or (wish.due_at > wish.asked_at and not is_open):
        return []
    task = Task(
        key=rights.nobody(wish.erasure_id),
        task_id=id_from(wish.asked_at, TOLD_LATE, wish.erasure_id),
        kind=TaskKind.RIGHT,
        title=TOLD_LATE,
        opened_at=now,
        due_at=rights.answer_by(wish.asked_at, house.company.zone),
        automation=notices.AUTOMATION,
        file={
            "erasure": str(wish.erasure_id),
            "asked_on": wish.asked_at.date().isoformat(),
            "receivers": receivers,
            "sources": sources,
        },
    )
    return [task]


def _others(db: Connection, nodes: Collection[CustomerKey]) -> tuple[list[str], list[str]]:
    receivers, sources = erasing.others(db, nodes)
    return receivers, [name for name in sources if name not in OURSELVES]
