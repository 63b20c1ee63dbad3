"""The local mail sink: a real SMTP server that takes everything and lets nothing leave.

Promise: while no mail server is set, a newcomer sees every message, and no customer gets one.
`terrain up` runs it as a process of its own: `python -m terrain.channels.sink`.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from terrain import logs
from terrain.config import Settings, read
from terrain.store import caught_mail
from terrain.store.caught_mail import Caught
from terrain.store.connection import Record, connect

LARGEST = 2_000_000
LONGEST_HEADER = 500

Keep = Callable[[list[Caught]], None]


class Sink:
    """Takes every message and hands it to `keep`, whose word is given before the server's own."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._last = 0

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        now = datetime.now(UTC)
        # In the order of arrival, also within one microsecond.
        self._last = max(self._last + 1, int(now.timestamp() * 1_000_000))
        caught = caught_from(envelope, self._last, now)
        await asyncio.to_thread(self._keep, [caught])
        return "250 2.0.0 Kept; nothing leaves this machine"


def caught_from(envelope: Envelope, number: int, at: datetime) -> Caught:
    """Return what arrived as it is kept; headers that cannot be read are left empty."""
    raw = envelope.original_content or b""
    read_as = message_from_bytes(raw, policy=policy.default)
    return Caught(
        caught_id=number,
        at=at,
        sender=str(envelope.mail_from or ""),
        recipient=", ".join(map(str, envelope.rcpt_tos)),
        subject=_header(read_as, "Subject"),
        message_id=_header(read_as, "Message-ID"),
        raw=raw,
    )


async def serve(keep: Keep, host: str, port: int) -> asyncio.Server:
    """Start the server; it runs until it is closed."""
    loop, sink = asyncio.get_running_loop(), Sink(keep)
    return await loop.create_server(
        lambda: SMTP(sink, data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="Terrain sink"),
        host,
        port,
    )


def keep_in(record: Record) -> Keep:
    """Return what keeps messages in the record."""

    def keep(mail: list[Caught]) -> None:
        with record.local() as db, db.transaction():
            caught_mail.keep(db, mail)

    return keep


def run(settings: Settings) -> None:
    """Catch mail until told to stop."""
    with connect(settings) as record:
        asyncio.run(_until_told(keep_in(record), settings.sink_port))


async def _until_told(keep: Keep, port: int) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    server = await serve(keep, "127.0.0.1", port)
    logs.get("sink").info("started", port=port)
    await stop.wait()
    server.close()
    await server.wait_closed()


def _header(message: EmailMessage, name: str) -> str:
    with contextlib.suppress(Exception):  # whatever is wrong with it, the message itself is kept
        return " ".join(str(message[name] or "").split())[:LONGEST_HEADER].replace("\0", "")
    return ""


if __name__ == "__main__":
    given = read()
    logs.configure(given)
    run(given)
