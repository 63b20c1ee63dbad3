"""What is typed about webhooks."""

from datetime import UTC, datetime

import msgspec
import psycopg
import pytest

from terrain import cli
from terrain.config import read, secret_of
from terrain.core.calling import signing_key, spoken_key
from terrain.core.catalogue import Action, Catalogue
from terrain.store import automations

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://warehouse.example/hook"


def test_camille_sees_the_key_that_the_warehouse_needs(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERRAIN_DATABASE_URL", fresh_database)
    with psycopg.connect(fresh_database) as db:
        actions = {"ship": Action(name="ship", url=URL, idempotent=True)}
        automations.keep_catalogue(db, Catalogue(actions=actions, version="1"), NOON)

    assert cli.run(["webhooks", "--json"]) == cli.DONE

    (row,) = msgspec.json.decode(capsys.readouterr().out)
    assert row["key"] == spoken_key(signing_key(secret_of(read()), URL))
    assert (row["url"], row["idempotent"]) == (URL, True)


def test_each_host_has_a_key_of_its_own() -> None:
    keys = {signing_key("s" * 32, f"https://{host}/x") for host in ("a.example", "b.example")}

    assert len(keys) == 2
