"""When an event happened, by our clock: senders' clocks are wrong, and some of them absurdly so.

Promise: what comes out lies between the first clocks of computers and the moment we heard of it.
"""

from datetime import UTC, datetime, timedelta

from terrain.errors import Refusal

# A clock that was never set says 1 January 1970.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
# Less than this between sending and hearing is the way through the network, not a wrong clock.
TRAVEL = timedelta(seconds=5)
# Nobody tells us what will happen: a little ahead is a slip of the clock, further is a mistake.
SLIP = timedelta(days=1)


class NotATime(Refusal):
    """A time is written as ISO 8601."""

    code = "not_a_time"
    status = 400


class UnbelievableTime(Refusal):
    """Nothing happened before clocks, nor after now."""

    code = "unbelievable_time"
    status = 400


def read_time(field: str, text: str | None) -> datetime | None:
    """Return the moment that is written here; without a zone it is UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotATime(field=field, value=text, right="2026-11-22T08:30:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def happened_at(
    timestamp: datetime | None,
    original: datetime | None,
    sent_at: datetime | None,
    received_at: datetime,
) -> datetime:
    """Return when it happened (UTC).

    Given both `timestamp` and `originalTimestamp`, somebody on the way has corrected it already.
    Else the sender's clock is compared with ours by `sentAt`.
    """
    by_their_clock = timestamp or original
    if by_their_clock is None:
        return received_at
    try:
        moment = by_their_clock.astimezone(UTC)
        if sent_at and not (timestamp and original) and abs(sent_at - received_at) > TRAVEL:
            moment -= sent_at - received_at
    except OverflowError:
        raise _unbelievable(by_their_clock, received_at) from None
    if not EARLIEST <= moment <= received_at + SLIP:
        raise _unbelievable(by_their_clock, received_at)
    return min(moment, received_at)


def _unbelievable(moment: datetime, now: datetime) -> UnbelievableTime:
    return UnbelievableTime(
        field="timestamp",
        value=moment.isoformat(),
        right=f"{EARLIEST:%Y-%m-%d} … {now:%Y-%m-%d}",
    )
