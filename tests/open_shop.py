"""A shop that is open: a web process, a worker, a mail server, and the people of the stories before their screens.

What is said comes in by the HTTP door with a write key of its own; what is read is read from pages.
"""

import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import msgspec
import psycopg
from psycopg import Connection

from terrain.config import read, secret_of
from terrain.core.key import Scope
from terrain.core.staff import Role
from terrain.demo import shop, staging, wire
from terrain.flow import keys, sources
from terrain.flow.automations import files_of
from terrain.flow.rules import keep_shipped
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.outside import PostOffice
from tests.serving import Web
from tests.stories.shop import Letter

PATIENCE = 60.0
SPRING, MOUNTAIN, LAST_PAIR = "filter-a", "filter-b", "shoes-42"


class Open:
    """The shop with its doors open."""

    def __init__(self, conninfo: str, web: Web, post_office: PostOffice) -> None:
        self.conninfo = conninfo
        self.web = web
        self.post_office = post_office
        with self.db() as db:
            self.keys = {source: _key(db, source) for source in wire.SOURCES}

    def db(self) -> Connection:
        return psycopg.connect(self.conninfo, autocommit=True)

    def hears(self, source: str, call: dict[str, Any]) -> None:
        """Let a system say something with its own key, as a tracking library would."""
        word = b64encode(f"{self.keys[source]}:".encode()).decode()
        asked = Request(
            f"{self.web.address}/v1/batch",
            msgspec.json.encode({"batch": [{"messageId": uuid4().hex, **call}]}),
            {"Authorization": f"Basic {word}", "Content-Type": "application/json"},
        )
        with urlopen(asked, timeout=20) as answer:
            assert answer.status == 200, answer.read()

    def counts_who_was_wrong(self) -> None:
        """Do what the worker does once an hour."""
        with self.db() as db, db.transaction():
            sources.reckon(db, datetime.now(UTC))

    def a_way_in(self) -> str:
        """Return an address that opens the console once, for Camille."""
        now = datetime.now(UTC)
        camille = staff.New(
            name="Camille", email=f"{uuid4().hex}@example.org", roles=list(Role), joined_at=now
        )
        with self.db() as db:
            return f"/enter/{entries.make(db, Kind.LINK, now, staff.make(db, camille))}"


class Customer:
    """Somebody who buys, is written to, and reads her own page on her phone, without scripts."""

    def __init__(self, shop: Open, phone: Any, name: str = "Léa") -> None:
        self.shop = shop
        self.phone = phone
        self.name = f"{name} {uuid4().hex[:8].translate(_LETTERS).title()}"
        self.user = uuid4().hex
        self.email = f"{self.user}@example.org"
        who: dict[str, Any] = {
            "name": self.name,
            "email": self.email,
            "language": "en",
            "country": "FR",
        }
        self.is_known_as(wire.CUSTOMER, **who, address="12 rue des Lilas, 69003 Lyon")
        yes: dict[str, Any] = {
            "purpose": "prospecting",
            "channel": "email",
            "identifier": self.email,
        }
        proof: dict[str, Any] = {
            "wording": wire.WORDING["en"],
            "wording_version": "2025-01",
            "language": "en",
        }
        where: dict[str, Any] = {
            "controller": "the shop",
            "positive_act": "ticked the box",
            "where": "checkout",
        }
        self.says(wire.CUSTOMER, "consent.given", **yes, **proof, **where)

    # -- what is said of her -----------------------------------------------------------------------

    def is_known_as(self, source: str, **traits: Any) -> None:
        self.shop.hears(source, {"type": "identify", "userId": self.user, "traits": traits})

    def says(self, source: str, event: str, ago: timedelta = timedelta(), **said: Any) -> None:
        at = (datetime.now(UTC) - ago).isoformat()
        call = {"type": "track", "userId": self.user, "event": event, "timestamp": at}
        self.shop.hears(source, {**call, "properties": said})

    def buys(self, quantity: int, sku: str, ago: timedelta) -> None:
        """Buy filters, delivered so long ago."""
        items, order = [{"sku": sku, "quantity": quantity}], uuid4().hex[:6]
        self.says(wire.CARRIER, "order.delivered", ago, order=order, items=items)

    def could_have_her_shoes_sooner(self, order: str) -> None:
        """Order the last pair; the warehouse finds that it could come in two days instead of six."""
        today = datetime.now(UTC).date()
        dates: dict[str, Any] = {"date": str(in_days(6, today)), "new_date": str(in_days(2, today))}
        self.says(wire.SHOP, "order.placed", order=order, items=[{"sku": LAST_PAIR, "quantity": 1}])
        item = {"sku": LAST_PAIR, "in_stock": False}
        self.says(wire.WAREHOUSE, "parcel.could_go_faster", order=order, item=item, **dates)

    # -- what reaches her --------------------------------------------------------------------------

    @property
    def letters(self) -> list[Letter]:
        found = map(Letter, self.shop.post_office.messages)
        return [letter for letter in found if letter.to == self.email]

    def gets(self, subject: str = "") -> Letter:
        """Wait for a letter."""
        letter: Letter = until(
            lambda: next((each for each in self.letters if subject in each.subject), None)
        )
        return letter

    # -- her own page ------------------------------------------------------------------------------

    def opens(self, letter: Letter) -> None:
        """Follow the link to her page."""
        self.phone.goto(f"{self.shop.web.address}/my/{letter.token}")

    def reads(self, *texts: str) -> None:
        """Look at her page until it says all of this."""
        for text in texts:
            shows(self.phone, text)

    def clicks(self, name: str) -> None:
        self.phone.get_by_role("button", name=name).first.click()

    def moves_the_date(self, to: date) -> None:
        self.phone.get_by_text("Choose another date").first.click()
        self.phone.get_by_label("Rather on").first.fill(to.isoformat())
        self.clicks("Keep this date")

    def corrects(self, what: str, to: str) -> None:
        """Say that this is something else."""
        line = self.phone.locator(".facts > li", has_text=what).first
        line.locator("summary").first.click()
        line.locator("[name='to']").select_option(to)
        line.get_by_role("button", name="This is right now").click()


