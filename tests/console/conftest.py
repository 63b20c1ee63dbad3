"""Django over a database of one's own for each test: what a page commits is really committed."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import staff


@pytest.fixture(scope="session")
def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terrain.console.settings")
    import terrain.console.wsgi  # noqa: F401, PLC0415 - makes Django ready


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

    def send(page: str, form: str = "", **fields: str) -> Any:
        shown = reader.get(page).content.decode()
        word = shown.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        return reader.post(form or page, {"csrfmiddlewaretoken": word, **fields})

    return send


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


def sign_in(db: Connection, browser: Any, name: str, *roles: Role) -> Any:
    """Sign somebody new in, without the detour over a password."""
    from terrain.console.accounts.models import Person  # noqa: PLC0415

    email, now = f"{uuid4().hex}@example.org", datetime.now(UTC)
    number = staff.make(db, staff.New(name=name, email=email, roles=list(roles), joined_at=now))
    browser.person = Person.objects.get(pk=number)
    browser.force_login(browser.person)
    return browser


@pytest.fixture
def settings_of_django(_django: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return Django's settings, to be changed for this test."""
    from django.conf import settings  # noqa: PLC0415

    monkeypatch.setattr(settings, "SERVED_BY_TLS", settings.SERVED_BY_TLS)
    return settings
