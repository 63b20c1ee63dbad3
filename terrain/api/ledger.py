"""Writes groups of messages into the record, from one thread.

Promise: a message that the record itself cannot take does not cost those that came with it: the
group is tried again one by one, and the one to blame goes to the tray.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from psycopg_pool import PoolTimeout

from terrain import logs
from terrain.api.metrics import Metrics
from terrain.errors import Refusal
from terrain.flow.take_in import Door, Message, Outcome, Result, misfit, take_in
from terrain.flow.wire import RefusedMessage
from terrain.store import trays
from terrain.store.connection import Record
from terrain.store.trays import Misfit

log = logs.get("door")


class RecordAway(Refusal):
    """The record does not answer just now; what was sent must be sent again."""

    code = "record_away"
    status = 503


class CannotBeKept(RefusedMessage):
    """Nothing was wrong with it that we know of, and yet the record did not take it."""

    code = "cannot_be_kept"


class Ledger:
    """The record as the door sees it."""

    def __init__(self, record: Record, door: Door, metrics: Metrics) -> None:
        self._record = record
        self._door = door
        self._metrics = metrics
        self._heard: Counter[str] = Counter()

    def write(self, messages: list[Message]) -> list[Result]:
        """Keep these messages and commit; say of each what became of it."""
        started = datetime.now(UTC)
        try:
            results = self._together(messages)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            log.warning("group_refused_by_the_record", messages=len(messages), state=error.sqlstate)
            results = [self._alone(message) for message in messages]
        except (psycopg.OperationalError, PoolTimeout):
            log.exception("record_away", messages=len(messages))
            raise RecordAway from None
        self._metrics.group_written(results, (datetime.now(UTC) - started).total_seconds())
        self._count(messages, results)
        return results

    def heard(self) -> Counter[str]:
        """Return how much each source said since this was last asked."""
        heard, self._heard = self._heard, Counter()
        return heard

    def keep(self, misfit: Misfit) -> None:
        """Put something into the tray."""
        with self._record.local() as db, db.transaction():
            trays.put(db, [misfit], datetime.now(UTC))

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

    def _alone(self, message: Message) -> Result:
        try:
            return self._together([message])[0]
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            refusal = CannotBeKept(value=error.sqlstate)
            self.keep(misfit(message.source, refusal, message.raw))
            return Result(outcome=Outcome.REFUSED, refusal=refusal)

    def _count(self, messages: Sequence[Message], results: Sequence[Result]) -> None:
        self._heard.update(
            message.source
            for message, result in zip(messages, results, strict=True)
            if result.outcome is not Outcome.REFUSED
        )
