"""Sends the letters of accounts, once the page that asked for one is answered.

Promise: how long a letter takes tells nobody whether there is an account, and keeps nobody waiting.
"""

import threading
from datetime import datetime

from django.conf import settings
from django.db import transaction

from terrain import logs
from terrain.core.message import Letter
from terrain.flow import staff_letters

log = logs.get("console")


def send_later(letter: Letter, staff_id: int, now: datetime) -> None:
    """Send it when what the page did is kept."""

    def send() -> None:
        if not staff_letters.send(letter, settings.TERRAIN, now):
            log.warning("staff_letter_not_sent", staff_id=staff_id)

    transaction.on_commit(lambda: threading.Thread(target=send).start())
