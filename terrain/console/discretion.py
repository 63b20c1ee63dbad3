"""Keeps what opens doors out of what Django logs, as `terrain.logs` does for our own lines.

Promise: Django says which kind of page was refused, never whose.
"""

import logging

from terrain.logs import without_keys

SPEAKING = ("django.request", "django.security.csrf")


class Discretion(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(without_keys, record.args))
        return True


def be_discreet() -> None:
    for name in SPEAKING:
        logging.getLogger(name).addFilter(Discretion())
