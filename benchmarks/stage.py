"""What the benchmarks stand on: a durable PostgreSQL of their own, processes, and their CPU seconds."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from terrain.embedded import server
from terrain.store.schema import migrate


@contextmanager
def database(**settings: str) -> Iterator[str]:
    """Start a PostgreSQL that keeps its word (fsync on), with the schema; yield its address."""
    with tempfile.TemporaryDirectory(prefix="terrain-bench-") as folder:
        Path(folder).chmod(0o711)
        with server.start(Path(folder) / "home", settings=settings) as running:
            migrate(running.conninfo)
            yield running.conninfo


@contextmanager
def another(conninfo: str, name: str) -> Iterator[str]:
    """Make one more database with the schema on the same server."""
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute(f"DROP DATABASE IF EXISTS {name}")
        db.execute(f"CREATE DATABASE {name}")
    address = make_conninfo(conninfo, dbname=name)
    migrate(address)
    yield address


@contextmanager
def process(*command: str, **environment: str) -> Iterator[psutil.Process]:
    """Run a command of Terrain until the block ends."""
    child = subprocess.Popen(
        [sys.executable, "-m", "terrain", *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(20)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_of(*processes: psutil.Process) -> float:
    """Return the CPU seconds that these processes and all below them have used so far."""
    total = 0.0
    for parent in processes:
        times = parent.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
        for child in parent.children():
            with contextlib.suppress(
                psutil.NoSuchProcess
            ):  # it just ended: its parent has its time
                total += cpu_of(child)
    return total


def postgres_of(conninfo: str) -> psutil.Process:
    """Return the postmaster that serves this address, to ask for its CPU."""
    with psycopg.connect(conninfo) as db:
        backend = psutil.Process(db.info.backend_pid)
        parent = backend.parent()
    if parent is None:
        raise AssertionError(backend.pid)
    return parent


def wait_for(what: str, seconds: float, happens: Callable[[], object]) -> None:
    """Wait until `happens()` is true, or say what did not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return
        time.sleep(0.1)
    raise TimeoutError(what)
