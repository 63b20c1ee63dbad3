"""What advisers say for a customer: what she said on the phone is one event of hers, with who heard it.

Promise: it counts as heard by staff, never as her own typing; whatever she could say on her own page can be
said for her here, and nothing that she must agree to herself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.flag import FLAGGED
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.link import LinkKind, link_to
from terrain.core.situation import What, open_now
from terrain.flow import own_page
from terrain.flow.customer_says import SAYINGS as THEIRS
from terrain.flow.own_page import OwnPage
from terrain.flow.saying import (
    LONGEST_TEXT,
    Form,
    Gone,
    Saying,
    Sayings,
    TooMuchText,
    as_told,
    take_in,
)
from terrain.flow.sources import DESK, declare_desk

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
    declare_desk(db)
    words = [_signed(each, adviser) for each in said]
    take_in(db, own.speaker, as_told(words, adviser.once), DESK, now)


def _signed(saying: Saying, adviser: Adviser) -> Saying:
    """Say who heard it, and who looks after them where that is what is said."""
    if saying.event == FLAGGED:  # the cord is never counted against anybody
        return saying
    signed = {**saying.properties, "by": adviser.name}
    if saying.event == "person.took_charge":
        signed["who"] = adviser.name
    return Saying(event=saying.event, properties=signed)
