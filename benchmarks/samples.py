"""One address or more of every page there is, in a town full of people; for the benchmark of the pages.

Promise: a page whose address needs something (a customer, a key) and that nobody gave a sample here is
told by name, so no page is left unmeasured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from terrain.core.identifier import key_of
from terrain.flow.links import Links
from terrain.store import entries, staff
from terrain.store.entries import Kind

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
AUTOMATIONS = "SELECT name FROM automation ORDER BY name"
OF_AUTOMATIONS = ("_pause", "_resume", "_change", "_preview")
STEPS = "SELECT name, 1 AS number, '0' AS step FROM automation ORDER BY name"
PROPOSALS = "SELECT name, proposal_id AS proposal FROM automation_proposal ORDER BY at LIMIT 20"
OF_PROPOSALS = ("_rehearsal", "_approve", "_reject", "_withdraw")
# Of whoever is signed in: the benchmark's own account is the newest.
FACTOR = """
    INSERT INTO mfa_authenticator (type, data, user_id, created_at)
    SELECT 'recovery_codes', '{}', max(id), now() FROM staff RETURNING id AS factor
"""
SAMPLES: dict[str, Sampling] = {
    "asset": of_query("SELECT 'x' AS mark, 'terrain.css' AS name"),
    "enter": of_entry(Kind.LINK),
    "join": of_entry(Kind.INVITATION),
    "new_password": of_entry(Kind.RESET),
    "colleague": of_query("SELECT id AS person FROM staff LIMIT 20"),
    "colleague_step": of_query("SELECT id AS person, 'roles' AS step FROM staff LIMIT 20"),
    "own_page": of_link(Links.page),
    "own_page_say": of_link(Links.page, saying="person"),
    "own_why": of_link(Links.page),
    "own_why_of": of_link(Links.page, decision="its own"),
    "own_history": of_link(Links.page),
    **{f"own_{right}": of_link(Links.page) for right in ("export", "freeze", "erase", "keep")},
    "customer_rights": of_query(PEOPLE),
    "unsubscribe": of_link(Links.unsubscribe),
    "click": of_link(
        lambda links, key, act, now: links.click(key, act, now, "https://example.org/")
    ),
    "customer": of_query(PEOPLE),
    "decision": of_query(DECISIONS),
    "task": of_query(
        "SELECT task_id AS task FROM task WHERE done_at IS NULL ORDER BY opened_at LIMIT 20"
    ),
    "letter": of_query("SELECT caught_id AS letter FROM caught_mail LIMIT 20"),
    "letter_body": of_query("SELECT caught_id AS letter FROM caught_mail LIMIT 20"),
    "customer_say": of_query(PEOPLE.replace("AS customer", "AS customer, 'person' AS saying")),
    "shoes": of_query(PEOPLE),
    **{f"automation{of}": of_query(AUTOMATIONS) for of in ("", *OF_AUTOMATIONS)},
    "automation_version": of_query("SELECT name, version AS number FROM automation_version"),
    "automation_step": of_query(STEPS),
    **{f"proposal{of}": of_query(PROPOSALS) for of in ("", *OF_PROPOSALS)},
    "source": of_query("SELECT name FROM source"),
    "source_belief": of_query("SELECT name FROM source"),
    "factor_forget": of_query("SELECT id AS person FROM staff LIMIT 20"),
    "factor_remove": of_query(FACTOR),
    "key": of_query("SELECT key_id AS key FROM access_key LIMIT 20"),
    "key_revoke": of_query("SELECT key_id AS key FROM access_key LIMIT 20"),
}
# What answers by leading on somewhere, and what goes on for as long as somebody watches.
LEADS_ON = {
    *(
        "own_page_say",
        "own_export",
        "own_freeze",
        "own_keep",
        "customer_say",
        "click",
        "end_sessions",
        "colleague_step",
    ),
    *("automation_pause", "automation_resume"),
    *("proposal_approve", "proposal_reject", "proposal_withdraw"),
}
GOES_ON = {"live"}
