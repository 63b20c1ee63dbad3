"""Who gets what leaves a besieged Terrain: a real mail server and a real receiver of webhooks.

Both note for which order something came, under which name, and when; a repeat is told by its name. Both
take their time before they answer, as the world does: whoever is killed then does not know whether it arrived.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Collection
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from aiosmtpd.controller import Controller

SECONDS_TO_ANSWER = 0.02


class Arrivals:
    """What came, by order."""

    def __init__(self) -> None:
        self._names: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._guard = threading.Lock()
        self.moments: list[float] = []

    def note(self, order: str, name: str) -> None:
        """Something came for this order, under this name."""
        with self._guard:
            self._names[order][name] += 1
            self.moments.append(time.monotonic())

    def missing(self, orders: Collection[str]) -> set[str]:
        """Return the orders for which nothing came."""
        return set(orders) - self._names.keys()

    @property
    def twice(self) -> int:
        """How many acts happened besides the one that each order was to have."""
        return sum(len(names) - 1 for names in self._names.values())

    @property
    def again(self) -> int:
        """How often the same one came again under its own name, which counts once."""
        return sum(names.total() - len(names) for names in self._names.values())


class Letters:
    """What the mail server does with a letter."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        """Take a letter; its subject ends with the order."""
        letter = message_from_bytes(envelope.content)
        self._arrivals.note(str(letter["Subject"]).split()[-1], str(letter["Message-ID"]))
        await asyncio.sleep(SECONDS_TO_ANSWER)
        return "250 OK"


class Unmoved(ThreadingHTTPServer):
    """Listens, and makes no fuss about callers who are killed while they speak."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the call will come again, and be counted."""


class Receivers:
    """A mail server and a receiver of webhooks, listening."""

    def __init__(self, mail_port: int) -> None:
        self.letters = Arrivals()
        self.calls = Arrivals()
        self.mail_port = mail_port
        self._mail = Controller(Letters(self.letters), hostname="127.0.0.1", port=mail_port)
        self._web = Unmoved(("127.0.0.1", 0), _taking_calls(self.calls))
        self.web_port = self._web.server_port

    def open(self) -> None:
        """Begin to listen."""
        self._mail.start()
        threading.Thread(target=self._web.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._mail.stop()
        self._web.shutdown()
        self._web.server_close()

    @property
    def moments(self) -> list[float]:
        """When anything came, in order."""
        return sorted(self.letters.moments + self.calls.moments)


def _taking_calls(arrivals: Arrivals) -> type[BaseHTTPRequestHandler]:
    class Calls(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            order = str(_found(msgspec.json.decode(body), "order"))
            arrivals.note(order, str(self.headers["webhook-id"]))
            time.sleep(SECONDS_TO_ANSWER)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Calls


def _found(said: Any, name: str) -> Any:
    """Return the first thing of this name in a JSON value, however deep."""
    if not isinstance(said, dict):
        return None
    inside = (found for value in said.values() if (found := _found(value, name)) is not None)
    return said.get(name) or next(inside, None)
