"""The web process: machines' doors, and the people's pages beside them, on one port.

Promise: what stands in an ENDPOINTS table is mounted and described; a refusal is answered in the
reader's language; a bug is answered as ours and written down without anybody's data.
"""

import asyncio
import contextlib
import gc
import importlib.util
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import anyio
import anyio.to_thread
import msgspec
import psycopg
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from terrain import logs
from terrain.api import body as bodies
from terrain.api import collector, inbound, openapi
from terrain.api.collector import Collector, Doorway, WrongMethod
from terrain.api.endpoint import Asked, Endpoint
from terrain.api.faults import Broken, write_down
from terrain.api.group import GroupCommit
from terrain.api.health import Health
from terrain.api.keyring import Keyring
from terrain.api.known import known
from terrain.api.ledger import Ledger, RecordAway
from terrain.api.metrics import Metrics
from terrain.api.refusals import as_answer, headers_of
from terrain.config import Settings, read, secret_of
from terrain.errors import Refusal
from terrain.flow import sources
from terrain.flow.take_in import door_of
from terrain.flow.wire import UNREADABLE, refusal_of
from terrain.store import erasures, keys
from terrain.store.connection import Record
from terrain.words import LANGUAGES, catalogue, nearest_language

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Modules that bring an ENDPOINTS table of their own.
TABLES = ("terrain.api.decide", "terrain.api.signals")
MOST_BYTES_ASKED = 256 * 1024
METHOD_NOT_ALLOWED = 405
SECONDS_BETWEEN_COUNTS = 5.0
SECONDS_TO_NOTE = 2.0
# Deciding is mostly thinking, and only one thread thinks at a time. Eight of them hand over to each other so often
# that each answer costs twice the CPU, and a short pause grows into a second of long ones: as fast as it goes,
# 219 answers a second by eight at once, 381 by three, 303 by one.
ANSWERED_AT_ONCE = 3
# Waiting for the disk is no thinking: others may think meanwhile, and some connections are left for others still.
COMMITTED_AT_ONCE = 6
PAGES = "terrain.console.wsgi"
ROOMS = "terrain.console.urls"
LIVE = "terrain.console.live"

log = logs.get("web")


class NotFound(Refusal):
    code = "not_found"
    status = 404


