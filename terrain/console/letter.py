"""A caught message taken apart for reading: who, to whom, the words, and its HTML made harmless.

Promise: the HTML that comes out runs nothing, loads nothing and posts nothing; whatever is wrong with a
message, its bytes can be read. Pictures that came along in the letter are shown; none is fetched.
"""

import re
from base64 import b64encode
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

import nh3

LONGEST = 200_000
_SHOWN = re.compile(r'src="cid:([^"]*)"')
SHOWN = (
    "From",
    "To",
    "Reply-To",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
# A letter is laid out by the styles it carries; scripts and forms go with everything in them.
_STYLED = {"style", "align", "width", "height", "bgcolor", "dir", "lang"}
_TAGS = nh3.ALLOWED_TAGS | {"style", "center", "font", "body"}
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "*": _STYLED | {"class"},
    "table": {"border", "cellpadding", "cellspacing", "role"},
    "img": {"alt", "src", "width", "height"},
}


class Letter(NamedTuple):
    """What people read of a message. `html` is empty where there is none."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    source: str


def letter_of(raw: bytes) -> Letter:
    """Take a message apart."""
    message = message_from_bytes(raw, policy=policy.default)
    html = _part(message, "html")
    return Letter(
        headers=[(name, said) for name in SHOWN if (said := _header(message, name))],
        text=_part(message, "plain"),
        html=_with_pictures(harmless(html), message) if html else "",
        source=raw[:LONGEST].decode("utf-8", "replace"),
    )


def harmless(html: str) -> str:
    """Return the HTML without anything that runs, loads or posts."""
    return nh3.clean(
        html[:LONGEST],
        tags=_TAGS,
        clean_content_tags={"script", "noscript", "iframe", "object", "form", "title"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        strip_comments=True,
    )


def _with_pictures(html: str, message: EmailMessage) -> str:
    """Put the pictures that came along where the HTML shows them; what did not come is left out."""
    came = {}
    for part in message.walk():
        if part.get_content_type() == "image/png":
            with suppress(Exception):  # the same as below
                data = b64encode(part.get_content()).decode()
                came[str(part["Content-ID"]).strip("<>")] = f"data:image/png;base64,{data}"
    return _SHOWN.sub(lambda found: f'src="{came.get(found[1], "")}"', html)


def _header(message: EmailMessage, name: str) -> str:
    with suppress(Exception):  # a header that cannot be read stands in the source below
        return " ".join(str(message[name] or "").split())
    return ""


def _part(message: EmailMessage, kind: str) -> str:
    with suppress(Exception):  # the same: the source shows what came
        part = message.get_body(preferencelist=(kind,))
        return str(part.get_content())[:LONGEST] if part else ""
    return ""