class Console:
    """Camille before the console, signed in."""

    def __init__(self, shop: Open, page: Any) -> None:
        self.shop = shop
        self.page = page
        page.goto(shop.a_way_in())
        page.get_by_role("button", name="Come in").click()
        page.wait_for_load_state()

    def looks_up(self, customer: Customer) -> None:
        """Find her by her address, as soon as she can be found."""

        def found() -> bool:
            self.page.goto("/")
            self.page.get_by_label("Find a customer").fill(customer.email)
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
            return bool(self.page.locator(".lines a").count())

        until(found)
        self.page.locator(".lines a").first.click()
        self.page.get_by_role("heading", level=1, name=customer.name).wait_for()

    def goes_to(self, place: str) -> None:
        self.page.goto(place)

    def opens(self, link: str) -> None:
        self.page.get_by_role("link", name=link).first.click()

    def clicks(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def reads(self, *texts: str) -> None:
        """Look at the page until it says all of this."""
        for text in texts:
            shows(self.page, text)

    def reads_often(self, text: str, times: int) -> None:
        """Look at the page until it says so as often as that."""
        until(lambda: self.page.reload() and words_of(self.page).count(text) == times)

    def reads_no_more(self, text: str) -> None:
        until(lambda: self.page.reload() and text not in words_of(self.page))


def in_days(days: int, start: date | None = None) -> date:
    return (start or datetime.now(UTC).date()) + timedelta(days=days)


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def until(found: Callable[[], Any]) -> Any:
    """Ask again and again, and return what is found."""
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        if answer := found():
            return answer
        time.sleep(0.1)
    raise AssertionError("it did not come")


def shows(page: Any, text: str) -> None:
    """Load the page anew until it says so; some pages also move by themselves."""

    def found() -> bool:
        if text in words_of(page):
            return True
        page.reload()
        return text in words_of(page)

    try:
        until(found)
    except AssertionError:
        raise AssertionError(f"{text!r} does not stand in:\n{words_of(page)}") from None


def words_of(page: Any) -> str:
    """Return all that stands on the page, folded away or not, in one line."""
    return re.sub(r"\s+", " ", page.locator("main").text_content())


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def _key(db: Connection, source: str) -> str:
    now = datetime.now(UTC)
    draft = keys.draft("", source, (Scope.WRITE,), now)
    return keys.make(db, draft, secret_of(read()))[1]


@contextmanager
def opened(conninfo: str, folder: Path) -> Iterator[Open]:
    """Open a shop on this database: its files, its processes, its mailbox."""
    shop.lay_out(folder / "automations", {})
    with psycopg.connect(conninfo) as db:
        now = datetime.now(UTC)
        keep_shipped(db, now)
        texts = {path.stem: path.read_text() for path in files_of(shop.EXAMPLES)}
        staging.open_shop(db, shop.files(played=shop.LOADED), texts, now)
    with PostOffice() as post_office:
        web = Web(
            conninfo,
            folder,
            TERRAIN_AUTOMATIONS=str(folder / "automations"),
            TERRAIN_SMTP_URL=post_office.url,
            TERRAIN_MAIL_FROM="hello@shop.example",
            TERRAIN_MAIL_PER_MINUTE="0",
        )
        with (folder / "worker.log").open("wb") as log:
            command = [sys.executable, "-m", "terrain", "work"]
            worker = subprocess.Popen(command, env=web.environ, stdout=log, stderr=log)
        try:
            yield Open(conninfo, web, post_office)
        finally:
            worker.terminate()
            web.end()
            worker.wait(30)
