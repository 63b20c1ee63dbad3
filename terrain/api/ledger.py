"""Writes groups of messages into the record, from one thread.

Promise: a message that cannot be taken, whoever's fault that is, does not cost those that came with
it: the group is tried again one by one, and the one to blame goes to the tray. Where nothing at all
can be taken, nothing is acknowledged.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from psycopg_pool import PoolTimeout

from terrain import logs
from terrain.api.faults import write_down
from terrain.api.metrics import Metrics
from terrain.errors import Refusal
from terrain.flow.take_in import Door, Message, Outcome, Result, misfit, take_in
from terrain.flow.wire import RefusedMessage
from terrain.store import trays
from terrain.store.connection import Record
from terrain.store.trays import Misfit

log = logs.get("door")

AWAY = (psycopg.OperationalError, PoolTimeout)


class RecordAway(Refusal):
    """The record does not answer just now; what was sent must be sent again."""

    code = "record_away"
    status = 503


class CannotBeKept(RefusedMessage):
    """Nothing was wrong with it that we know of, and yet it could not be taken."""

    code = "cannot_be_kept"


class Ledger:
    """The record as the door sees it."""

    def __init__(self, record: Record, door: Door, metrics: Metrics) -> None:
        self._record = record
        self._door = door
        self._metrics = metrics
        self._heard: Counter[str] = Counter()
        self._counting = threading.Lock()

    def write(self, messages: list[Message]) -> list[Result]:
        """Keep these messages and commit; say of each what became of it."""
        started = datetime.now(UTC)
        try:
            results = self._written(messages)
        except AWAY as error:
            log.warning("record_away", messages=len(messages), state=_state(error))
            raise RecordAway from None
        self._metrics.group_written(results, (datetime.now(UTC) - started).total_seconds())
        self._count(messages, results)
        return results

    def heard(self) -> Counter[str]:
        """Return how much each source said since this was last asked."""
        with self._counting:
            heard, self._heard = self._heard, Counter()
        return heard

    def doubt(self) -> None:
        """Believe no more whom the door has met: somebody was erased."""
        self._door.known.doubt()

    def keep(self, misfit: Misfit) -> None:
        """Put something into the tray."""
        with self._record.local() as db, db.transaction():
            trays.put(db, [misfit], datetime.now(UTC))

    def _written(self, messages: Sequence[Message]) -> list[Result]:
        try:
            return self._together(messages)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, one must not cost the others
            write_down(error, "door")
            return self._one_by_one(messages, error)

    def _together(self, messages: Sequence[Message]) -> list[Result]:
        known = self._door.known
        try:
            with self._record.conn_for(0) as db, db.transaction():
                results = take_in(db, messages, "", datetime.now(UTC), self._door)
        except BaseException:
            known.rolled_back()
            raise
        known.committed()
        return results

    def _one_by_one(self, messages: Sequence[Message], error: Exception) -> list[Result]:
        results = [self._alone(message) for message in messages]
        if not any(results):
            raise error  # it is not the messages that are to blame
        return [
            result or self._set_aside(message, error)
            for message, result in zip(messages, results, strict=True)
        ]

    def _alone(self, message: Message) -> Result | None:
        try:
            return self._together([message])[0]
        except AWAY:
            raise
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            return self._set_aside(message, error)
        except Exception:  # noqa: BLE001 - the first one was written down
            return None

    def _set_aside(self, message: Message, error: Exception) -> Result:
        refusal = CannotBeKept(value=_state(error))
        self.keep(misfit(message.source, refusal, message.raw))
        return Result(outcome=Outcome.REFUSED, refusal=refusal)

    def _count(self, messages: Sequence[Message], results: Sequence[Result]) -> None:
        spoke = Counter(
            message.source
            for message, result in zip(messages, results, strict=True)
            if result.outcome is not Outcome.REFUSED
        )
        with self._counting:
            self._heard.update(spoke)


def _state(error: Exception) -> str:
    return getattr(error, "sqlstate", None) or type(error).__name__
