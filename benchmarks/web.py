"""A web process to be measured, with a key that opens it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
import psycopg

from benchmarks import shop, stage
from benchmarks.caller import Asking, Met, call
from terrain import door
from terrain.core.key import Scope
from terrain.flow import keys

SECRET = "a secret of nothing but the benchmarks"  # noqa: S105 - it keeps nothing


@dataclass(frozen=True)
class Web:
    """The process, PostgreSQL behind it, and how to come in."""

    process: psutil.Process
    postgres: psutil.Process
    port: int
    key: str

    def ask(self, path: str, bodies: list[str], connections: int, rate: float = 0.0) -> Met:
        """Ask it from another process."""
        return call(
            Asking(
                port=self.port,
                path=path,
                key=self.key,
                bodies=bodies,
                connections=connections,
                rate=rate,
            )
        )

    @property
    def cpu(self) -> tuple[float, float]:
        """The CPU seconds that it and PostgreSQL have used so far."""
        return stage.cpu_of(self.process), stage.cpu_of(self.postgres)


@contextmanager
def serving(conninfo: str) -> Iterator[Web]:
    """Run `terrain serve` until the block ends."""
    with psycopg.connect(conninfo) as db:
        scopes = [Scope.WRITE, Scope.DECIDE]
        key = keys.make(db, keys.draft("", shop.SOURCE, scopes, datetime.now(UTC)), SECRET)[1]
    port = stage.free_port()
    environment = {
        "TERRAIN_DATABASE_URL": conninfo,
        "TERRAIN_PORT": str(port),
        "TERRAIN_SECRET": SECRET,
        "TERRAIN_LOG_LEVEL": "error",
    }
    with stage.process("serve", **environment) as process:
        stage.wait_for("an open door", 60, lambda: door.answers("127.0.0.1", port))
        basic = base64.b64encode(f"{key}:".encode()).decode()
        yield Web(process, stage.postgres_of(conninfo), port, basic)
