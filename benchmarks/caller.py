"""Somebody who calls the web process, in a process of their own so that they cost it nothing.

`python -m benchmarks.caller`, as `call()` starts it: told as JSON what to ask and how, it answers with what it met.
As fast as it goes: each connection asks again as soon as it is answered. At a rate: each question has its moment,
and is timed from then on, also when those before it are late.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import uvloop

HEAD = "{method} {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Basic {key}\r\n"
OK = 200


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask, over how many connections, and how many a second (0: as many as it goes)."""

    port: int
    path: str
    key: str = ""
    bodies: list[str]
    connections: int
    rate: float = 0.0


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """How it went: seconds in all, milliseconds each in order of length, and what was answered how often."""

    seconds: float
    times: list[float]
    statuses: dict[str, int]

    def percentile(self, share: float) -> float:
        """Return the milliseconds within which this share was answered."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]

    @property
    def a_second(self) -> float:
        """How many were answered with yes in a second."""
        return self.statuses.get(str(OK), 0) / self.seconds


def call(asking: Asking) -> Met:
    """Ask from another process."""
    with NamedTemporaryFile(suffix=".json") as file:
        Path(file.name).write_bytes(msgspec.json.encode(asking))
        command = [sys.executable, "-m", "benchmarks.caller", file.name]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    met = msgspec.json.decode(done.stdout, type=Met)
    assert set(met.statuses) == {str(OK)}, met.statuses
    return met


def main() -> None:
    """Ask what the file says, and write down how it went."""
    asking = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Asking)
    met = at_a_rate(asking) if asking.rate else uvloop.run(as_fast_as_it_goes(asking))
    sys.stdout.buffer.write(msgspec.json.encode(met))


async def as_fast_as_it_goes(asking: Asking) -> Met:
    """Ask again as soon as there is an answer, on every connection."""
    left = iter([_request(asking, body) for body in asking.bodies])
    notes = _Notes()
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(asking.connections)]
    begun = time.perf_counter()
    for end in ends:
        line = _Line(left, notes, end)
        await loop.create_connection(partial(_itself, line), "127.0.0.1", asking.port)
    await asyncio.gather(*ends)
    return notes.met(time.perf_counter() - begun)


def at_a_rate(asking: Asking) -> Met:
    """Ask each at its moment, whether the one before it has been answered or not."""
    notes = _Notes()
    start = time.perf_counter() + 0.2
    lines = [
        threading.Thread(target=_ask_in_turn, args=(asking, line, start, notes))
        for line in range(asking.connections)
    ]
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    return notes.met(time.perf_counter() - start)


@dataclass
class _Notes:
    times: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def note(self, status: str, since: float) -> None:
        self.times.append(1e3 * (time.perf_counter() - since))
        self.statuses[status] += 1

    def met(self, seconds: float) -> Met:
        return Met(seconds=seconds, times=sorted(self.times), statuses=dict(self.statuses))


class _Line(asyncio.Protocol):
    """One connection that stays open."""

    def __init__(self, left: Iterator[bytes], notes: _Notes, end: asyncio.Future[None]) -> None:
        self._left, self._notes, self._end = left, notes, end
        self._heard = b""
        self._asked_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, separator, rest = self._heard.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if separator and len(rest) >= int(length):
            self._heard = b""
            self._notes.note(head.split(maxsplit=2)[1].decode(), self._asked_at)
            self._ask()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._end.done():
            self._notes.statuses["lost"] += 1
            self._end.set_result(None)

    def _ask(self) -> None:
        request = next(self._left, None)
        if request is None:
            self._end.set_result(None)
            self._transport.close()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(request)


def _itself(line: _Line) -> _Line:
    return line


def _ask_in_turn(asking: Asking, line: int, start: float, notes: _Notes) -> None:
    connection = HTTPConnection("127.0.0.1", asking.port, timeout=20)
    headers = {"Authorization": f"Basic {asking.key}"}
    for number in range(line, len(asking.bodies), asking.connections):
        due = start + number / asking.rate
        time.sleep(max(0.0, due - time.perf_counter()))
        body = asking.bodies[number].encode()
        connection.request("POST" if body else "GET", asking.path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        notes.note(str(answer.status), due)
    connection.close()


def _request(asking: Asking, body: str) -> bytes:
    raw = body.encode()
    head = HEAD.format(method="POST" if raw else "GET", path=asking.path, key=asking.key)
    return f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw


if __name__ == "__main__":
    main()
