"""Versions are only added, pausing keeps the first reason, and every change is noticed."""

from datetime import UTC, datetime

import msgspec
from psycopg import Connection

from terrain.core.automation import Automation
from terrain.store import automations, reference

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REMINDER = Automation(name="filter-reminder", owner="camille@example.org", digest="one")
CHANGED = msgspec.structs.replace(REMINDER, owner="omar@example.org", digest="two")


def test_saying_the_same_again_makes_no_version(db: Connection) -> None:
    assert automations.add_version(db, REMINDER, "file", NOON) == 1
    assert automations.add_version(db, REMINDER, "file  # a comment", NOON) == 1
    assert automations.add_version(db, CHANGED, "file 2", NOON) == 2


def test_every_version_can_still_be_run(db: Connection) -> None:
    automations.add_version(db, REMINDER, "file", NOON)
    automations.add_version(db, CHANGED, "file 2", NOON)

    owners = {number: one.owner for (_, number), one in automations.versions(db).items()}
    assert owners == {1: "camille@example.org", 2: "omar@example.org"}


def test_a_refused_file_leaves_the_version_that_runs(db: Connection) -> None:
    automations.add_version(db, REMINDER, "file", NOON)
    automations.refuse(db, "filter-reminder", [{"code": "unknown_name"}], NOON)

    found = automations.find(db, "filter-reminder")
    assert found
    assert (found.live_version, found.refused) == (1, [{"code": "unknown_name"}])


def test_pausing_again_keeps_the_first_reason(db: Connection) -> None:
    automations.add_version(db, REMINDER, "file", NOON)
    automations.pause(db, "filter-reminder", {"by": "Inès", "because": "wrong product"}, NOON)
    found = automations.pause(db, "filter-reminder", {"by": "Omar", "because": "me too"}, NOON)

    assert found
    assert (found.paused_by, found.paused_because) == ("Inès", "wrong product")


def test_whoever_reads_reference_data_notices_a_pause(db: Connection) -> None:
    automations.add_version(db, REMINDER, "file", NOON)
    before = reference.changes(db)
    automations.pause(db, "filter-reminder", {"by": "Inès", "because": "wrong product"}, NOON)

    assert reference.changes(db) > before
