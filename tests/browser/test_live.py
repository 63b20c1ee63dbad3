"""Open pages move by themselves, say when they cannot, and then show what they missed."""

import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from terrain.core.identifier import key_of, new_id
from terrain.core.staff import Role
from terrain.core.task import Task, TaskKind
from terrain.store import entries, staff, tasks, trays
from terrain.store.entries import Kind
from terrain.store.trays import Misfit
from tests.serving import Web

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = datetime.now(UTC)
PATIENCE = 20_000  # milliseconds


@pytest.fixture
def server(fresh_database: str, tmp_path: Path) -> Iterator[Web]:
    running = Web(fresh_database, tmp_path)
    yield running
    if running.process.poll() is None:
        running.end()


@pytest.fixture
def db(fresh_database: str) -> Iterator[Connection]:
    """Return a connection to the record that this test's own server works on."""
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def camille(chromium: Any, server: Web, db: Connection) -> Iterator[Any]:
    """Return a page at which Camille is signed in, and that remembers what its console says."""
    number = staff.make(
        db,
        staff.New(name="Camille", email="camille@example.org", roles=list(Role), joined_at=NOW),
    )
    context = chromium.new_context(base_url=server.address, locale="en")
    page = context.new_page()
    page.said = []
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("console", lambda line: page.said.append(line.text))
    page.goto(f"/enter/{entries.make(db, Kind.LINK, datetime.now(UTC), number)}")
    page.get_by_role("button", name="Come in").click()
    page.wait_for_load_state()
    yield page
    context.close()


def a_misfit(db: Connection, source: str) -> None:
    trays.put(db, [Misfit("event", source, "nobody", {"code": "nobody"}, b"{}")], NOW)


def a_task(db: Connection) -> None:
    number = new_id(datetime.now(UTC))
    task = Task(key=key_of(7), task_id=number, kind=TaskKind.HAND, title="x", opened_at=NOW)
    tasks.save(db, [task])


def shows(page: Any, text: str) -> None:
    page.get_by_text(text).first.wait_for(timeout=PATIENCE)


def test_a_tray_fills_before_her_eyes_and_her_choice_stays(camille: Any, db: Connection) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415 - as in conftest.py

    a_misfit(db, "shop")
    camille.goto("/trays")
    chosen = camille.get_by_role("listitem").filter(has_text="shop")
    chosen.get_by_role("checkbox").check()
    chosen.locator("summary", has_text="What came").click()
    camille.evaluate("window.untouched = true")

    a_misfit(db, "warehouse")
    shows(camille, "warehouse")
    assert camille.evaluate("window.untouched")  # nothing was loaded anew
    expect(chosen.get_by_role("checkbox")).to_be_checked()
    assert chosen.locator("details[id^=came]").get_attribute("open") is not None
    assert camille.said == []


def test_the_morning_says_by_itself_what_needs_somebody(camille: Any, db: Connection) -> None:
    camille.goto("/morning")
    a_task(db)

    shows(camille, "1 task is open")


def test_cut_off_it_says_so_and_then_shows_what_happened_meanwhile(
    camille: Any, db: Connection, server: Web
) -> None:
    camille.goto("/trays")
    shows(camille, "The trays are empty.")
    camille.wait_for_timeout(1500)
    line = camille.get_by_role("status")
    assert line.inner_text() == ""

    server.end(signal.SIGKILL)
    shows(camille, "The connection is gone.")
    a_misfit(db, "warehouse")
    server.start()

    shows(camille, "warehouse")
    camille.wait_for_function(
        "document.getElementById('live').textContent === ''", timeout=PATIENCE
    )


def test_signed_out_elsewhere_it_says_so_and_keeps_what_it_shows(
    camille: Any, db: Connection
) -> None:
    a_misfit(db, "shop")
    camille.goto("/trays")
    camille.wait_for_timeout(1500)
    db.execute("DELETE FROM staff_session")
    a_misfit(db, "warehouse")

    shows(camille, "You are signed out.")
    assert camille.get_by_text("shop").first.is_visible()


def test_a_page_that_nobody_looks_at_holds_no_line(camille: Any, db: Connection) -> None:
    camille.goto("/trays")
    camille.wait_for_timeout(1000)
    camille.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    a_misfit(db, "warehouse")
    camille.wait_for_timeout(3000)
    assert not camille.get_by_text("warehouse").count()

    camille.evaluate(
        "Object.defineProperty(document, 'hidden', {value: false, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    shows(camille, "warehouse")


def test_without_scripts_the_page_is_the_same(chromium: Any, camille: Any, server: Web) -> None:
    camille.goto("/")
    cookies = camille.context.cookies()
    context = chromium.new_context(base_url=server.address, java_script_enabled=False, locale="en")
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/")

    assert re.sub(r"\s+", " ", page.inner_text("main")) == re.sub(
        r"\s+", " ", camille.inner_text("main")
    )
    context.close()


def test_no_page_weighs_more_than_it_may(camille: Any, db: Connection) -> None:
    """The first load of each room, nothing kept from before: under 120 KB."""
    a_misfit(db, "shop")
    a_task(db)
    for room in ("/morning", "/", "/tasks", "/trays", "/sources", "/decisions"):
        session = camille.context.new_cdp_session(camille)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        loaded: list[float] = []
        session.on(
            "Network.loadingFinished", lambda of, to=loaded: to.append(of["encodedDataLength"])
        )
        camille.goto(room)
        camille.wait_for_timeout(500)
        session.detach()
        assert 10_000 < sum(loaded) < 120_000, room
