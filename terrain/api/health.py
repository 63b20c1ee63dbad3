"""Whether this process lives, whether it is ready, and its numbers.

Promise: /health asks nobody anything; /ready says no as soon as the record does not answer.
"""

import hmac
from datetime import UTC, datetime

import anyio.to_thread
import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from terrain.api.group import GroupCommit
from terrain.api.keyring import shown
from terrain.api.metrics import Metrics
from terrain.store import pending, sources, trays
from terrain.store.connection import Record

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Health:
    """What watches this process may ask."""

    def __init__(self, record: Record, group: GroupCommit, metrics: Metrics, token: str) -> None:
        self._record = record
        self._group = group
        self._metrics = metrics
        self._token = token

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
        """Tell Prometheus, from this machine or with the token that was set."""
        if not self._may_read(request):
            return JSONResponse({"code": "wrong_key"}, 401)
        page = await anyio.to_thread.run_sync(self._page)
        return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")

    def _may_read(self, request: Request) -> bool:
        if self._token:
            token = shown(request.headers.get("authorization", "").encode())
            return hmac.compare_digest(token, self._token)
        return request.client is not None and request.client.host in LOOPBACK

    def _ask(self) -> None:
        with self._record.local() as db:
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
