"""Why an automation is stopped, in the reader's words: by whom or by what, and the sentence that was computed then.

Promise: a stop reads the same wherever it is shown, and in the reader's language where it was computed; what
people wrote stays as they wrote it.
"""

from typing import NamedTuple

from terrain.console.phrases import BECAUSE_OF_FLAGS, CAUSES
from terrain.core.breaker import Trip
from terrain.words import say


class Stop(NamedTuple):
    """By whom or what, and why."""

    by: str
    why: str


def said(stopped: Trip, language: str) -> Stop:
    """Return what there is to say of one stop."""
    by = stopped.by or say(language, CAUSES[stopped.cause.value])
    return Stop(by, _why(stopped, language))


def _why(stopped: Trip, language: str) -> str:
    computed = stopped.evidence.get("sentence")
    if isinstance(computed, dict) and computed:
        return str(computed.get(language) or next(iter(computed.values())))
    if stopped.because in BECAUSE_OF_FLAGS:
        return say(language, BECAUSE_OF_FLAGS[stopped.because])
    return stopped.because
