"""A letter as the bytes that travel (RFC 5322): headers in ASCII, text and HTML side by side.

Pictures travel with the HTML that shows them (RFC 2387): nothing is fetched from anywhere when it is read.

Promise: no value starts a header of its own, whatever stands in it; and the same letter is the same
bytes but for its date. Signing (DKIM) is left to the company's own mail server, which has the key.

Written out by hand: Python's own message classes fold long addresses into encoded words that mail
clients no longer take for addresses, and need twenty times the CPU.
"""

import base64
import binascii
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from hashlib import sha256

from terrain.core.message import Drawing, Letter
from terrain.errors import Refusal

LONGEST_LINE = 900
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class HeaderBroken(Refusal):
    """A line of the head of a letter holds something that would end it."""

    code = "header_broken"


def as_bytes(letter: Letter, now: datetime) -> bytes:
    """Return the letter as it is given to the mail server."""
    boundary = f"=_{sha256(letter.message_id.encode()).hexdigest()[:24]}"
    head = "".join(_header(name, value) for name, value in _headers(letter, boundary, now) if value)
    plain, html = _text("plain", letter.message.text), _text("html", letter.message.html)
    if letter.drawings:
        html = _with_drawings(html, letter.drawings, f"{boundary}+")
    return head.encode() + b"\r\n" + _parts(boundary, plain, html)


def _headers(letter: Letter, boundary: str, now: datetime) -> list[tuple[str, str]]:
    stop = letter.unsubscribe
    return [
        ("From", _address(letter.sender_name, letter.sender)),
        ("To", _mailbox(letter.to)),
        ("Subject", letter.message.subject),
        ("Date", format_datetime(now)),
        ("Message-ID", letter.message_id),
        ("References", letter.thread),
        ("Reply-To", letter.reply_to),
        ("List-Unsubscribe", f"<{stop}>" if stop else ""),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click" if stop else ""),
        # Other machines do not answer a machine: no holiday replies, no loops.
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", letter.message.language),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]


def _address(name: str, address: str) -> str:
    """Return `Name <address>`; only the name may hold letters outside ASCII."""
    return formataddr((name, address), charset="utf-8") if name else address


def _mailbox(address: str) -> str:
    """Return an address as a header holds it: its domain in ASCII, its local part as it is (RFC 6532)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _header(name: str, value: str) -> str:
    if _CONTROL.search(value):
        raise HeaderBroken(field=name, value=value)
    if name != "To" and not value.isascii():
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    elif len(value) > LONGEST_LINE:
        raise HeaderBroken(field=name, value=value)
    return f"{name}: {value}\r\n"


def _parts(boundary: str, *parts: bytes) -> bytes:
    between = f"--{boundary}\r\n".encode()
    return b"".join(between + part for part in parts) + f"--{boundary}--\r\n".encode()


def _text(kind: str, text: str) -> bytes:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    head = (
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + binascii.b2a_qp(lines.encode(), istext=True) + b"\r\n"


def _with_drawings(html: bytes, drawings: tuple[Drawing, ...], boundary: str) -> bytes:
    head = _header("Content-Type", f'multipart/related; type="text/html"; boundary="{boundary}"')
    parts = _parts(boundary, html, *(_drawing(one) for one in drawings))
    return head.encode() + b"\r\n" + parts


def _drawing(one: Drawing) -> bytes:
    head = "".join(
        _header(name, value)
        for name, value in (
            ("Content-Type", "image/png"),
            ("Content-ID", f"<{one.name}>"),
            ("Content-Disposition", f'inline; filename="{one.name.partition("@")[0]}.png"'),
            ("Content-Transfer-Encoding", "base64"),
        )
    )
    return head.encode() + b"\r\n" + base64.encodebytes(one.png).replace(b"\n", b"\r\n")
