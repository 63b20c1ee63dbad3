"""What is saved in the folder of automations runs a moment later, and what is wrong in it does not."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection

from terrain.config import Settings
from terrain.demo.shop import EXAMPLES
from terrain.flow.lookout import Lookout
from terrain.store import automations

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_what_camille_saves_runs_a_moment_later(db: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLES, folder)
    lookout = Lookout(Settings(automations=folder))
    assert lookout.publish(db, NOON)
    assert not lookout.publish(db, NOON)

    reminder = folder / "automations" / "filter-reminder.yaml"
    reminder.write_text(reminder.read_text().replace("camille.roux@", "camille.petit@"))

    assert lookout.publish(db, NOON)
    found = automations.find(db, "filter-reminder")
    assert found
    assert found.live_version == 2


def test_a_mistake_leaves_the_previous_version_running(db: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLES, folder)
    lookout = Lookout(Settings(automations=folder))
    lookout.publish(db, NOON)
    reminder = folder / "automations" / "filter-reminder.yaml"
    reminder.write_text(reminder.read_text().replace("benefit: useful", "benefti: useful"))

    lookout.publish(db, NOON)

    found = automations.find(db, "filter-reminder")
    assert found
    assert (found.live_version, bool(found.refused)) == (1, True)


def test_no_folder_is_nothing_to_publish(db: Connection, tmp_path: Path) -> None:
    assert not Lookout(Settings(automations=tmp_path / "none")).publish(db, NOON)
