"""Story 10 through the pages: a form is the only way to send shoes back, and one in five gets nowhere by it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from terrain.config import read
from terrain.demo.wire import SHOP
from terrain.flow import seeing
from tests.open_shop import Console, Open, until

pytestmark = pytest.mark.browser

TRIED, GOT_NOWHERE = 60, 12
# Whoever has to come back does so within a week; then a need is counted.
LONG_AGO = timedelta(days=20)


def sends_shoes_back(shop: Open, number: int) -> None:
    """Let one customer fill in the form, which costs the shop next to nothing."""
    said = {
        "process": "return-form",
        "need": f"return-{number}",
        "outcome": "dead_end" if number < GOT_NOWHERE else "done",
        "minutes": 5,
        "fields": 14,
    }
    at = (datetime.now(UTC) - LONG_AGO).isoformat()
    call = {"type": "track", "event": "need.served", "userId": f"runner-{number}"}
    shop.hears(SHOP, {**call, "timestamp": at, "properties": said})


def count(shop: Open) -> None:
    """Do what the worker does once an hour, once it has heard of all of them."""

    def are_heard() -> bool:
        with shop.db() as db:
            (heard,) = db.execute("SELECT count(*) FROM served").fetchone() or (0,)
        return bool(heard == TRIED)

    until(are_heard)
    folder = Path(shop.web.environ["TERRAIN_AUTOMATIONS"])
    settings = msgspec.structs.replace(read(), automations=folder)
    with psycopg.connect(shop.conninfo, autocommit=True) as db:
        seeing.count(db, settings, datetime.now(UTC) + timedelta(hours=2))


def test_the_only_way(open_shop: Open, camille: Console) -> None:
    for number in range(TRIED):
        sends_shoes_back(open_shop, number)
    count(open_shop)

    camille.goes_to("/quadrant")
    camille.reads("The dangerous corner", "It pays, and customers suffer: look at this first.")
    camille.page.locator('svg.quadrant a[href$="/return-form"] circle').click()

    camille.reads(
        f"It is the only way, and {GOT_NOWHERE} of {TRIED} got nowhere by it.",
        "What would earn D",
        "A second way beside it, or dead ends in no more than two cases of a hundred.",
    )
    assert camille.page.locator(".letter-large").inner_text().split() == ["Grade", "F"]
