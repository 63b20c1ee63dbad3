"""A web process killed in the middle of its work: what it acknowledged is there."""

import base64
import concurrent.futures
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import psycopg
import pytest

from terrain import door
from terrain.core.key import Scope
from terrain.flow import keys

SECRET = "a secret that only the tests know"


@pytest.fixture
def serving(fresh_database: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = os.environ | {
        "TERRAIN_DATABASE_URL": fresh_database,
        "TERRAIN_PORT": str(port),
        "TERRAIN_LOG_LEVEL": "error",
    }
    process = subprocess.Popen([sys.executable, "-m", "terrain", "serve"], env=environ)
    while not door.answers("127.0.0.1", port):
        assert process.poll() is None
        time.sleep(0.1)
    yield process, port
    process.kill()
    process.wait()


def speak(port: int, key: str, name: str, enough: threading.Event) -> set[str]:
    """Say one thing after the other until nobody answers; return what was acknowledged."""
    acknowledged: set[str] = set()
    shown = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for number in range(10_000):
        message = f"{name}-{number}"
        body = {"event": "order.placed", "userId": name, "messageId": message}
        try:
            line.request("POST", "/v1/track", msgspec.json.encode(body), shown)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            break
        if answer.status == http.client.OK:
            acknowledged.add(message)
        if number == 30:
            enough.set()
    line.close()
    return acknowledged


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_web_process_is_killed(
    serving: tuple[subprocess.Popen[bytes], int], fresh_database: str
) -> None:
    process, port = serving
    with psycopg.connect(fresh_database) as db:
        draft = keys.draft("", "shop", [Scope.WRITE], datetime.now(UTC))
        key = keys.make(db, draft, SECRET)[1]
    enough = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(8) as many:
        said = [many.submit(speak, port, key, f"c{n}", enough) for n in range(8)]
        assert enough.wait(20)
        os.kill(process.pid, signal.SIGKILL)
        acknowledged = set[str]().union(*(each.result() for each in said))
    with psycopg.connect(fresh_database) as db:
        kept = {name for (name,) in db.execute("SELECT message_id FROM event")}
        pending = {name for (name,) in db.execute("SELECT message_id FROM pending")}

    assert len(acknowledged) > 30
    assert acknowledged - kept == set()
    assert kept == pending
