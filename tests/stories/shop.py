"""The words in which the stories are told: a shop, a clock, people who buy, read, answer and correct.

Nothing of ours is pretended: what is said goes in by the door, turns are taken, letters leave over SMTP
to a real server, webhooks to a real receiver, and Léa answers on her own page through the link in her
letter. Only the clock is ours.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from terrain.config import Settings, read
from terrain.core.act import Lane
from terrain.core.belief import believe
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.duration import span_of
from terrain.core.fact import Belief, FactKey
from terrain.core.house import House
from terrain.core.identifier import Identifier, Kind
from terrain.core.link import LinkKind, link_to
from terrain.demo import shop as demo
from terrain.demo import staging, wire
from terrain.demo.wire import CARRIER, PLATFORM, SHOP, SUPPORT, WAREHOUSE
from terrain.flow import customer_says, own_history, own_page, reference
from terrain.flow import tasks as work
from terrain.flow.carry_out import send_some
from terrain.flow.links import links_of
from terrain.flow.own_history import ShownLine
from terrain.flow.own_page import OwnPage
from terrain.flow.rules import keep_shipped
from terrain.flow.take_in import Message, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import customers, decisions, people, tasks
from terrain.store.connection import Record
from terrain.store.identifiers import resolve
from terrain.store.timeline import Before
from tests.outside import PostOffice, Receiving

OPENING = datetime(2025, 1, 6, 8, tzinfo=UTC)
EVERY_LANE = (Lane.URGENT, Lane.USUAL, Lane.BULK)
EVERY_BUCKET = range(256)
TOLD = (*demo.PLAYED, "safety-recall")
FILTER, LAST_PAIR = "filter-a", "shoes-42"


class Letter:
    """One letter as it lies in somebody's mailbox."""

    def __init__(self, message: EmailMessage) -> None:
        self.message = message
        self.to = str(message["To"])
        self.subject = str(message["Subject"])
        self.at = parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
        body = message.get_body(("plain",))
        self.text = str(body.get_content()) if body else ""

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def token(self) -> str:
        """The signed part of the link to her own page."""
        found = re.search(r"/my/([\w.~-]+)", self.text)
        assert found is not None
        return found[1]


class Shop:
    """A shop on the real record, with its own clock."""

    def __init__(self, record: Record, post_office: PostOffice, warehouse: Receiving) -> None:
        self.record = record
        self.post_office = post_office
        self.warehouse = warehouse
        self.settings: Settings = read()
        self.now = OPENING
        self.house = self._opened(warehouse.url)
        self._said = 0
        self._at_once = False

    # -- the clock ---------------------------------------------------------------------------------

    def goes_on_for(self, text: str) -> None:
        """Let time pass: "6 months", "1 day"; whatever falls due in between happens in its time."""
        span = span_of(text)
        assert span is not None
        self.goes_on_until(span.after(self.now, self.house.company.zone))

    def goes_on_until(self, then: datetime) -> None:
        self._works()
        while (due := self._next_date()) is not None and due <= then:
            self.now = max(self.now, due)
            self._works()
        self.now = then
        self._works()

    # -- who is there ------------------------------------------------------------------------------

    def customer(self, name: str, **known: Any) -> "Person":
        """Return somebody who signed up and agreed to be written to."""
        person = Person(self, name)
        address = {"email": person.email, "address": "12 rue des Lilas, 69003 Lyon"}
        person.is_known_as({"name": name, "language": "en", "country": "FR", **address, **known})
        person.agrees_to_letters()
        return person

    @property
    def letters(self) -> list[Letter]:
        return [Letter(message) for message in self.post_office.messages]

    @property
    def upgrades(self) -> list[dict[str, Any]]:
        """What the warehouse was told to do."""
        return [msgspec.json.decode(heard.body)["data"] for heard in self.warehouse.heard]

    # -- how it works ------------------------------------------------------------------------------

    def hears(self, user: str, source: str, event: str, **said: Any) -> None:
        self._said += 1
        call = {"type": "track", "event": event, "properties": said}
        if event == "identify":
            call = {"type": "identify", "traits": said}
        more = {"userId": user, "messageId": f"m-{self._said}", "timestamp": self.now.isoformat()}
        with self.record.local() as db, db.transaction():
            (result,) = take_in(
                db, [Message(raw=msgspec.json.encode(call | more))], source, self.now
            )
        assert result.refusal is None
        if not self._at_once:
            self._works()

    @contextmanager
    def all_at_once(self) -> Iterator[None]:
        """Let what is said meanwhile come in together, and be handled in one turn before anything leaves."""
        self._at_once = True
        yield
        self._at_once = False
        with self.record.local() as db, db.transaction():
            turn(db, self.house, EVERY_BUCKET, self.now)

    def sends(self) -> None:
        self._works()

    def closes_the_task(self, outcome: str) -> None:
        """Let somebody at the desk close what there was to do."""
        with self.record.local() as db, db.transaction():
            (task,) = tasks.open_ones(db)
            work.close(db, task, "Inès", outcome, self.now)
            self.house = reference.house(db, self.settings)  # it may be the desk's first word
        self._works()

    def _opened(self, warehouse: str) -> House:
        files = demo.files(played=TOLD)
        actions = {
            name: msgspec.structs.replace(action, url=warehouse)
            for name, action in files.catalogue.actions.items()
        }
        catalogue = msgspec.structs.replace(files.catalogue, actions=actions)
        with self.record.local() as db, db.transaction():
            keep_shipped(db, self.now)
            staging.open_shop(db, files._replace(catalogue=catalogue), {}, self.now)
            return reference.house(db, self.settings)

    def _works(self) -> None:
        """Take turns and send letters until there is nothing left to do at this moment."""
        busy = True
        while busy:
            with self.record.local() as db, db.transaction():
                busy = turn(db, self.house, EVERY_BUCKET, self.now) != NOTHING
            busy |= send_some(self.record, self.house, EVERY_BUCKET, EVERY_LANE, self.now) > 0

    def _next_date(self) -> datetime | None:
        with self.record.local() as db:
            return staging.next_date(db)


