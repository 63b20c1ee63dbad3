"""Looks into the mailbox in which bounces and replies arrive.

Promise: a mail is marked as seen only after what it says is in the record; seen twice, it counts once.
"""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import SplitResult, unquote, urlsplit

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted, MailMessage, MailMessageFlags
from imap_tools.errors import ImapToolsError

from terrain import logs
from terrain.config import Settings, secret_of
from terrain.core import returned
from terrain.flow import inbound
from terrain.store import feeds
from terrain.store.connection import Record

SECONDS = 30.0
MOST = 50
PORTS = {"imap": 143, "imaps": 993}
INBOX = "INBOX"

log = logs.get("mailbox")


class Raw(MailMessage):
    """A mail that keeps the bytes it came as."""

    def __init__(self, fetched: list[object]) -> None:
        super().__init__(fetched)
        self.raw: bytes = self._get_message_data_parts(fetched)[0]


def listen(record: Record, settings: Settings, now: datetime) -> int:
    """Take in what arrived since the last time; return how many mails that were."""
    if not settings.imap_url:
        return 0
    try:
        with _opened(urlsplit(settings.imap_url)) as mailbox:
            taken = sum(_taken(record, settings, mailbox, now))
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        # It stays unseen over there, and is read once the mailbox answers again.
        log.warning("mailbox_unreachable", kind=type(error).__name__)
        with record.local() as db:
            feeds.down(db, feeds.MAILBOX, now)
        return 0
    with record.local() as db:
        feeds.heard(db, feeds.MAILBOX, now)
    return taken


def _taken(
    record: Record, settings: Settings, mailbox: BaseMailBox, now: datetime
) -> Iterator[int]:
    secret = secret_of(settings)
    for mail in mailbox.fetch(AND(seen=False), mark_seen=False, limit=MOST):
        if not isinstance(mail, Raw) or not mail.uid:
            continue
        read = returned.read(mail.raw, secret)
        with record.conn_for(read.act[0].bucket if read.act else 0) as db, db.transaction():
            inbound.take(db, read, mail.raw, secret, now)
        mailbox.flag([mail.uid], [MailMessageFlags.SEEN], value=True)
        log.info("mail_taken", kind=read.kind.value)
        yield 1


@contextmanager
def _opened(url: SplitResult) -> Iterator[BaseMailBox]:
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    mailbox = (
        MailBox(host, port, timeout=SECONDS, ssl_context=ssl.create_default_context())
        if url.scheme == "imaps"
        else MailBoxUnencrypted(host, port, timeout=SECONDS)
    )
    mailbox.email_message_class = Raw  # type: ignore[assignment] # typed as the base class itself
    folder = unquote(url.path).strip("/") or INBOX
    with mailbox.login(unquote(url.username or ""), unquote(url.password or ""), folder):
        yield mailbox
