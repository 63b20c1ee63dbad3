"""Tells open pages that something moved, over server-sent events; the page then asks for its own part again.

Promise: after a cut of any length nothing is lost. What is sent is no increment but a topic's mark
(`store/marks.py`). The page brings the marks of what it shows, as the event's id that browsers send back in
Last-Event-ID, and every topic whose mark is another one is sent at once. Marks are compared for being
different and never ordered, so a row that was committed late cannot be missed: it makes another mark.

One look at the record a second serves all listeners of a process. A stream ends when its session does,
when the record is away, and when the process stops; the page says so and comes again.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module

import anyio.to_thread
import psycopg
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.http import HttpRequest, HttpResponse
from django.http.cookie import parse_cookie
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

import terrain.console.wsgi  # noqa: F401 - makes Django ready
from terrain.api.faults import write_down
from terrain.api.stopping import told_to_stop
from terrain.console import access
from terrain.console.headers import HEADERS
from terrain.console.topics import as_id, marks_of, topics_for
from terrain.core.staff import Staff
from terrain.errors import Refusal
from terrain.store.connection import Record
from terrain.store.marks import Marks, marks

SECONDS_BETWEEN_LOOKS = 1.0
# A look that takes long (a flood of open lines) comes less often: it never costs more than this share.
SHARE_OF_LOOKING = 0.05
SECONDS_BETWEEN_QUESTIONS = 10.0  # whether the session still holds
MOST_STREAMS = 500
COME_AGAIN = 2000  # milliseconds
AWAY = (psycopg.OperationalError, PoolTimeout, OperationalError, InterfaceError)
ASKERS = 2
ADDRESS = "/live"
KIND = "text/event-stream"

Ask = Callable[[str, str], Staff | None]
Asking = Callable[[], Awaitable[Staff | None]]


class Lookout:
    """Looks at the record once a second while anybody listens."""

    def __init__(self, look: Callable[[], Marks]) -> None:
        self._look = look
        self._looked = asyncio.Event()
        self._listening = 0
        self._looking: asyncio.Task[None] | None = None
        self.marks: Marks = {}
        self.away = False

    @contextlib.asynccontextmanager
    async def listened_to(self) -> AsyncIterator[None]:
        """Look for as long as somebody listens."""
        self._listening += 1
        if self._looking is None:
            self.marks = {}
            self._looking = asyncio.create_task(self._look_again_and_again())
        try:
            yield
        finally:
            self._listening -= 1
            if not self._listening and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def next_look(self) -> None:
        """Wait until somebody has looked again."""
        await self._looked.wait()

    async def _look_again_and_again(self) -> None:
        while True:
            started = time.monotonic()
            try:
                self.marks = await anyio.to_thread.run_sync(self._look)
                self.away = False
            except AWAY:
                self.away = True
            except Exception as bug:  # noqa: BLE001 - who listens is let go, and the next look may go well
                write_down(bug, ADDRESS)
                self.away = True
            looked, self._looked = self._looked, asyncio.Event()
            looked.set()
            took = time.monotonic() - started
            await asyncio.sleep(max(SECONDS_BETWEEN_LOOKS, took / SHARE_OF_LOOKING))


class Live:
    """The streams of this process."""

    def __init__(self, lookout: Lookout, ask: Ask) -> None:
        self._lookout = lookout
        self._ask = ask
        self._streams = 0
        self._askers = ThreadPoolExecutor(ASKERS, thread_name_prefix="live")

    async def answer(self, request: Request) -> Response:
        """Stream what moves to somebody who is signed in, or refuse."""
        cookie = request.headers.get("cookie", "")
        host = request.client.host if request.client else ""
        try:
            staff = await self._who(cookie, host)
        except AWAY:
            return _refusal(503)
        if staff is None:
            return _refusal(403)
        if self._streams >= MOST_STREAMS or told_to_stop.is_set():
            return _refusal(503)
        had = request.headers.get("last-event-id") or request.query_params.get("has", "")
        stream = self._stream(marks_of(had), partial(self._who, cookie, host))
        return StreamingResponse(stream, 200, HEADERS | {"X-Accel-Buffering": "no"}, KIND)

    async def _who(self, cookie: str, host: str) -> Staff | None:
        # Threads of their own, few: each keeps a connection of Django's.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._askers, self._ask, cookie, host)

    async def _stream(self, has: Marks, ask: Asking) -> AsyncIterator[str]:
        self._streams += 1
        try:
            yield f"retry: {COME_AGAIN}\n\n"
            async with self._lookout.listened_to():
                async for said in self._news(has, ask):
                    yield said
        finally:
            self._streams -= 1

    async def _news(self, has: Marks, ask: Asking) -> AsyncIterator[str]:
        """Yield every topic whose mark is not the one the page has; now and then that we are there."""
        asked_at, hears = -SECONDS_BETWEEN_QUESTIONS, frozenset[str]()
        while not told_to_stop.is_set():
            if time.monotonic() - asked_at >= SECONDS_BETWEEN_QUESTIONS:
                try:
                    staff = await ask()
                except AWAY:
                    return
                if staff is None:
                    yield "event: over\ndata:\n\n"
                    return
                asked_at, hears = time.monotonic(), topics_for(staff)
                yield ": here\n\n"
            await self._lookout.next_look()
            if self._lookout.away:
                return
            for topic, mark in self._lookout.marks.items():
                if topic in hears and has.get(topic) != mark:
                    has[topic] = mark
                    yield f"id: {as_id(has)}\nevent: {topic}\ndata: {mark}\n\n"


def routes(record: Record) -> list[Route]:
    """Return the address of the stream, to be mounted before the pages."""

    def look() -> Marks:
        with record.local() as db:
            return marks(db, datetime.now(UTC))

    return [Route(ADDRESS, Live(Lookout(look), whoever_asks).answer, methods=["GET"])]


def whoever_asks(cookie: str, host: str) -> Staff | None:
    """Return who is signed in by this cookie, asked as for any page (`access.ask`), and nothing noted.

    Whoever only listens does not use the console: a session ends by itself beside an open page.
    """
    close_old_connections()
    request = _as_django_sees_it(cookie, host)
    try:
        with transaction.atomic():
            access.ask(request, _page(), {})
            if access.lacks_second_factor(request):
                return None
            transaction.set_rollback(True)
    except Refusal:
        return None
    staff: Staff | None = request.staff
    return staff


def _as_django_sees_it(cookie: str, host: str) -> HttpRequest:
    request = HttpRequest()
    request.method, request.path = "GET", ADDRESS
    request.META = {"HTTP_COOKIE": cookie, "REMOTE_ADDR": host}
    request.COOKIES = parse_cookie(cookie)
    request.now, request.language = datetime.now(UTC), settings.TERRAIN.language
    request.language_chosen = True
    SessionMiddleware(_nobody_answers).process_request(request)
    AuthenticationMiddleware(_nobody_answers).process_request(request)
    return request


def _nobody_answers(_request: HttpRequest) -> HttpResponse:
    raise AssertionError


@cache
def _page() -> access.Page:
    """Return the row of the table of pages that says who may listen."""
    pages: tuple[access.Page, ...] = import_module(settings.ROOT_URLCONF).PAGES
    return next(page for page in pages if page.name == "live")


def _refusal(status: int) -> Response:
    return Response(status_code=status, headers=HEADERS | {"Retry-After": "5"})
