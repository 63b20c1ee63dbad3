"""All the way: from the door over the decision to a webhook that was answered, in CPU of all our processes."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg
import urllib3

from benchmarks import shop, stage
from benchmarks.row import Row
from terrain.core.key import Scope
from terrain.flow import keys
from terrain.flow.automations import draft_of
from terrain.flow.catalogue import catalogue_of

SECRET = "a secret of nothing but the benchmarks"  # noqa: S105 - it keeps nothing
ACTION = 'actions:\n  note_order: {url: "http://127.0.0.1:{PORT}/", idempotent: yes, en: Note it, fr: La noter}\n'
AT_ONCE = 100


class Receiver(asyncio.Protocol):
    """Answers every request with 204, as cheaply as can be, so that it takes no CPU from what is measured."""

    answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        self.transport = transport
        self.heard = b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.heard += data
        while b"\r\n\r\n" in self.heard:
            head, _, rest = self.heard.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self.heard = rest[length:]
            type(self).answered += 1
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def measure(*, long: bool) -> list[Row]:
    """Send orders to the door and wait until each has led to an answered webhook."""
    orders = 20_000 if long else 6_000
    with _receiver() as port, stage.database(max_wal_size="2GB") as conninfo:
        _open_shop(conninfo, port)
        with psycopg.connect(conninfo) as db:
            draft = keys.draft("bench", shop.SOURCE, [Scope.WRITE], shop.NOON)
            key = keys.make(db, draft, SECRET)[1]
        each = _cpu_an_order(conninfo, key, orders)
    return [
        Row(
            name="door → record → decision → webhook answered, all CPU (web + worker + PostgreSQL)",
            figure=sum(each) / 1e3,
            unit="ms an event",
            aim=0.7,
            less_is_better=True,
            note=f"web {each[0]:.0f}, worker {each[1]:.0f}, PostgreSQL {each[2]:.0f} µs; batches of 100",
        )
    ]


def _cpu_an_order(conninfo: str, key: str, orders: int) -> list[float]:
    web_port = stage.free_port()
    usual = {
        "TERRAIN_DATABASE_URL": conninfo,
        "TERRAIN_SECRET": SECRET,
        "TERRAIN_LOG_LEVEL": "error",
        "TERRAIN_PORT": str(web_port),
    }
    with stage.process("serve", **usual) as web, stage.process("work", **usual) as worker:
        http = urllib3.PoolManager(headers=urllib3.make_headers(basic_auth=f"{key}:"))
        address = f"http://127.0.0.1:{web_port}"
        stage.wait_for("the door to open", 30, lambda: _answers(http, f"{address}/ready"))
        _post(http, address, range(AT_ONCE))
        stage.wait_for("the first webhooks", 60, lambda: Receiver.answered >= AT_ONCE)
        processes = (web, worker, stage.postgres_of(conninfo))
        before = [stage.cpu_of(one) for one in processes]
        for first in range(AT_ONCE, AT_ONCE + orders, AT_ONCE):
            _post(http, address, range(first, first + AT_ONCE))
        stage.wait_for("the last webhook", 120, lambda: Receiver.answered >= AT_ONCE + orders)
        spent = [stage.cpu_of(one) - was for one, was in zip(processes, before, strict=True)]
    return [1e6 * seconds / orders for seconds in spent]


def _post(http: urllib3.PoolManager, address: str, numbers: range) -> None:
    batch = [msgspec.Raw(shop.order(number, 2_000)) for number in numbers]
    answer = http.request("POST", f"{address}/v1/batch", body=msgspec.json.encode({"batch": batch}))
    assert answer.status == 200, answer.data


def _answers(http: urllib3.PoolManager, address: str) -> bool:
    try:
        return http.request("GET", address, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _open_shop(conninfo: str, port: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.yaml"
        file.write_text(ACTION.replace("{PORT}", str(port)))
        catalogue, problems = catalogue_of(file)
    text = shop.THANKS.replace("{STEP}: order-thanks", "do: note_order")
    draft = draft_of(text.replace("{MORE}", "with: {order: event.order}"), "noted.yaml", catalogue)
    for problem in (*problems, *draft.problems):
        raise problem
    assert draft.automation
    shop.open_shop(conninfo, catalogue, draft.automation)


@contextmanager
def _receiver() -> Iterator[int]:
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(Receiver, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()
