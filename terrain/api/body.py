"""The body of a request: read up to a limit, unpacked up to a limit, cut into messages.

Promise: no body takes more memory than its limit, whatever it unpacks to; and one message that
cannot be read never hides the others of its batch.
"""

import re
import zlib
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import msgspec

from terrain.flow.wire import UNREADABLE, RefusedMessage, refusal_of

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MOST_MESSAGES = 10_000
GZIP = 16 + zlib.MAX_WBITS
# A text between quotes, or one of the signs that make the structure. A text that never ends is
# taken to the end of the body and never tried again: a body full of quotes is read once.
TOKEN = re.compile(rb'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}:,]')


class BodyTooLarge(RefusedMessage):
    code = "body_too_large"
    status = 413


class NotGzip(RefusedMessage):
    code = "not_gzip"


class UnknownEncoding(RefusedMessage):
    code = "unknown_encoding"
    status = 415


class EmptyBatch(RefusedMessage):
    code = "empty_batch"


class TooManyMessages(RefusedMessage):
    """More than could ever wait to be written: "try again later" would be a lie."""

    code = "too_many_messages"
    status = 413


class SenderLeft(Exception):
    """The connection was closed before the whole body had come."""


class Batch(msgspec.Struct, frozen=True, rename="camel"):
    """What stands around the messages of a batch."""

    batch: list[msgspec.Raw]
    sent_at: str | None = None
    context: msgspec.Raw = msgspec.Raw()
    write_key: str | None = None


_decode = msgspec.json.Decoder(Batch).decode
_around = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


async def read(receive: Receive, most: int) -> bytes:
    """Return the body as it came, or refuse it as soon as it is longer than that."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _the_rest(body, receive, most)
    elif message["type"] == "http.disconnect":
        raise SenderLeft
    if len(body) > most:
        raise BodyTooLarge(value=f"{len(body)} B", right=f"{most // 1000} KB")
    return body


async def _the_rest(first: bytes, receive: Receive, most: int) -> bytes:
    pieces, size = [first], len(first)
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderLeft
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        more = message.get("more_body", False)
        if size > most:
            raise BodyTooLarge(value=f"> {most} B", right=f"{most // 1000} KB")
    return b"".join(pieces)


def unpacked(body: bytes, encoding: bytes, most: int) -> bytes:
    """Return what was packed; a bomb is refused when its first bytes too many come out."""
    if encoding in (b"", b"identity"):
        return body
    if encoding not in (b"gzip", b"x-gzip"):
        raise UnknownEncoding(field="Content-Encoding", value=encoding, right="gzip")
    unpacking = zlib.decompressobj(GZIP)
    try:
        whole = unpacking.decompress(body, most + 1)
    except zlib.error as error:
        raise NotGzip(value=error) from None
    if len(whole) > most:
        raise BodyTooLarge(value=f"> {most} B", right=f"{most // 1000} KB")
    if not unpacking.eof or unpacking.unused_data:
        raise NotGzip(value=f"{len(body)} B")
    return whole


def cut(body: bytes) -> Batch:
    """Return the messages of a batch, still as bytes."""
    try:
        batch = _decode(body)
    except UNREADABLE as error:
        batch = _cut_by_hand(body, error)
    if not batch.batch:
        raise EmptyBatch(field="batch")
    if len(batch.batch) > MOST_MESSAGES:
        raise TooManyMessages(field="batch", value=len(batch.batch), right=MOST_MESSAGES)
    return batch


def with_context(raw: bytes, context: bytes) -> bytes:
    """Return the message with the batch's context under its own: what it says itself holds."""
    try:
        message = _around(raw)
        said = bytes(message.get("context", b"null"))
        own = {} if said == b"null" else _around(said)
        message["context"] = msgspec.Raw(msgspec.json.encode(_around(context) | own))
    except UNREADABLE:
        return raw  # what is wrong with it is said when it is read
    return msgspec.json.encode(message)


def _cut_by_hand(body: bytes, error: Exception) -> Batch:
    """Cut a batch with a message in it that no decoder gets past.

    Only quotes and brackets are looked at. Where even these do not fit together, the body as a
    whole is refused for its first reason.
    """
    items, rest = _items(body)
    try:
        around = _decode(rest)
    except UNREADABLE:
        raise refusal_of(error) from None
    if not items:
        raise refusal_of(error)
    return msgspec.structs.replace(around, batch=[msgspec.Raw(item) for item in items])


def _items(body: bytes) -> tuple[list[bytes], bytes]:
    """Return the items of the list named "batch", and the body with that list emptied."""
    tokens = TOKEN.finditer(body)
    begin = _begin_of_the_list(tokens)
    items: list[bytes] = []
    depth, start = 0, begin
    for token in tokens:
        sign = token.group()
        if sign in b"]}" and depth == 0:
            last = body[start : token.start()]
            items += [last] if last.strip() else []
            return items, body[:begin] + body[token.start() :]
        if sign == b"," and depth == 0:
            items.append(body[start : token.start()])
            start = token.end()
        depth += (sign in b"[{") - (sign in b"]}")
    return [], body


def _begin_of_the_list(tokens: Iterator[re.Match[bytes]]) -> int:
    """Read up to the bracket that opens the batch, and return the place after it."""
    depth, named = 0, False
    for token in tokens:
        sign = token.group()
        if depth == 1 and sign in (b'"batch"', b":"):
            named = named or sign == b'"batch"'
        elif sign == b"[" and depth == 1 and named:
            return token.end()
        else:
            depth += (sign in b"[{") - (sign in b"]}")
            named = False
    return 0
