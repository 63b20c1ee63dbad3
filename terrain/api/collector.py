"""The door for what happened: /v1/track, /identify, /page, /screen, /group, /alias, /batch, /import.

Promise: 2xx means committed. One bad message of a batch costs no other; each is answered for.

These addresses are served as plain ASGI, before any routing: this is the hot door.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import anyio.to_thread
import msgspec

from terrain.api import body as bodies
from terrain.api.body import Receive, SenderLeft
from terrain.api.endpoint import Endpoint
from terrain.api.faults import Broken, write_down
from terrain.api.group import GroupCommit
from terrain.api.keyring import Keyring, as_basic
from terrain.api.metrics import Metrics
from terrain.api.refusals import as_answer, as_json, headers_of
from terrain.core.event import CallType
from terrain.core.key import Key, Scope
from terrain.errors import Refusal
from terrain.flow.take_in import Message, Outcome, Result, misfit
from terrain.flow.wire import UNREADABLE, RefusedMessage, Wire
from terrain.store.trays import Misfit
from terrain.words import nearest_language

MOST_BYTES = 500_000
BAD_REQUEST = 400

Request = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class WrongMethod(Refusal):
    code = "wrong_method"
    status = 405


class Call(msgspec.Struct, frozen=True):
    """What one address takes."""

    path: str
    scope: Scope = Scope.WRITE
    call: CallType | None = None
    many: bool = False
    archive: bool = False


class Reply(NamedTuple):
    """What is sent back."""

    status: int
    content: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Doorway(msgspec.Struct, frozen=True):
    """What the door needs of the house behind it."""

    group: GroupCommit
    keyring: Keyring
    metrics: Metrics
    keep: Callable[[Misfit], None]
    language: str


CALLS = (
    *(Call(f"/v1/{call}", call=call) for call in ("track", "identify", "page", "screen", "group")),
    Call("/v1/alias", call="alias"),
    Call("/v1/batch", many=True),
    Call("/v1/import", scope=Scope.IMPORT, many=True, archive=True),
)
# The short names under which browsers' libraries know them.
SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}


class Batch(msgspec.Struct, frozen=True, rename="camel"):
    """Messages, and what is true of all of them."""

    batch: list[Wire]
    sent_at: str | None = None
    context: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """One message was taken, now or before."""

    success: bool
    message_id: str


class ItemAnswer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What became of one message of a batch."""

    outcome: Outcome
    message_id: str = ""
    error: dict[str, Any] | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """What became of each message, in the order in which they came."""

    success: bool
    items: list[ItemAnswer]


ENDPOINTS = tuple(
    Endpoint(
        method="POST",
        path=call.path,
        summary=f"Say what happened: {call.path.removeprefix('/v1/')}",
        scope=call.scope,
        body=Batch if call.many else Wire,
        answers=BatchAnswer if call.many else Answer,
    )
    for call in CALLS
)

PREFLIGHT = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)


