"""One address or more of every page there is, in a town full of people; for the benchmark of the pages.

Promise: a page whose address needs something (a customer, a key) of which there is no sample here is told by
name, so no page is left unmeasured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from terrain.core.identifier import key_of
from terrain.flow.links import Links
from terrain.store import entries, staff
from terrain.store.entries import Kind

if TYPE_CHECKING:  # it is loaded when Django is ready
    from terrain.console.access import Page

NEED = re.compile(r"<\w+:(\w+)>")
Parts = dict[str, Any]
Sampling = Callable[[Connection, Links], Iterator[Parts]]


def of_query(query: str) -> Sampling:
    """Return samples whose parts are the columns of these rows."""

    def sampled(db: Connection, _: Links) -> Iterator[Parts]:
        cursor = db.execute(query)
        names = [column.name for column in cursor.description or ()]
        yield from (dict(zip(names, row, strict=True)) for row in cursor.fetchall())

    return sampled


def of_link(make: Callable[[Links, Any, int, datetime], str], **more: Any) -> Sampling:
    """Return samples behind links such as stand in messages."""

    def sampled(db: Connection, links: Links) -> Iterator[Parts]:
        for customer, act, decision in db.execute(ACTS).fetchall():
            address = make(links, key_of(customer), act, datetime.now(UTC))
            parts = {"token": address.rsplit("/", 1)[1], **more}
            yield parts | ({"decision": decision} if "decision" in more else {})

    return sampled


def of_entry(kind: Kind) -> Sampling:
    """Return a one-time way in of somebody who works here."""

    def sampled(db: Connection, _: Links) -> Iterator[Parts]:
        person = staff.everybody(db)[-1].staff_id
        yield {"token": entries.make(db, kind, datetime.now(UTC), person)}
        db.commit()

    return sampled


# A few people of every thirteenth bucket: they lie far apart in the record, as those do who come by.
PEOPLE = """
    SELECT customer_id AS customer FROM directory d
     WHERE bucket % 13 = 0 AND customer_id = (
           SELECT min(customer_id) FROM directory e WHERE e.bucket = d.bucket) LIMIT 20
"""
ACTS = """
    SELECT a.customer_id, a.act_id, a.decision_id FROM generate_series(0, 255, 13) b, LATERAL (
           SELECT customer_id, act_id, decision_id FROM act WHERE bucket = b LIMIT 1) a LIMIT 20
"""
DECISIONS = """
    SELECT d.customer_id AS customer, d.decision_id AS decision FROM generate_series(0, 255, 13) b, LATERAL (
           SELECT customer_id, decision_id FROM decision WHERE bucket = b LIMIT 1) d LIMIT 20
"""
PERSON = "SELECT id AS person FROM staff LIMIT 20"
# Of whoever is signed in: the benchmark's own account is the newest.
FACTOR = """
    INSERT INTO mfa_authenticator (type, data, user_id, created_at)
    SELECT 'totp', '{"secret": ""}', max(id), now() FROM staff RETURNING id AS factor
"""
NEEDS = 'SELECT DISTINCT group_id AS "group" FROM need WHERE group_id <> 0 LIMIT 20'
# By what an address needs, in the order in which it names it.
BY_NEED: dict[tuple[str, ...], Sampling] = {
    ("customer",): of_query(PEOPLE),
    ("customer", "saying"): of_query(
        PEOPLE.replace("customer FROM", "customer, 'person' AS saying FROM", 1)
    ),
    ("customer", "decision"): of_query(DECISIONS),
    ("task",): of_query(
        "SELECT task_id AS task FROM task WHERE done_at IS NULL ORDER BY opened_at LIMIT 20"
    ),
    ("flag",): of_query("SELECT flag_id AS flag FROM flag ORDER BY at DESC LIMIT 20"),
    ("recall",): of_query("SELECT recall_id AS recall FROM recall ORDER BY opened_at LIMIT 20"),
    ("group",): of_query(NEEDS),
    ("group", "step"): of_query(NEEDS.replace("FROM", ", 'part' AS step FROM", 1)),
    ("letter",): of_query("SELECT caught_id AS letter FROM caught_mail LIMIT 20"),
    ("key",): of_query("SELECT key_id AS key FROM access_key LIMIT 20"),
    ("person",): of_query(PERSON),
    ("person", "step"): of_query(PERSON.replace("person", "person, 'roles' AS step")),
    ("factor",): of_query(FACTOR),
    ("mark", "name"): of_query("SELECT 'x' AS mark, 'terrain.css' AS name"),
    ("name",): of_query("SELECT name FROM automation ORDER BY name"),
    ("name", "number"): of_query("SELECT name, version AS number FROM automation_version"),
    ("name", "number", "step"): of_query(
        "SELECT name, 1 AS number, '0' AS step FROM automation ORDER BY name"
    ),
    ("name", "signal"): of_query(
        "SELECT DISTINCT s.automation AS name, s.kind AS signal FROM signal s "
        "JOIN watch w ON w.automation = s.automation AND w.signal = s.kind "
        "JOIN automation a ON a.name = s.automation WHERE a.retired_at IS NULL LIMIT 20"
    ),
    ("name", "proposal"): of_query(
        "SELECT name, proposal_id AS proposal FROM automation_proposal ORDER BY at LIMIT 20"
    ),
}
# Links of customers: whatever stands behind the signed word of their page.
OF_CUSTOMERS: dict[tuple[str, ...], Sampling] = {
    ("token",): of_link(Links.page),
    ("token", "saying"): of_link(Links.page, saying="person"),
    ("token", "decision"): of_link(Links.page, decision="its own"),
}
# By the name of the page, where what it needs does not say enough.
SAMPLES: dict[str, Sampling] = {
    "enter": of_entry(Kind.LINK),
    "join": of_entry(Kind.INVITATION),
    "new_password": of_entry(Kind.RESET),
    "confirm_email": of_entry(Kind.ADDRESS),
    "unsubscribe": of_link(Links.unsubscribe),
    "click": of_link(
        lambda links, key, act, now: links.click(key, act, now, "https://example.org/")
    ),
    "source": of_query("SELECT name FROM source"),
    "source_belief": of_query("SELECT name FROM source"),
}
# What goes on for as long as somebody watches, what only another server's word opens, and what only whoever
# said it is shown.
NOT_ASKED = {"live", "openid_connect_callback", "my_flag"}
# What leads on: out of the house, or because there is nothing (more) to be done there.
LEADS_ON = {
    "click",
    "end_sessions",
    "openid_connect_login",
    "mfa_authenticate",
}


def sampling_of(page: Page) -> Sampling | None:
    """Return what makes addresses of this page, if it is known."""
    needs = tuple(NEED.findall(page.address))
    by_need = OF_CUSTOMERS if page.rule == "page_link" else BY_NEED
    return SAMPLES.get(page.name) or by_need.get(needs)


def answer_of(page: Page) -> str:
    """Return how the status begins with which the page answers."""
    return "30" if page.name in LEADS_ON or page.show.__name__ == "lead" else "200"
