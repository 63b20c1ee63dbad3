"""Keeps what opens doors out of the log: a link of a customer's is their key, an entry the house's.

Promise: Django says which kind of page was refused, never whose.
"""

import logging
import re

SPEAKING = ("django.request", "django.security.csrf")
KEY = re.compile(r"/(my|stop|to|enter|join|password)/[^/\s]+")


class Discretion(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(without_keys, record.args))
        return True


def without_keys(value: object) -> object:
    return KEY.sub(r"/\1/…", value) if isinstance(value, str) else value


def be_discreet() -> None:
    for name in SPEAKING:
        logging.getLogger(name).addFilter(Discretion())
