"""A web process for tests: the real application behind the real server, on a port of its own."""

import base64
import gzip
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import pytest
import uvicorn
from psycopg import Connection

from terrain.api.app import App, create_app
from terrain.config import read, secret_of
from terrain.core.key import Scope
from terrain.flow import keys


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class WebProcess(msgspec.Struct):
    """The door, as a machine somewhere sees it."""

    app: App
    port: int
    conninfo: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def key(self, *scopes: Scope, source: str = "shop") -> str:
        """Make a key."""
        now = datetime.now(UTC)
        with psycopg.connect(self.conninfo) as db:
            draft = keys.draft("", source, scopes or (Scope.WRITE,), now)
            return keys.make(db, draft, secret_of(self.app.settings))[1]

    def post(self, path: str, body: object, key: str = "", **headers: str) -> Answer:
        """Say something, as a library would."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        if headers.get("content_encoding") == "gzip" and not raw.startswith(b"\x1f\x8b"):
            raw = gzip.compress(raw)
        return self.ask("POST", path, raw, key, **headers)

    def ask(
        self, method: str, path: str, body: bytes | None = None, key: str = "", **headers: str
    ) -> Answer:
        """Ask anything."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            line.close()

    def stream(self, path: str, pieces: list[bytes], key: str) -> Answer:
        """Say something piece by piece, its length unknown."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("POST", path, iter(pieces), {"Authorization": f"Bearer {key}"})
            answer = line.getresponse()
            return Answer(answer.status, {}, answer.read())
        finally:
            line.close()

    def forget(self) -> None:
        """Begin again with an empty record."""
        with self.db() as db:
            tables = db.execute(
                """SELECT string_agg(tablename, ', ') FROM pg_tables
                    WHERE schemaname = 'public' AND tablename NOT LIKE 'django%'
                      AND tablename NOT LIKE 'auth%'"""
            ).fetchall()[0][0]
            db.execute(f"TRUNCATE {tables}".encode())
        self.app.ledger._door.known._sure.clear()
        self.app.ledger.heard()
        self.app.keyring.used()

    def db(self) -> Connection:
        """Look into the record from outside."""
        return psycopg.connect(self.conninfo, autocommit=True)

    def events(self) -> list[tuple[str, str, str]]:
        """Return (message id, name, source) of all that was kept."""
        with self.db() as db:
            return db.execute("SELECT message_id, name, source FROM event ORDER BY 1").fetchall()


@pytest.fixture
def web(_shared_web: WebProcess) -> WebProcess:
    """Return a web process in front of an empty record."""
    _shared_web.forget()
    return _shared_web


@pytest.fixture
def own_web(fresh_database: str) -> Iterator[WebProcess]:
    """Return a web process of one's own, to be maltreated."""
    with _running(fresh_database) as running:
        yield running


@pytest.fixture(scope="module")
def _shared_web(_own_database: str) -> Iterator[WebProcess]:
    with _running(_own_database) as running:
        yield running
        running.forget()  # other tests stand on the same database


@contextmanager
def _running(conninfo: str) -> Iterator[WebProcess]:
    settings = msgspec.structs.replace(read(), database_url=conninfo)
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield WebProcess(app, port, conninfo)
    finally:
        server.should_exit = True
        thread.join(10)
