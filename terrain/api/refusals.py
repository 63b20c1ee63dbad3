"""A refusal as machines are told: a code to act on, and a sentence in the reader's language."""

from collections.abc import Mapping

import msgspec

from terrain.errors import Refusal
from terrain.words import refusal_sentence


def as_answer(refusal: Refusal, language: str) -> dict[str, object]:
    """Return what is answered to whoever is refused."""
    return {**refusal.as_dict(), "message": refusal_sentence(language, refusal)}


def as_json(refusal: Refusal, language: str) -> bytes:
    return msgspec.json.encode(as_answer(refusal, language))


def headers_of(refusal: Refusal) -> Mapping[str, str]:
    """Return what a library looks for: when to come back, or how to say who it is."""
    if refusal.status == 401:
        return {"WWW-Authenticate": 'Basic realm="terrain"'}
    if refusal.status == 503:
        return {"Retry-After": "1"}
    return {}
