"""The log: one line a happening, for a person on a terminal or a machine that collects.

Promise: it holds ids, never names, addresses or text.

    log = logs.get("worker")
    log.info("batch_done", events=312, seconds=0.07)
"""

import logging
import re
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict

from terrain.config import Settings

# What nobody may log. A test finds lines that try; what it cannot see is left out here.
FORBIDDEN = frozenset({"email", "e_mail", "phone", "name", "address", "text", "body", "subject"})
# Of an address, the part that opens a door: a link of a customer's is their key, an entry the house's.
KEY = re.compile(r"/(my|stop|to|enter|join|password|address)/[^/\s]+")
# How much of a library's trouble is written: the innermost places.
LAST_PLACES = 12


def configure(settings: Settings) -> None:
    """Say once, at the start of a process, how and how much is logged."""
    human = settings.log_format == "human" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            leave_out_personal_data,
            say_where_it_broke,
            structlog.dev.ConsoleRenderer()
            if human
            else structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    # What libraries say (uvicorn, Django) is written from warnings on, less the words of errors.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutWords("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def get(part: str) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=part)
    return logger


def trace_of(error: BaseException) -> list[str]:
    """Return the kinds of error and the places, without the words, which may hold data."""
    chain: list[str] = []
    at: BaseException | None = error
    while at is not None:
        places = traceback.extract_tb(at.__traceback__)
        here = [f"{each.filename}:{each.lineno} {each.name}" for each in places]
        chain = [*here, f"{type(at).__module__}.{type(at).__qualname__}", *chain]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return chain


def leave_out_personal_data(_logger: object, _method: str, line: EventDict) -> EventDict:
    return {
        key: "left out" if key in FORBIDDEN else without_keys(value) for key, value in line.items()
    }


def without_keys(value: object) -> object:
    """Return an address less what opens a door, and anything else as it is."""
    return KEY.sub(r"/\1/…", value) if isinstance(value, str) else value


def say_where_it_broke(_logger: object, _method: str, line: EventDict) -> EventDict:
    told = line.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else sys.exception() if told else None
    if error is not None:
        line["trace"] = trace_of(error)
    return line


class WithoutWords(logging.Formatter):
    """Writes what a library logs, with the places of an error but not its words."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return "\n".join(f"    {place}" for place in trace_of(ei[1])[-LAST_PLACES:])
