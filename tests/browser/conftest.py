"""A real web process on a port of its own, and a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from tests.conftest import _database
from tests.open_shop import Console, Open, opened
from tests.reminded import SECRET, Reminded

SECONDS_TO_START = 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def record(postgres: str) -> Iterator[str]:
    """Return the address of one migrated database for all browser tests: each has its own customer."""
    name = f"browser_{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} TEMPLATE terrain_template")
        yield make_conninfo(postgres, dbname=name)
        db.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(record: str) -> Iterator[Connection]:
    """Return a connection to the database that the web process works on."""
    with psycopg.connect(record, autocommit=True) as connection:
        yield connection


@pytest.fixture
def open_shop(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Return a shop with its doors open, of this test alone."""
    with (
        _database(postgres) as conninfo,
        opened(conninfo, tmp_path_factory.mktemp("shop")) as open_,
    ):
        yield open_


@pytest.fixture
def camille(open_shop: Open, chromium: Any) -> Iterator[Console]:
    """Return Camille, signed in at the console of that shop."""
    context = chromium.new_context(base_url=open_shop.web.address, locale="en")
    yield Console(open_shop, context.new_page())
    context.close()


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db, user_id=f"lea-{uuid4().hex}").buys_a_filter()


@pytest.fixture(scope="session")
def web(record: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a web process that serves this database."""
    port, folder = _free_port(), tmp_path_factory.mktemp("web")
    environ = {
        **os.environ,
        "TERRAIN_DATABASE_URL": record,
        "TERRAIN_PORT": str(port),
        "TERRAIN_SECRET": SECRET,
        "TERRAIN_DATA": str(folder),
        "TERRAIN_COMPANY": "Au fil de l’eau",
    }
    command = [sys.executable, "-m", "terrain", "serve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/left", process, folder / "log")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return the distribution's own browser.

    Playwright keeps an event loop running in this thread, and Django refuses to work beside one: so
    the browser is closed before the tests of the next file.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Any, web: str) -> Iterator[Any]:
    """Return a page the size of a phone, with JavaScript off, as some mail clients show it."""
    context = chromium.new_context(
        base_url=web, java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="en"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(chromium: Any, web: str) -> Iterator[Any]:
    """Return a page the size of a desk."""
    context = chromium.new_context(
        base_url=web, viewport={"width": 1280, "height": 900}, locale="en"
    )
    yield context.new_page()
    context.close()


def _free_port() -> int:
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < give_up_at:
        assert process.poll() is None, log.read_text()
        try:
            with urlopen(address, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
