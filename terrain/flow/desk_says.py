"""What advisers say for a customer: what she said on the phone is one event of hers, with who heard it.

Promise: it counts as heard by staff, never as her own typing; whatever she could say on her own page can be
said for her here, and nothing that she must agree to herself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.core.flag import FLAGGED
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.link import LinkKind, link_to
from terrain.core.situation import What, open_now
from terrain.flow import flagging, own_page, sources, stop, told
from terrain.flow.customer_says import SAYINGS as THEIRS
from terrain.flow.own_page import NobodyThere, OwnPage
from terrain.flow.saying import LONGEST_TEXT, Form, Gone, Saying, Sayings, TooMuchText, once_of
from terrain.flow.told import Told
from terrain.store import sources as known
from terrain.store.sources import Source

SOURCE = "desk"
NO_ACT = 0


class Adviser(msgspec.Struct, frozen=True, kw_only=True):
    """Who heard it, and the word of the form, by which it is said once."""

    name: str
    once: str = ""


def take_charge(_own: OwnPage, _form: Form, _now: datetime) -> Sayings:
    """Say that one looks after this customer oneself."""
    return [Saying(event="person.took_charge", properties={})]


def let_go(own: OwnPage, _form: Form, now: datetime) -> Sayings:
    """Say that nobody in particular looks after this customer any more."""
    if not any(each.what is What.IN_CHARGE for each in open_now(own.customer, now)):
        raise Gone(field="in_charge")
    return [Saying(event="person.let_go", properties={})]


def open_complaint(_own: OwnPage, form: Form, _now: datetime) -> Sayings:
    """Say that the customer complained: nothing but what is about it reaches them until it is closed."""
    text = form.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        raise TooMuchText(field="text", right=LONGEST_TEXT)
    return [Saying(event="complaint.opened", properties={"text": text})]


def close_complaint(own: OwnPage, form: Form, now: datetime) -> Sayings:
    """Say that a complaint is settled."""
    number = form.get("complaint", "")
    if not any(
        each.what is What.COMPLAINT and each.said == number for each in open_now(own.customer, now)
    ):
        raise Gone(field="complaint")
    return [Saying(event="complaint.closed", properties={"complaint_id": number})]


# What she judges or agrees to herself (whether it helped, a stop taken back with consent) is not said for her.
SAYINGS: dict[str, Callable[[OwnPage, Form, datetime], Sayings]] = {
    **{
        name: THEIRS[name]
        for name in (
            *("answer", "correct", "confirm", "move", "away", "back"),
            *("reach", "quiet", "unquiet", "stop", "person", "need"),
        )
    },
    "charge": take_charge,
    "let_go": let_go,
    "complaint": open_complaint,
    "complaint_closed": close_complaint,
}


def page_of(db: Connection, node: CustomerKey, house: House, now: datetime) -> OwnPage:
    """Return what is known of this customer as their own page would show it, told or heard."""
    return own_page.read(db, link_to(LinkKind.PAGE, node, NO_ACT, now), house, now)


def tell(db: Connection, own: OwnPage, said: Sayings, adviser: Adviser, now: datetime) -> None:
    """Take it in as events of this customer, heard by this adviser. The same form twice is said once."""
    declare(db)
    word = adviser.once or secrets.token_hex(12)
    for place, saying in enumerate(said):
        # Who heard that something is wrong is no part of it: the cord is never counted against anybody.
        by = {} if saying.event == FLAGGED else {"by": adviser.name}
        properties = {**saying.properties, **by}
        if saying.event == "person.took_charge":
            properties["who"] = adviser.name
        event = Told(event=saying.event, properties=properties, once=once_of(word, place))
        result = told.tell(db, own.node, event, now, source=SOURCE)
        if result is None:
            raise NobodyThere
        if result.refusal:
            raise result.refusal
        if saying.event == "automation.stopped":
            name = saying.properties["automation"]
            stop.hold_at_once(db, own.customer, name, own.house.secret, now)
        if saying.event == FLAGGED:
            flagging.hold_what_was_told(db, own.node, event, SOURCE, now)
    if said:
        sources.hear(db, {SOURCE: len(said)}, now)


def declare(db: Connection) -> None:
    """Write down that staff speak through the desk: what they heard is nearly as good as her own word."""
    if known.kinds(db).get(SOURCE) is not SourceKind.STAFF_HEARD:
        known.declare(db, Source(name=SOURCE, kind=SourceKind.STAFF_HEARD))
