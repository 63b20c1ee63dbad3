"""While the record is away everybody is told so, and once it is back nobody waits for as long again."""

import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from benchmarks.decide import ASKED
from terrain.core.key import Scope
from terrain.embedded.server import Server
from terrain.store.connection import Record
from tests.api.conftest import _running

pytestmark = pytest.mark.slow


def test_an_outage_ends_when_the_server_is_back(durable_server: Callable[[], Server]) -> None:
    server = durable_server()
    answers: list[float] = []
    done = threading.Event()

    def ask_over_and_over() -> None:
        while not done.is_set():
            try:
                with record.local() as db:
                    db.execute("SELECT 1")
            except psycopg.OperationalError:
                continue
            answers.append(time.monotonic())

    with Record(server.conninfo).opened() as record:
        asking = threading.Thread(target=ask_over_and_over)
        asking.start()
        try:
            kill(server)
            time.sleep(8)
            server.keep_alive()
            back = time.monotonic()
            while not answers or answers[-1] < back:
                assert time.monotonic() < back + 4
                time.sleep(0.05)
        finally:
            done.set()
            asking.join()


@pytest.mark.parametrize("was_met", [True, False])
def test_who_asks_meanwhile_is_told_to_come_again(
    durable_server: Callable[[], Server], *, was_met: bool
) -> None:
    server = durable_server()
    with _running(server.conninfo) as web:
        key = web.key(Scope.DECIDE)
        if was_met:
            assert web.post("/v1/decide", {}, key).status == 400
        kill(server)

        answer = web.post("/v1/decide", ASKED | {"customer": {"user_id": "lea"}}, key)

    assert web.app.record.closed  # it looks for no record any more once it has ended
    assert (answer.status, answer.json["code"]) == (503, "record_away")
    assert answer.headers["retry-after"] == "1"


def kill(server: Server) -> None:
    assert server.process
    server.process.kill()
    server.process.wait()
