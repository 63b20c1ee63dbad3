"""An app that shows codes (RFC 6238), as somebody carries it on their phone."""

import base64
import hmac
import struct
import time

HALF_A_MINUTE = 30


def code_of(secret: str, later: int = 0) -> str:
    """Return what the app shows now, or some half minutes later."""
    counter = int(time.time()) // HALF_A_MINUTE + later
    digest = hmac.digest(
        base64.b32decode(secret.replace(" ", "")), struct.pack(">Q", counter), "sha1"
    )
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"