class Collector:
    """The door itself."""

    def __init__(self, doorway: Doorway) -> None:
        self._group = doorway.group
        self._keyring = doorway.keyring
        self._metrics = doorway.metrics
        self._keep = doorway.keep
        self._language = doorway.language
        self.calls = {call.path: call for call in CALLS}
        self.calls |= {f"/v1/{short}": self.calls[f"/v1/{call}"] for short, call in SHORT.items()}

    async def __call__(self, scope: Request, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        call = self.calls[scope["path"]]
        headers = dict(scope["headers"])
        if scope["method"] == "OPTIONS":
            return await _send(send, Reply(204, b"", PREFLIGHT))
        reply = await self._reply(call, scope["method"], headers, receive)
        await _send(send, reply)
        return self._metrics.answered(call.path, reply.status, time.perf_counter() - started)

    async def _reply(
        self, call: Call, method: str, headers: dict[bytes, bytes], receive: Receive
    ) -> Reply:
        try:
            _refuse_other_than_post(method, call)
            raw, key = await self._admitted(call, headers, receive)
            messages = await self._messages(raw, headers, call, key)
            results = await self._group.put(messages)
        except SenderLeft:
            return Reply(BAD_REQUEST, b"")
        except Refusal as refusal:
            return self._refused(refusal, headers)
        except Exception as error:  # noqa: BLE001 - a bug: written down whole, and never a 2xx
            write_down(error, call.path)
            return self._refused(Broken(), headers)
        return self._many(results, headers) if call.many else self._one(results[0], headers)

    async def _admitted(
        self, call: Call, headers: dict[bytes, bytes], receive: Receive
    ) -> tuple[bytes, Key]:
        """Return the body and whose it is; a stranger's is not even read."""
        if shown := headers.get(b"authorization"):
            key = await self._keyring.admit(shown, call.scope)
            return await bodies.read(receive, MOST_BYTES), key
        raw = await bodies.read(receive, MOST_BYTES)
        in_body = _key_in(bodies.unpacked(raw, _encoding(headers), MOST_BYTES))
        return raw, await self._keyring.admit(in_body, call.scope)

    async def _messages(
        self, raw: bytes, headers: dict[bytes, bytes], call: Call, key: Key
    ) -> Sequence[Message]:
        try:
            body = bodies.unpacked(raw, _encoding(headers), MOST_BYTES)
            return _cut(body, call, key) if call.many else (_whole(body, call, key),)
        except RefusedMessage as refusal:
            # Nothing in it can be told apart, so it goes to the tray as it came.
            await anyio.to_thread.run_sync(self._keep, misfit(key.source, refusal, raw))
            raise

    def _one(self, result: Result, headers: dict[bytes, bytes]) -> Reply:
        if result.refusal:
            return self._refused(result.refusal, headers)
        return Reply(200, msgspec.json.encode(Answer(success=True, message_id=result.message_id)))

    def _many(self, results: Sequence[Result], headers: dict[bytes, bytes]) -> Reply:
        language = self._language_of(headers)
        items = [_item(result, language) for result in results]
        success = any(result.outcome is not Outcome.REFUSED for result in results)
        # Where nothing at all was taken, the sender's own log should say so.
        return Reply(
            200 if success else BAD_REQUEST,
            msgspec.json.encode(BatchAnswer(success=success, items=items)),
        )

    def _language_of(self, headers: dict[bytes, bytes]) -> str:
        wanted = headers.get(b"accept-language")
        return nearest_language(wanted.decode("latin-1")) if wanted else self._language

    def _refused(self, refusal: Refusal, headers: dict[bytes, bytes]) -> Reply:
        more = tuple(
            (name.lower().encode(), value.encode()) for name, value in headers_of(refusal).items()
        )
        return Reply(refusal.status, as_json(refusal, self._language_of(headers)), more)


class _KeyInBody(msgspec.Struct, rename="camel"):
    write_key: str = ""


_key_in_body = msgspec.json.Decoder(_KeyInBody).decode


def _key_in(raw: bytes) -> bytes:
    """Return the write key that browsers' libraries put into the body."""
    if b'"writeKey"' not in raw:
        return b""
    try:
        return as_basic(_key_in_body(raw).write_key)
    except UNREADABLE:
        return b""


def _refuse_other_than_post(method: str, call: Call) -> None:
    if method != "POST":
        raise WrongMethod(field=call.path, value=method, right="POST")


def _encoding(headers: dict[bytes, bytes]) -> bytes:
    return headers.get(b"content-encoding", b"").lower()


def _whole(raw: bytes, call: Call, key: Key) -> Message:
    return Message(
        raw=raw,
        call=call.call,
        may_report=Scope.SIGNALS in key.scopes,
        source=key.source,
        received_at=datetime.now(UTC),
    )


def _cut(raw: bytes, call: Call, key: Key) -> list[Message]:
    batch = bodies.cut(raw)
    now = datetime.now(UTC)
    around = bytes(batch.context)
    has_context = around not in (b"", b"null")
    return [
        Message(
            raw=bodies.with_context(bytes(item), around) if has_context else bytes(item),
            sent_at=batch.sent_at,
            archive=call.archive,
            may_report=Scope.SIGNALS in key.scopes,
            source=key.source,
            received_at=now,
        )
        for item in batch.batch
    ]


def _item(result: Result, language: str) -> ItemAnswer:
    if result.refusal:
        return ItemAnswer(result.outcome, error=as_answer(result.refusal, language))
    return ItemAnswer(result.outcome, result.message_id)


async def _send(send: Send, reply: Reply) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(reply.content)).encode()),
        (b"access-control-allow-origin", b"*"),
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.content})
