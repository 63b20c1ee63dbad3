"""Story 8 through the pages: a letter is changed for the worse, it is stopped, its owner sees why and mends it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from terrain.demo import drift, shop
from terrain.demo.reactions import BOTTLE_CARE
from terrain.demo.wire import CUSTOMER, SHOP, SUPPORT
from terrain.flow.worker import TEND_SECONDS
from terrain.store import automations
from tests.open_shop import Console, Open, until

pytestmark = pytest.mark.browser

BUYERS, ANGRY = 24, 4
WATCH = f"/automations/{BOTTLE_CARE}/watch"


class Buyer:
    """Somebody who orders a bottle and has a mailbox."""

    def __init__(self, open_shop: Open) -> None:
        self.shop = open_shop
        self.user = uuid4().hex
        self.order = f"B-{self.user[:8]}"
        self.email = f"{self.user}@example.org"
        who = {"email": self.email, "language": "en", "country": "FR"}
        open_shop.hears(CUSTOMER, {"type": "identify", "userId": self.user, "traits": who})
        items = [{"sku": "bottle-a", "quantity": 1, "price": 24.0}]
        self.says(SHOP, "order.placed", order=self.order, items=items)

    def says(self, source: str, event: str, **said: Any) -> None:
        at = datetime.now(UTC).isoformat()
        call = {"type": "track", "userId": self.user, "event": event, "timestamp": at}
        self.shop.hears(source, {**call, "properties": said})

    def complains(self) -> None:
        said = {"complaint_id": f"K-{self.order}", "order": self.order}
        self.says(SUPPORT, "complaint.opened", **said)

    def has_mail(self) -> bool:
        return self.email in self.shop.post_office.recipients


def saves(open_shop: Open, text: str, version: int) -> None:
    """Save the file in the folder, and wait until it is live."""
    folder = Path(open_shop.web.environ["TERRAIN_AUTOMATIONS"])
    (folder / f"{BOTTLE_CARE}.yaml").write_text(text, encoding="utf-8")

    def is_live() -> bool:
        with open_shop.db() as db:
            listed = automations.find(db, BOTTLE_CARE)
        return listed is not None and listed.live_version == version

    until(is_live)
    workers_know()


def workers_know() -> None:
    """Wait until each worker has read what runs now: it does so when it tends its buckets."""
    time.sleep(2 * TEND_SECONDS)


def test_the_drift(open_shop: Open, camille: Console) -> None:
    saves(open_shop, drift.text(), version=2)
    buyers = [Buyer(open_shop) for _ in range(BUYERS)]
    until(lambda: all(each.has_mail() for each in buyers))
    for each in buyers[:ANGRY]:
        each.complains()

    camille.goes_to(WATCH)
    camille.reads(
        "Stopped since", f"{ANGRY} of {BUYERS} (complaints); at most 0.05 expected (0.2 %)"
    )
    camille.reads("Nothing that was queued leaves any more", "nobody has answered")
    workers_know()
    late = Buyer(open_shop)
    camille.goes_to(f"/decisions?automation={BOTTLE_CARE}&verdict=hold")
    camille.reads("The automation is paused")
    assert not late.has_mail()

    saves(open_shop, the_good_text(), version=3)
    camille.goes_to(WATCH)
    camille.page.get_by_label("There is a new version").check()
    camille.page.get_by_label("Why").fill(
        "It left before the bottle did; it waits for the carrier."
    )
    camille.clicks("Let it go on")
    camille.reads("Coming back: 1 % of its customers")


def the_good_text() -> str:
    return (shop.EXAMPLES / "automations" / f"{BOTTLE_CARE}.yaml").read_text(encoding="utf-8")
