"""Webhooks out, signed by Standard Webhooks, several on their way at once.

Promise: the receiver can tell that it was us and that it is the same act again (`webhook-id` and
`Idempotency-Key` are the act's own); we never follow it anywhere else, and never wait for it long.
"""

import base64
import hmac
import time
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit

import msgspec

from terrain.channels.wire import Address, Answer, NoAnswerError, NotSentError, Wire
from terrain.core.outbox import How, Result

SECONDS = 10.0
LONGEST_DETAIL = 200
# After a receiver could not be reached, nobody waits for it again for a while: others wait behind.
REST_SECONDS = 15.0
# They say of themselves that they did nothing: too many requests; not available.
NOT_DONE = (425, 429, 503)
PERHAPS_DONE = (408, 500, 502, 504)


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Who is called. `idempotent`: called twice under one key, it does it once."""

    name: str
    url: str
    secret: bytes = b""
    idempotent: bool = False
    seconds: float = SECONDS


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to say to a receiver. `key` stays the same however often it is said."""

    receiver: Receiver
    key: str
    body: bytes
    at: int  # seconds since 1970


class Caller:
    """Calls receivers and keeps the lines to them open."""

    def __init__(self) -> None:
        self._idle: dict[Address, list[Wire]] = {}
        self._rests_until: dict[Address, float] = {}

    def call(self, calls: Sequence[Call]) -> list[Result]:
        """Say all of them, then hear all the answers, in this order."""
        lines = [self._ask(call) for call in calls]
        return [self._hear(call, *line) for call, line in zip(calls, lines, strict=True)]

    def close(self) -> None:
        for wires in self._idle.values():
            for wire in wires:
                wire.close()
        self._idle.clear()

    def _ask(self, call: Call) -> tuple[Wire | None, float, str]:
        """Return the line on which the answer will come; without one, why nothing could be said."""
        now = time.monotonic()
        deadline = now + call.receiver.seconds
        parts = urlsplit(call.receiver.url)
        address = address_of(parts)
        if now < self._rests_until.get(address, 0.0):
            return None, deadline, "rests"
        idle = self._idle.setdefault(address, [])
        wire = idle.pop() if idle else Wire(address)
        try:
            wire.ask(_request(call, parts), deadline)
        except NotSentError as error:
            self._rests_until[address] = time.monotonic() + REST_SECONDS
            return None, deadline, str(error)
        return wire, deadline, ""

    def _hear(self, call: Call, wire: Wire | None, deadline: float, why: str) -> Result:
        if wire is None:
            return Result(how=How.NOT_YET, because="receiver_not_reached", detail=why)
        try:
            return _understood(wire.hear(deadline))
        except NoAnswerError as error:
            return Result(how=How.UNKNOWN, because="receiver_did_not_answer", detail=str(error))
        finally:
            self._idle[address_of(urlsplit(call.receiver.url))].append(wire)


def signature(secret: bytes, key: str, at: int, body: bytes) -> str:
    """Return the signature of Standard Webhooks, version 1."""
    said = f"{key}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, said, sha256)).decode()


def address_of(parts: SplitResult) -> Address:
    secure = parts.scheme == "https"
    return Address(parts.hostname or "", parts.port or (443 if secure else 80), secure)


def _request(call: Call, parts: SplitResult) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    signed = signature(call.receiver.secret, call.key, call.at, call.body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(call.body)}\r\n"
        f"User-Agent: Terrain\r\nIdempotency-Key: {call.key}\r\n"
        f"webhook-id: {call.key}\r\nwebhook-timestamp: {call.at}\r\n"
        f"webhook-signature: {signed}\r\n\r\n"
    )
    return head.encode("ascii") + call.body


def _understood(answer: Answer) -> Result:
    """Return what an answer means for the act; a body may say why, and is cut short."""
    status = answer.status
    detail = f"{status} {answer.body[:LONGEST_DETAIL].decode('utf-8', 'replace')}".strip()
    if 200 <= status < 300:
        return Result(how=How.LEFT)
    if status in NOT_DONE:
        wait = answer.headers.get("retry-after", "")
        after = timedelta(seconds=min(int(wait), 86_400)) if wait.isdecimal() else None
        return Result(how=How.NOT_YET, because="receiver_is_busy", detail=detail, again_after=after)
    if status in PERHAPS_DONE or status > 504:
        return Result(how=How.UNKNOWN, because="receiver_failed", detail=detail)
    because = "receiver_redirected" if status < 400 else "receiver_refused"
    return Result(how=How.REFUSED, because=because, detail=detail)
