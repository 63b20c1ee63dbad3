"""A real mail server and a real receiver of webhooks, which can be told how to behave."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session


@contextmanager
def where_nobody_listens() -> Iterator[int]:
    """Yield a port at which nobody listens, and nobody else can begin to meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


class PostOffice:
    """An SMTP server. `mail` is what arrived; `answers` what it says next, instead of yes."""

    def __init__(self, *, hears_utf8: bool = True) -> None:
        self.mail: list[bytes] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.connections = 0
        self.answers_to_rcpt: list[str] = []
        self.answers_to_data: list[str] = []
        self.on_mail: Callable[[int], object] = lambda _: None
        self._hears_utf8 = hears_utf8
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(self._loop.create_server(self._greet, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._do(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.mail]

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if self.answers_to_rcpt:
            return self.answers_to_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers_to_data.pop(0) if self.answers_to_data else "250 2.0.0 OK"
        if answer.startswith("250") or answer == "hang up":
            self.mail.append(envelope.original_content or b"")
            self.recipients += map(str, envelope.rcpt_tos)
            self.senders.append(str(envelope.mail_from))
            self.on_mail(len(self.mail))
        if answer == "hang up":
            server.transport.abort()  # type: ignore[union-attr] # it is connected
        return answer

    def _greet(self) -> SMTP:
        self.connections += 1
        return SMTP(self, enable_SMTPUTF8=self._hears_utf8)

    async def _hang_up(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class Heard:
    """One request as it came in."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body


class Receiving:
    """An HTTP server. `heard` is what it was asked; `answers` what it says next, instead of 200."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: list[bytes] = []
        self.on_request: Callable[[int], object] = lambda _: None
        self.connections = 0
        self.hangs_up = False

    def __enter__(self) -> Self:
        receiving = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                receiving.connections += 1

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiving.heard.append(Heard(self.path, headers, self.rfile.read(length)))
                receiving.on_request(len(receiving.heard))
                answer = receiving.answers.pop(0) if receiving.answers else OK
                self.wfile.write(answer)
                self.close_connection = receiving.hangs_up or b"\r\n\r\n" not in answer

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook?from=terrain"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def answer(status: int, more: str = "", body: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()
