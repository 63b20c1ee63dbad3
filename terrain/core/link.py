"""The links in a message: signed, opaque, and good for one thing.

Promise: a link says only whose page it opens and for which act; nobody can make one, change one or
turn one into another kind, and one that is too old says so. There is no name or address in it.
"""

from __future__ import annotations

import binascii
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec

from terrain.core.identifier import EPOCH, CustomerKey, bucket_of
from terrain.errors import Refusal

LONGEST_TOKEN = 4_000
_SEAL = 16
_BODY = struct.Struct(">BQQQ")  # kind, customer, act, good until (seconds since EPOCH)


class LinkForged(Refusal):
    """Nobody here made this link, or something was changed in it; mail clients cut links in two."""

    code = "link_forged"
    status = 404


class LinkExpired(Refusal):
    """The link was ours, and has been good for long enough."""

    code = "link_expired"
    status = 410


class LinkKind(StrEnum):
    """What a link is good for."""

    PAGE = "page"  # shows the page of one act
    UNSUBSCRIBE = "unsubscribe"  # stops on POST, with one click (RFC 8058)
    CLICK = "click"  # leads on to `to`, and tells us that somebody went there


# Kept for as long as people may find an old message. A way to stop must outlive the wish to use it.
GOOD_FOR = {
    LinkKind.PAGE: timedelta(days=400),
    LinkKind.UNSUBSCRIBE: timedelta(days=5 * 365),
    LinkKind.CLICK: timedelta(days=400),
}
_NUMBERS = {kind: number for number, kind in enumerate(LinkKind, start=1)}
_KINDS = {number: kind for kind, number in _NUMBERS.items()}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link. `customer_id` is where the act's row lives; `to` is where a click leads."""

    kind: LinkKind
    customer_id: int
    act_id: int
    good_until: datetime
    to: str = ""

    @property
    def key(self) -> CustomerKey:
        """Where the rows of this customer live."""
        return CustomerKey(self.bucket, self.customer_id)

    @property
    def bucket(self) -> int:
        return bucket_of(self.customer_id)


def link_to(kind: LinkKind, key: CustomerKey, act_id: int, now: datetime, to: str = "") -> Link:
    """Return a fresh link about this act."""
    until = now.replace(microsecond=0) + GOOD_FOR[kind]
    return Link(kind=kind, customer_id=key.customer_id, act_id=act_id, good_until=until, to=to)


def sign(secret: str, link: Link) -> str:
    """Return the token that stands in the address."""
    seconds = int((link.good_until - EPOCH).total_seconds())
    body = _BODY.pack(_NUMBERS[link.kind], link.customer_id, link.act_id, seconds)
    body += link.to.encode()
    return urlsafe_b64encode(body + _seal(secret, body)).rstrip(b"=").decode()


def read(secret: str, token: str, now: datetime) -> Link:
    """Return what a token says, or refuse one that is not ours or too old."""
    link = _opened(secret, token)
    if link.good_until <= now:
        raise LinkExpired(field="link", right=f"{link.good_until:%Y-%m-%d}")
    return link


def _opened(secret: str, token: str) -> Link:
    sealed = _bytes_of(token)
    body, seal = sealed[:-_SEAL], sealed[-_SEAL:]
    if len(body) < _BODY.size or not hmac.compare_digest(seal, _seal(secret, body)):
        raise LinkForged(field="link")
    number, customer_id, act_id, seconds = _BODY.unpack_from(body)
    return Link(
        kind=_KINDS[number],
        customer_id=customer_id,
        act_id=act_id,
        good_until=EPOCH + timedelta(seconds=seconds),
        to=body[_BODY.size :].decode(),
    )


def _bytes_of(token: str) -> bytes:
    if len(token) > LONGEST_TOKEN:
        raise LinkForged(field="link")
    try:
        sealed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise LinkForged(field="link") from None
    # Base64 has several spellings of the same bytes; only ours is a link.
    if urlsafe_b64encode(sealed).rstrip(b"=").decode() != token:
        raise LinkForged(field="link")
    return sealed


def _seal(secret: str, body: bytes) -> bytes:
    key = hmac.digest(secret.encode(), b"terrain link 1", sha256)
    return hmac.digest(key, body, sha256)[:_SEAL]
