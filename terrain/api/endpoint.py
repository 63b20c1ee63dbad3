"""One door for machines: the address, who may knock, what is said, what is answered.

Promise: a row of an ENDPOINTS table is all there is to say; `api/app.py` mounts it and
`api/openapi.py` describes it from the same row, so neither can be forgotten.

The function behind an endpoint never sees a request. It gets a connection inside a transaction
and what was `Asked`, and returns a Struct; it says no with a Refusal.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from psycopg import Connection

from terrain.core.key import Key, Scope

Body = TypeVar("Body")


class Asked(msgspec.Struct, Generic[Body], frozen=True, kw_only=True):
    """What a machine asked: the decoded body, the gaps of the path, the query, whose key, when.

    `body` is None for an endpoint that takes none, `key` for one that is open to all.
    """

    body: Body
    now: datetime
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    key: Key | None = None
    language: str = "en"

    @property
    def source(self) -> str:
        """As whom whoever asks speaks, by their key; nobody in particular without one."""
        return self.key.source if self.key else ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table. Without `answer` it is served elsewhere and only described here."""

    method: str
    path: str
    summary: str
    answer: Callable[[Connection, Asked[Any]], object] | None = None
    scope: Scope | None
    body: Any = None
    answers: Any = None
    status: int = 200
