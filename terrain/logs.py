"""The log: one line a happening, for a person on a terminal or a machine that collects.

Promise: it holds ids, never names, addresses or text.

    log = logs.get("worker")
    log.info("batch_done", events=312, seconds=0.07)
"""

import logging
import sys

import structlog

from terrain.config import Settings

# What nobody may log. A test finds lines that try; what it cannot see is left out here.
FORBIDDEN = frozenset({"email", "e_mail", "phone", "name", "address", "text", "body", "subject"})


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
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer()
            if human
            else structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    # What libraries say (uvicorn, Django) is written as they say it, from warnings on.
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, force=True)


def get(part: str) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=part)
    return logger


def leave_out_personal_data(
    _logger: object, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: "left out" if key in FORBIDDEN else value for key, value in line.items()}
