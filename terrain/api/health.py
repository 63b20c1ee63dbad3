"""Whether this process lives, whether it is ready, and its numbers.

Promise: /health asks nobody anything; /ready says no as soon as the record does not answer; the numbers are
told to this machine itself, and to others with a key for them.
"""

from datetime import UTC, datetime

import anyio.to_thread
import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from terrain.api.group import GroupCommit
from terrain.api.keyring import Keyring
from terrain.api.metrics import Metrics
from terrain.core.key import Scope
from terrain.store import pending, sources, trays
from terrain.store.connection import Record

LOOPBACK = ("127.0.0.1", "::1", "localhost")
# A proxy beside us is this machine, too: whoever it speaks for is not.
SPEAKS_FOR_OTHERS = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
# Whoever asks whether we are ready asks every few seconds.
SECONDS_TO_ANSWER = 1.0


class Health:
    """What watches this process may ask."""

    def __init__(
        self, record: Record, group: GroupCommit, metrics: Metrics, keyring: Keyring
    ) -> None:
        self._record = record
        self._group = group
        self._metrics = metrics
        self._keyring = keyring

    def routes(self) -> list[Route]:
        """Return the addresses, all of them open to GET only."""
        return [
            Route("/health", self.live, methods=["GET"]),
            Route("/ready", self.ready, methods=["GET"]),
            Route("/metrics", self.numbers, methods=["GET"]),
        ]

    async def live(self, _request: Request) -> Response:
        """Say that the process answers."""
        return JSONResponse({"status": "live"})

    async def ready(self, _request: Request) -> Response:
        """Say whether it would do any good to send something here."""
        try:
            await anyio.to_thread.run_sync(self._ask)
        except (psycopg.OperationalError, PoolTimeout):
            return JSONResponse({"status": "record_away"}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ready", "waiting": self._group.waiting})

    async def numbers(self, request: Request) -> Response:
        """Tell Prometheus, from this machine or with a key for it."""
        if not _is_this_machine(request):
            shown = request.headers.get("authorization", "").encode("latin-1")
            await self._keyring.admit(shown, Scope.METRICS)
        page = await anyio.to_thread.run_sync(self._page)
        return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")

    def _ask(self) -> None:
        with self._record.soon(SECONDS_TO_ANSWER) as db:
            db.execute("SELECT 1")

    def _page(self) -> bytes:
        now = datetime.now(UTC)
        with self._record.local() as db:
            return self._metrics.page(
                waiting=self._group.waiting,
                pending=pending.count(db),
                silent=sum(each.is_silent(now) for each in sources.every(db)),
                trays=trays.count(db),
            )


def _is_this_machine(request: Request) -> bool:
    near = request.client is not None and request.client.host in LOOPBACK
    return near and not any(name in request.headers for name in SPEAKS_FOR_OTHERS)
