"""Which signals cannot come in: decided by what is recorded of the mailbox and of those who brought them."""

from datetime import datetime, timedelta

import msgspec
from psycopg import Connection

from terrain.config import Settings, read
from terrain.core.look import Deafness
from terrain.core.signal import Signal
from terrain.flow import feeds
from terrain.flow.mishaps import OURSELVES
from terrain.store import feeds as kept
from terrain.store import signals, sources
from terrain.store.feeds import MAILBOX
from terrain.store.signals import Case
from terrain.store.sources import Source
from tests.oversight import HOUR, MINUTE
from tests.people import NOON

REMINDER = "filter-reminder"
DAY = timedelta(days=1)


def with_a_mailbox() -> Settings:
    return msgspec.structs.replace(read(), imap_url="imap://desk@mail.example.org/")


def deaf(db: Connection, now: datetime = NOON, settings: Settings | None = None) -> set[Signal]:
    found = feeds.deaf(db, settings or read(), [REMINDER], now)
    return {signal for _, signal in found}


def brought(db: Connection, source: str, kind: Signal = Signal.COMPLAINT, act: int = 1) -> None:
    """Let a source have brought one case, and promise to speak every hour; it did at noon."""
    case = Case(
        bucket=1,
        counted=True,
        invited=False,
        version=1,
        customer_id=1,
        act_id=act,
        hour=NOON,
        at=NOON + act * MINUTE,
        learned_at=NOON,
        kind=kind,
        automation=REMINDER,
        source=source,
        message_id="",
    )
    signals.save(db, [case])
    sources.declare(db, Source(name=source, promised=3600.0))
    db.execute("UPDATE source SET last_heard = %s WHERE name = %s", [NOON, source])


# -- the mailbox -----------------------------------------------------------------------------------


def test_without_a_mailbox_nothing_is_missed(db: Connection) -> None:
    kept.down(db, MAILBOX, NOON - DAY)

    assert deaf(db) == set()


def test_a_mailbox_that_was_never_tried_is_not_away(db: Connection) -> None:
    assert deaf(db, settings=with_a_mailbox()) == set()


def test_a_mailbox_is_away_after_ten_minutes(db: Connection) -> None:
    kept.heard(db, MAILBOX, NOON - HOUR)
    kept.down(db, MAILBOX, NOON)

    assert deaf(db, NOON + 9 * MINUTE, with_a_mailbox()) == set()
    assert deaf(db, NOON + 11 * MINUTE, with_a_mailbox()) == set(feeds.BY_MAILBOX)


def test_a_mailbox_into_which_nobody_looks_is_away_too(db: Connection) -> None:
    kept.heard(db, MAILBOX, NOON)

    found = feeds.deaf(db, with_a_mailbox(), [REMINDER], NOON + HOUR)
    assert found[REMINDER, Signal.BOUNCE] == Deafness(NOON, loses=False)


def test_since_when_it_is_away_stays_and_ends_when_it_answers(db: Connection) -> None:
    for minute in range(3):
        kept.down(db, MAILBOX, NOON + minute * MINUTE)
    assert kept.find(db, MAILBOX).down_since == NOON

    kept.heard(db, MAILBOX, NOON + HOUR)
    assert kept.find(db, MAILBOX) == (NOON + HOUR, None)


# -- sources ---------------------------------------------------------------------------------------


def test_a_source_that_speaks_is_heard(db: Connection) -> None:
    brought(db, "support")

    assert deaf(db, NOON + 2 * HOUR) == set()


def test_what_a_silent_source_brings_cannot_come_in(db: Connection) -> None:
    brought(db, "support")

    found = feeds.deaf(db, read(), [REMINDER, "welcome"], NOON + 5 * HOUR)
    assert found == {(REMINDER, Signal.COMPLAINT): Deafness(NOON, loses=True)}


def test_while_one_of_several_speaks_it_can_come_in(db: Connection) -> None:
    brought(db, "support")
    brought(db, "shop", act=2)
    db.execute("UPDATE source SET last_heard = %s WHERE name = 'shop'", [NOON + 5 * HOUR])

    assert deaf(db, NOON + 5 * HOUR) == set()


def test_what_we_say_ourselves_is_no_source(db: Connection) -> None:
    brought(db, "support", Signal.NO_ANSWER)
    brought(db, OURSELVES, Signal.NO_ANSWER, act=2)

    assert deaf(db, NOON + 5 * HOUR) == {Signal.NO_ANSWER}


def test_who_brought_it_long_ago_and_no_more_is_not_waited_for(db: Connection) -> None:
    brought(db, "old-desk")
    for act in range(2, 24):
        brought(db, "new-desk", act=act)
    db.execute("UPDATE source SET last_heard = %s WHERE name = 'new-desk'", [NOON + 5 * HOUR])

    assert deaf(db, NOON + 5 * HOUR) == set()


def test_what_nobody_ever_said_cannot_be_missed(db: Connection) -> None:
    brought(db, "support", Signal.STOP)

    assert Signal.SPAM not in deaf(db, NOON + 5 * HOUR)
