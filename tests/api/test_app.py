"""What else the web process answers: health, numbers, the description of itself."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import jsonschema
import psycopg
import pytest

from terrain.api.app import ANSWERED_AT_ONCE, create_app
from terrain.api.openapi import document
from terrain.config import read
from terrain.core.key import Scope

if TYPE_CHECKING:
    from tests.api.conftest import WebProcess

NOTICE = {
    "customer": {"user_id": "lea"},
    "act": "send",
    "name": "notice",
    "purpose": "service",
    "benefit": "useful",
    "reach": "inbox",
    "undo": "by_customer",
    "channel": "email",
}


def test_it_lives_and_is_ready(web: "WebProcess") -> None:
    assert web.ask("GET", "/health").json == {"status": "live"}
    assert web.ask("GET", "/ready").json == {"status": "ready", "waiting": 0}


def test_the_numbers_of_the_door_are_told_to_this_machine(own_web: "WebProcess") -> None:
    own_web.post("/v1/track", {"event": "x", "userId": "lea"}, own_web.key())
    own_web.post("/v1/track", {"event": "x"}, own_web.key())
    page = own_web.ask("GET", "/metrics").body.decode()

    assert 'terrain_door_messages_total{outcome="taken"} 1.0' in page
    assert 'terrain_door_messages_total{outcome="refused"} 1.0' in page
    assert 'terrain_tray_items{kind="event"} 1.0' in page
    assert "terrain_pending_events 1.0" in page


def test_the_numbers_are_told_to_others_with_a_key_for_them(web: "WebProcess") -> None:
    def asked_from_afar_with(key: str) -> int:
        return web.ask("GET", "/metrics", None, key, x_forwarded_for="203.0.113.7").status

    assert asked_from_afar_with("") == 401
    assert asked_from_afar_with("wrong") == 401
    assert asked_from_afar_with(web.key(Scope.WRITE)) == 403
    assert asked_from_afar_with(web.key(Scope.METRICS)) == 200


@pytest.mark.parametrize("header", ["forwarded", "via", "x_real_ip", "x_forwarded_for"])
def test_a_proxy_on_this_machine_is_not_taken_for_whom_it_speaks_for(
    web: "WebProcess", header: str
) -> None:
    assert web.ask("GET", "/metrics", None, "", **{header: "for=203.0.113.7"}).status == 401


def test_every_address_is_described_and_the_description_is_valid(web: "WebProcess") -> None:
    described = web.ask("GET", "/v1/openapi.json").json

    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) >= {"/v1/track", "/v1/batch", "/v1/import"}
    for schema in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    batch = described["paths"]["/v1/batch"]["post"]
    assert batch["x-scope"] == "write"


def test_an_empty_table_is_described_as_well() -> None:
    assert document([])["paths"] == {}


@pytest.mark.parametrize(("language", "word"), [("fr", "rien"), ("en", "Nothing")])
def test_what_is_not_there_is_said_in_the_readers_language(
    web: "WebProcess", language: str, word: str
) -> None:
    answer = web.ask("GET", "/v1/nothing-here", accept_language=language)

    assert answer.status == 404
    assert word in answer.body.decode()


def test_the_application_is_made_from_the_environment() -> None:
    assert create_app().settings == read()


def test_the_rooms_are_there_before_the_first_page_is_asked_for() -> None:
    made = "import sys; from terrain.api.app import create_app; create_app(); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", made], check=True, capture_output=True, text=True)

    assert {"terrain.console.urls", "terrain.console.pages.morning"} <= set(done.stdout.split())


def test_however_many_ask_a_few_are_answered_at_a_time_and_in_the_end_all(
    own_web: "WebProcess",
) -> None:
    key = own_web.key(Scope.DECIDE)
    with ThreadPoolExecutor(8) as systems, own_web.db() as db:
        with own_web.db() as holding, holding.transaction():
            holding.execute("LOCK TABLE decision IN EXCLUSIVE MODE")
            asked = [systems.submit(own_web.post, "/v1/decide", NOTICE, key) for _ in range(8)]
            _wait_until_as_many_wait(db, ANSWERED_AT_ONCE)
            time.sleep(0.2)
            assert _waiting(db) == ANSWERED_AT_ONCE
            assert own_web.ask("GET", "/ready", None).status == 200
        assert {each.result().status for each in asked} == {200}


def _wait_until_as_many_wait(db: psycopg.Connection, many: int) -> None:
    end = time.monotonic() + 10
    while _waiting(db) < many and time.monotonic() < end:
        time.sleep(0.01)


def _waiting(db: psycopg.Connection) -> int:
    waiting = db.execute(
        """SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    ).fetchall()
    return int(waiting[0][0])
