"""The shop that the benchmarks measure with: one automation that decides something about every order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import psycopg

from terrain.config import read
from terrain.core.automation import Automation
from terrain.core.catalogue import Catalogue
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.settings import GuardSettings
from terrain.flow.automations import draft_of
from terrain.flow.catalogue import catalogue_of
from terrain.flow.rules import shipped_law
from terrain.flow.take_in import Message, door_of, take_in
from terrain.store import automations, sources
from terrain.store.sources import Source

SOURCE = "web-shop"
# A Wednesday morning in Paris: nothing is held for the hour.
NOON = datetime(2026, 11, 18, 10, tzinfo=UTC)
CUSTOMERS = 20_000

THANKS = """
automation: order-thanks
owner: camille@example.org
mandate: {en: Say that an order has arrived., fr: Dire qu’une commande est bien arrivée.}
benefit: useful
purpose: service
starts: {when: order.placed}
steps:
  - {STEP}: order-thanks
    {MORE}
    assumes: [customer.email]
    reach: inbox
    undo: by_customer
    offers: [stop_these, a_person]
bounds: {complaint: 1 in 1000, stop: 5 in 1000, wrong_assumption: 5 in 100}
"""


def order(number: int, customers: int = CUSTOMERS) -> bytes:
    """Return one order as the tracking libraries send it, about 500 bytes."""
    who = number % customers
    return msgspec.json.encode(
        {
            "type": "track",
            "event": "Order Completed",
            "messageId": f"bench-{number}",
            "userId": f"user-{who}",
            "timestamp": (NOON + timedelta(milliseconds=number)).isoformat(),
            "properties": {
                "order_id": f"order-{number}",
                "total": 59.9,
                "currency": "EUR",
                "items": [
                    {"sku": "filter-a", "quantity": 1, "price": 29.95},
                    {"sku": "shoe-42", "quantity": 1, "price": 29.95},
                ],
                "email": f"lea.{who}@example.org",
            },
            "context": {"library": {"name": "analytics-python", "version": "2.4"}},
        }
    )


def files(step: str = "send", more: str = "by: shadow") -> tuple[Catalogue, Automation]:
    """Return the catalogue and the automation, read as any shop's would be."""
    catalogue, _ = catalogue_of(None)
    text = THANKS.replace("{STEP}", step).replace("{MORE}", more)
    draft = draft_of(text, "order-thanks.yaml", catalogue)
    for problem in draft.problems:
        raise problem
    assert draft.automation
    return catalogue, draft.automation


def house(catalogue: Catalogue, automation: Automation) -> House:
    """Return the house for measuring in memory."""
    return House(
        catalogue=catalogue,
        law=shipped_law(),
        settings=GuardSettings(),
        versions={(automation.name, 1): automation},
        live={automation.name: automation},
        sources={SOURCE: SourceKind.TRANSACTION},
        secret="a secret of nothing but the benchmarks",  # noqa: S106 - it keeps nothing
    )


def open_shop(conninfo: str, catalogue: Catalogue, automation: Automation) -> None:
    """Write the shop down in an empty record."""
    with psycopg.connect(conninfo) as db:
        automations.keep_catalogue(db, catalogue, NOON)
        automations.add_version(db, automation, "", NOON)
        sources.declare(db, Source(name=SOURCE, kind=SourceKind.TRANSACTION))


def fill(conninfo: str, count: int, customers: int = CUSTOMERS) -> None:
    """Let so many orders wait in the record, as the door would have written them."""
    door = door_of(read())
    with psycopg.connect(conninfo) as db:
        for start in range(0, count, 1000):
            batch = [
                Message(raw=order(start + n, customers)) for n in range(min(1000, count - start))
            ]
            take_in(db, batch, SOURCE, NOON, door)
            db.commit()
            door.known.committed()
        db.execute("ANALYZE")
