"""The few files a page is dressed in, served by ourselves under an address that changes with them.

Promise: nothing comes from a third party, and a browser asks for each version of a file once.
"""

import gzip
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.urls import reverse

FOLDER = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
}
# What is text is sent packed. It is the same for everybody, so its length gives no secret away.
PACKED = {".css", ".svg", ".js"}


@cache
def files() -> dict[str, bytes]:
    """Return every file of the folder; what is not in it cannot be asked for."""
    return {each.name: each.read_bytes() for each in FOLDER.iterdir() if each.suffix in KINDS}


@cache
def packed(name: str) -> bytes | None:
    """Return the file as gzip, where that makes it smaller."""
    if Path(name).suffix not in PACKED:
        return None
    return gzip.compress(files()[name], compresslevel=9, mtime=0)


@cache
def mark() -> str:
    """Return a word that changes whenever one of the files does: they refer to one another."""
    whole = blake2b(digest_size=6)
    for name in sorted(files()):
        whole.update(name.encode() + files()[name])
    return whole.hexdigest()


def address(name: str) -> str:
    found: str = reverse("asset", kwargs={"mark": mark(), "name": name})
    return found