class App:
    """The hot door first, then everything else."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.record = Record(settings.database_url)
        self.metrics = Metrics()
        self.ledger = Ledger(self.record, door_of(settings), self.metrics)
        self.group = GroupCommit(self.ledger.write)
        self.keyring = Keyring(self.record, secret_of(settings))
        self.collector = Collector(
            Doorway(self.group, self.keyring, self.metrics, self.ledger.keep, settings.language)
        )
        self._turns = anyio.CapacityLimiter(COMMITTED_AT_ONCE)
        self._thinking = threading.Semaphore(ANSWERED_AT_ONCE)
        self.rest = self._starlette()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self.collector.calls:
            await self.collector(scope, receive, send)
        else:
            await self.rest(scope, receive, send)

    def _starlette(self) -> Starlette:
        return Starlette(
            routes=self._routes(),
            lifespan=self._lifespan,
            exception_handlers={
                Refusal: self._refuse,
                HTTPException: self._refuse_http,
                psycopg.OperationalError: self._ask_to_come_again,
                Exception: self._admit_a_bug,
            },
        )

    def _routes(self) -> list[BaseRoute]:
        endpoints = (*collector.ENDPOINTS, *inbound.ENDPOINTS, *_endpoints_elsewhere())
        described = msgspec.json.encode(openapi.document(endpoints))

        async def show_openapi(_request: Request) -> Response:
            return Response(described, media_type="application/json")

        health = Health(self.record, self.group, self.metrics, self.keyring)
        return [
            *(self._route(each) for each in endpoints if each.answer),
            Route("/v1/openapi.json", show_openapi),
            *inbound.routes(self.record, self.settings),
            Mount("/v1", Router()),  # a machine is not answered by a page
            *health.routes(),
            *_pages(self.record),
        ]

    def _route(self, endpoint: Endpoint) -> Route:
        decode = msgspec.json.Decoder(endpoint.body).decode if endpoint.body else None

        async def answer(request: Request) -> Response:
            key = None
            if endpoint.scope:
                shown = request.headers.get("authorization", "").encode("latin-1")
                key = await self.keyring.admit(shown, endpoint.scope)
            asked = Asked(
                body=await _decoded(request, decode) if decode else None,
                now=datetime.now(UTC),
                path={name: str(value) for name, value in request.path_params.items()},
                query=dict(request.query_params),
                key=key,
                language=self._language_of(request),
            )
            said = await anyio.to_thread.run_sync(self._ask, endpoint, asked, limiter=self._turns)
            return Response(
                msgspec.json.encode(said), endpoint.status, media_type="application/json"
            )

        return Route(endpoint.path, answer, methods=[endpoint.method])

    def _ask(self, endpoint: Endpoint, asked: Asked[Any]) -> object:
        with self.record.local() as db, db.transaction(), self._thinking:
            return endpoint.answer(db, asked) if endpoint.answer else None

    def _learn(self) -> None:
        """Read what every answer needs: whoever comes first, and all who come with them, would wait for it."""
        for language in LANGUAGES:
            catalogue(language)
        with self.record.local() as db:
            known(db)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(self.record.open)
        try:
            await anyio.to_thread.run_sync(self._learn)
            async with self._working():
                yield
        finally:
            # Also when the record is away by now: its pool would look for it for ever.
            await anyio.to_thread.run_sync(self.record.close)
            log.info("door_closed")

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        self.group.start()
        # What was loaded stays: to look through it for rings again and again stops every request meanwhile.
        gc.collect()
        gc.freeze()
        counting = asyncio.create_task(self._count_sources())
        doubting = asyncio.create_task(self._hear_of_erasures())
        log.info("door_open", port=self.settings.port)
        try:
            yield
        finally:
            counting.cancel()
            doubting.cancel()
            await self.group.stop()
            await self._note_who_spoke()

    async def _count_sources(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_COUNTS)
            await self._note_who_spoke()

    async def _note_who_spoke(self) -> None:
        try:
            await anyio.to_thread.run_sync(self._write_down_who_spoke)
        except Exception as error:  # noqa: BLE001 - who spoke is written down next time
            write_down(error, "sources")

    async def _hear_of_erasures(self) -> None:
        """Let the door forget whom it had met, soon after somebody was erased."""
        last: datetime | None = None
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_COUNTS)
            try:
                latest = await anyio.to_thread.run_sync(self._last_erasure)
            except Exception as error:  # noqa: BLE001 - what comes meanwhile, the worker puts right
                write_down(error, "erasures")
                continue
            if latest != last:
                last = latest
                self.ledger.doubt()

    def _last_erasure(self) -> datetime | None:
        with self.record.local() as db:
            return erasures.latest(db)

    def _write_down_who_spoke(self) -> None:
        heard, used = self.ledger.heard(), self.keyring.used()
        if heard or used:
            with self.record.soon(SECONDS_TO_NOTE) as db, db.transaction():
                if heard:
                    sources.hear(db, heard, datetime.now(UTC))
                keys.note_use(db, used)

    def _language_of(self, request: Request) -> str:
        wanted = request.headers.get("accept-language")
        return nearest_language(wanted) if wanted else self.settings.language

    async def _refuse(self, request: Request, refusal: Any) -> Response:
        answer = as_answer(refusal, self._language_of(request))
        return JSONResponse(answer, refusal.status, dict(headers_of(refusal)))

    async def _ask_to_come_again(self, request: Request, error: Any) -> Response:
        log.warning("record_away", path=request.url.path, state=getattr(error, "sqlstate", None))
        return await self._refuse(request, RecordAway())

    async def _refuse_http(self, request: Request, error: Any) -> Response:
        language = self._language_of(request)
        if error.status_code == METHOD_NOT_ALLOWED:
            allowed = error.headers["Allow"]
            wrong = WrongMethod(field=request.url.path, value=request.method, right=allowed)
            return JSONResponse(as_answer(wrong, language), error.status_code, error.headers)
        answer = as_answer(NotFound(value=request.url.path), language)
        return JSONResponse(answer, error.status_code)

    async def _admit_a_bug(self, request: Request, error: Exception) -> Response:
        write_down(error, request.url.path)
        return JSONResponse(as_answer(Broken(), self._language_of(request)), 500)


def create_app(settings: Settings | None = None) -> App:
    """Return the web process's application; it opens the record when it starts."""
    given = settings or read()
    return App(given)


def _endpoints_elsewhere() -> list[Endpoint]:
    found = [name for name in TABLES if importlib.util.find_spec(name)]
    return [each for name in found for each in importlib.import_module(name).ENDPOINTS]


def _pages(record: Record) -> list[BaseRoute]:
    if not importlib.util.find_spec(PAGES):
        return []
    pages: Any = WSGIMiddleware(importlib.import_module(PAGES).application)
    # Else the first page loads the rooms, and every machine waits meanwhile.
    importlib.import_module(ROOMS)
    return [*importlib.import_module(LIVE).routes(record), Mount("/", pages)]


async def _decoded(request: Request, decode: Callable[[bytes], Any]) -> Any:
    raw = await bodies.read(request.receive, MOST_BYTES_ASKED)
    encoding = request.headers.get("content-encoding", "").lower().encode()
    try:
        return decode(bodies.unpacked(raw, encoding, MOST_BYTES_ASKED))
    except UNREADABLE as error:
        raise refusal_of(error) from None
