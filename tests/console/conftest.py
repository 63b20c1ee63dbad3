"""Django over a database of one's own for each test: what a page commits is really committed."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries
from terrain.store.entries import Kind
from tests.colleagues import CAMILLE, post_as, sign_in


@pytest.fixture(scope="session")
def _django() -> Iterator[None]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terrain.console.settings")
    from django.contrib.auth.hashers import ScryptPasswordHasher  # noqa: PLC0415

    import terrain.console.wsgi  # noqa: F401, PLC0415 - makes Django ready

    with pytest.MonkeyPatch.context() as patch:
        # A password is slow to guess, and so to check: here it is checked hundreds of times.
        patch.setattr(ScryptPasswordHasher, "work_factor", 2**4)
        yield


@pytest.fixture
def served(_django: None, fresh_database: str) -> Iterator[str]:
    """Let Django work on a fresh database."""
    from django.db import connections  # noqa: PLC0415

    from terrain.console.house import _Known  # noqa: PLC0415
    from terrain.store.schema import as_django_wants_it  # noqa: PLC0415

    _Known.house = None
    connections.databases["default"].update(as_django_wants_it(fresh_database))
    _forget_connection(connections)
    yield fresh_database
    _forget_connection(connections)


def _forget_connection(connections: Any) -> None:
    connections["default"].close()
    del connections["default"]


@pytest.fixture
def db(served: str) -> Iterator[Connection]:
    """Return a connection beside Django's own: it sees what was committed."""
    with psycopg.connect(served, autocommit=True) as connection:
        yield connection


@pytest.fixture
def reader(served: str) -> Any:  # noqa: ARG001 - Django works on it
    """Return a browser without scripts, cookies or history, that sends our forms as they are."""
    from django.test import Client  # noqa: PLC0415

    return Client(enforce_csrf_checks=True)


@pytest.fixture
def post(reader: Any) -> Callable[..., Any]:
    """Return what opens a page and sends a form of it, with the word that the page put into it."""
    return partial(post_as, reader)


@pytest.fixture
def operator(db: Connection, reader: Any) -> Any:
    """Return a browser in which somebody with all roles is signed in."""
    return sign_in(db, reader, "Camille", *Role)


@pytest.fixture
def signed_in(db: Connection) -> Callable[..., Any]:
    """Return what opens a browser of its own in which somebody with these roles is signed in.

    `signed_in(Role.OWNER)`, `signed_in(Role.ADVISER, name="Inès")`; its `.person` is their account.
    """
    from django.test import Client  # noqa: PLC0415

    def come(*roles: Role, name: str = "Inès") -> Any:
        return sign_in(db, Client(enforce_csrf_checks=True), name, *roles)

    return come


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], int]:
    """Return what asks for a page and says how many statements it took: no more for many lines than for one."""
    said: list[Any] = []
    real = psycopg.Cursor.execute

    def execute(cursor: Any, *given: Any, **more: Any) -> Any:
        said.append(given)
        return real(cursor, *given, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", execute)

    def count(browser: Any, address: str) -> int:
        browser.get(address)  # what a process reads only once
        said.clear()
        assert browser.get(address).status_code == 200
        return len(said)

    return count


@pytest.fixture
def browser(served: str) -> Callable[[], Any]:  # noqa: ARG001 - Django works on it
    """Return what opens one more browser."""
    from django.test import Client  # noqa: PLC0415

    return lambda: Client(enforce_csrf_checks=True)


@pytest.fixture
def camille(db: Connection, reader: Any, post: Any) -> Any:
    """Return the browser in which Camille made the first account."""
    address = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"
    assert post(address, name="Camille", **CAMILLE).status_code == 302
    return reader


@pytest.fixture
def settings_of_django(_django: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return Django's settings, to be changed for this test."""
    from django.conf import settings  # noqa: PLC0415

    monkeypatch.setattr(settings, "SERVED_BY_TLS", settings.SERVED_BY_TLS)
    return settings