class Person:
    """One customer: what she does, what is said of her, and what reached her."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.shop = shop
        self.name = name
        self.user = name.casefold().replace("é", "e")
        self.email = f"{self.user}@example.org"
        self._orders = 0

    # -- what she does -----------------------------------------------------------------------------

    def is_known_as(self, traits: dict[str, Any]) -> None:
        self.shop.hears(self.user, wire.CUSTOMER, "identify", **traits)

    def agrees_to_letters(self) -> None:
        yes = {"purpose": "prospecting", "channel": "email", "identifier": self.email}
        proof = {"wording": wire.WORDING["en"], "wording_version": "2025-01", "language": "en"}
        where = {"controller": "the shop", "positive_act": "ticked the box", "where": "checkout"}
        self.shop.hears(self.user, wire.CUSTOMER, "consent.given", **yes, **proof, **where)

    def orders(self, quantity: int, sku: str) -> str:
        self._orders += 1
        order = f"{self.user}-{self._orders}"
        items = [{"sku": sku, "quantity": quantity}]
        self.shop.hears(self.user, SHOP, "order.placed", order=order, items=items)
        return order

    def buys(self, quantity: int, sku: str) -> str:
        """Order, and have it delivered three days later, as the carrier says."""
        order = self.orders(quantity, sku)
        self.shop.goes_on_for("3 days")
        items = [{"sku": sku, "quantity": quantity}]
        self.shop.hears(self.user, CARRIER, "order.delivered", order=order, items=items)
        return order

    def complains(self, about: str) -> None:
        self.shop.hears(self.user, SUPPORT, "complaint.opened", complaint_id="K-1", about=about)

    def is_content_again(self) -> None:
        self.shop.hears(self.user, SUPPORT, "complaint.closed", complaint_id="K-1")

    # -- what others say of her --------------------------------------------------------------------

    def could_have_it_sooner(self, order: str, *, last_pair: bool = False) -> None:
        """Let the warehouse find that the parcel could come in two days instead of six."""
        today = self.shop.now.date()
        self.shop.hears(
            self.user,
            WAREHOUSE,
            "parcel.could_go_faster",
            order=order,
            date=str(today + timedelta(days=6)),
            new_date=str(today + timedelta(days=2)),
            item={"sku": LAST_PAIR, "in_stock": not last_pair},
        )

    def the_platform_says(self, **traits: Any) -> None:
        self.shop.hears(self.user, PLATFORM, "identify", **traits)

    def the_carrier_says(self, event: str, **said: Any) -> None:
        self.shop.hears(self.user, CARRIER, event, **said)

    # -- what reached her --------------------------------------------------------------------------

    @property
    def letters(self) -> list[Letter]:
        return [letter for letter in self.shop.letters if letter.to == self.email]

    @property
    def reminders(self) -> list[date]:
        return [letter.day for letter in self.letters if "filter" in letter.subject]

    # -- her own page ------------------------------------------------------------------------------

    def page(self) -> OwnPage:
        """Open the link of her latest letter."""
        token = self.letters[-1].token
        with self.shop.record.local() as db:
            link = links_of(self.shop.settings).read(LinkKind.PAGE, token, self.shop.now)
            return own_page.read(db, link, self.shop.house, self.shop.now)

    def history(self) -> list[ShownLine]:
        """Read what her page says was done and not done, whether or not she has a letter."""
        link = link_to(LinkKind.PAGE, self.known().key, 0, self.shop.now)
        with self.shop.record.local() as db:
            own = own_page.read(db, link, self.shop.house, self.shop.now)
            return own_history.read(db, own, Before(self.shop.now), 50, self.shop.now).lines

    def says(self, what: str, **form: str) -> None:
        """Fill in one of the forms of her page and send it."""
        page = self.page()
        saying = customer_says.SAYINGS[what](page, form, self.shop.now)
        with self.shop.record.local() as db, db.transaction():
            customer_says.tell(db, page.speaker, saying, self.shop.now)
        self.shop._works()

    def answers(self, answer: str) -> None:
        (question,) = self.page().questions
        self.says("answer", question=str(question.question_id), answer=answer)

    def moves(self, place: int, to: date) -> None:
        """Move the date at this place of those that are planned for her, counted from nought."""
        planned = sorted(self.page().dates, key=lambda one: one.due_at)[place]
        names = {"automation": planned.automation, "subject": planned.subject}
        self.says("move", **names, to=to.isoformat())

    # -- what the record knows ---------------------------------------------------------------------

    def known(self) -> Customer:
        """Return her as the record knows her now."""
        named = Identifier(Kind.USER_ID, self.user)
        with self.shop.record.local() as db, db.transaction():
            node = resolve(db, [named], self.shop.now)[named]
            survivor = customers.survivors(db, [node])[node]
            secret = self.shop.house.secret
            return people.load(db, [survivor], self.shop.now, secret=secret)[survivor]

    def believed(self, fact: str, about: str = "") -> Belief | None:
        return believe(self.known(), FactKey(fact, about), self.shop.house, self.shop.now)

    def planned(self) -> list[date]:
        """Return the days for which something is planned for her."""
        return sorted(run.due_at.date() for run in self.known().runs if run.due_at)

    def decisions(self) -> list[Decision]:
        with self.shop.record.local() as db:
            return decisions.of_customer(db, self.known().nodes)

    def tasks(self) -> list[str]:
        with self.shop.record.local() as db:
            return [task.title for task in tasks.open_ones(db)]
