"""The door for mail services: bounces and complaints they tell us of, and mail they pass on whole.

Promise: nothing is believed that is not signed (Standard Webhooks, `TERRAIN_INBOUND_SECRET`), and an
answer of 2xx means that it is in the record. What is told about no act of ours is answered 2xx too,
so that nobody repeats it for ever; it waits in the tray.
"""

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from terrain.api import body as bodies
from terrain.api.endpoint import Endpoint
from terrain.channels.webhook import signature
from terrain.config import Settings, secret_of
from terrain.core import returned
from terrain.core.message import act_behind
from terrain.core.returned import Returned, ReturnedKind
from terrain.errors import Refusal
from terrain.flow import inbound
from terrain.store.connection import Record

PATH = "/v1/inbound/mail"
MOST_BYTES = 1_000_000
SECONDS_OF_TRUST = 300
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")
WHOLE_MAIL = ("message/rfc822", "multipart/report", "text/plain")


class NotSigned(Refusal):
    """Whoever tells us of mail signs it; without the secret, or too late, it is not believed."""

    code = "inbound_not_signed"
    status = 401


class InboundUnreadable(Refusal):
    """It was signed, and is neither a mail nor what we understand of one."""

    code = "inbound_unreadable"
    status = 400


class MailNews(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail service tells of one letter. `message_id` is the one that the letter bore."""

    type: Literal["bounce", "complaint"]
    message_id: str
    permanent: bool = True
    recipient: str = ""
    reason: str = ""


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=PATH,
        summary="Tell of a bounce or a complaint, or pass on a mail (signed by Standard Webhooks)",
        scope=None,
        body=MailNews,
        status=204,
    ),
)


def routes(record: Record, settings: Settings) -> list[Route]:
    """Return the route; it needs the bytes as they came, because those are what was signed."""

    async def take(request: Request) -> Response:
        raw = await bodies.read(request.receive, MOST_BYTES)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        headers = dict(request.headers)
        await anyio.to_thread.run_sync(_take(record, settings, raw, kind, headers))
        return Response(status_code=204)

    return [Route(PATH, take, methods=["POST"])]


def _take(
    record: Record, settings: Settings, raw: bytes, kind: str, headers: dict[str, str]
) -> Callable[[], None]:
    def work() -> None:
        now = datetime.now(UTC)
        check(raw, headers, settings.inbound_secret, now)
        secret = secret_of(settings)
        mail = returned.read(raw, secret) if kind in WHOLE_MAIL else told(raw, secret)
        with record.conn_for(mail.act[0].bucket if mail.act else 0) as db, db.transaction():
            inbound.take(db, mail, raw, secret, now)

    return work


def check(raw: bytes, headers: dict[str, str], secret: str, now: datetime) -> None:
    """Refuse what is not signed with our secret within the last minutes."""
    if not secret:
        raise NotSigned(field="webhook-signature", right="TERRAIN_INBOUND_SECRET")
    shown = {name: headers.get(name, "") for name in SIGNED}
    at = shown["webhook-timestamp"]
    if not at.isdecimal() or abs(int(at) - now.timestamp()) > SECONDS_OF_TRUST:
        raise NotSigned(field="webhook-timestamp", value=at[:20])
    right = signature(_key(secret), shown["webhook-id"], int(at), raw)
    if not any(hmac.compare_digest(right, each) for each in shown["webhook-signature"].split()):
        raise NotSigned(field="webhook-signature", right="Standard Webhooks")


def _key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    return base64.b64decode(text + "=" * (-len(text) % 4))


def told(raw: bytes, secret: str) -> Returned:
    """Return what a service tells in its own words as the mail that it stands for."""
    try:
        news = msgspec.json.decode(raw, type=MailNews)
    except msgspec.DecodeError as error:
        raise InboundUnreadable(value=str(error)) from None
    bounce = news.type == "bounce"
    return Returned(
        kind=ReturnedKind.BOUNCE if bounce else ReturnedKind.COMPLAINT,
        name=news.message_id,
        act=act_behind(secret, f"<{news.message_id.strip().strip('<>')}>"),
        permanent=news.permanent,
        recipient=news.recipient,
        reason=news.reason,
    )
