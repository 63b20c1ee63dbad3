"""What a webhook says: the shape of Standard Webhooks, and the same bytes each time it is said again.

Promise: whose act it is, which one, why it was decided (its number) and what was asked for; nothing
of the customer but the one identifier that the receiver knows them by.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec

from terrain.core.act import Act
from terrain.core.customer import Customer
from terrain.core.identifier import made_at

_encode = msgspec.json.Encoder(order="deterministic").encode


def body_of(act: Act, customer: Customer) -> bytes:
    """Return the body, `{"type": ..., "timestamp": ..., "data": {...}}`."""
    return _encode(
        {
            "type": act.content.get("action") or act.name,
            "timestamp": made_at(act.act_id),
            "data": {
                "act_id": str(act.act_id),
                "decision_id": str(act.decision_id),
                "automation": act.automation,
                "step": act.step,
                "customer": _who(act, customer),
                **act.content.get("payload", {}),
            },
        }
    )


def key_of_act(act: Act) -> str:
    """Return the key under which doing it twice counts once."""
    return f"act_{act.act_id}"


def signing_key(secret: str, url: str) -> bytes:
    """Return the key that webhooks to this host are signed with; another host has another."""
    host = urlsplit(url).hostname or ""
    return hmac.digest(secret.encode(), f"terrain webhook 1 {host}".encode(), sha256)


def spoken_key(key: bytes) -> str:
    """Return the key as receivers' libraries take it."""
    return "whsec_" + b64encode(key).decode()


def _who(act: Act, customer: Customer) -> dict[str, str]:
    for node, name in zip(customer.nodes, customer.identifiers, strict=False):
        if node == act.key:
            return {name.kind.value: name.value}
    return {}
