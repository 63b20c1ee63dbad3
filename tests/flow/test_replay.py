"""A replay in parts comes to the same as one in one piece, and never to half."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core.identifier import BUCKETS
from terrain.core.replay import Past
from terrain.demo import shop, staging
from terrain.demo.days import begin, unfold
from terrain.demo.world import people
from terrain.flow import pasts, replay, trial
from terrain.flow.mapping import find, mapping_of
from terrain.flow.replay import OtherHouse, PartDiffers, PartsMissing, Result, UnknownReplay
from terrain.flow.take_in import Known
from terrain.store import replays
from terrain.store.replays import CLAIM_LASTS, Replay

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HOUSE = shop.house()
PARTS = 4


@pytest.fixture
def past_on_record(db: Connection) -> Connection:
    """Let a dozen people live on the record; nobody has handled what was said of them."""
    for person in people(date(2025, 1, 6), 12):
        told = unfold(begin(person), NOW - timedelta(days=1)).told
        staging.tell(db, told, NOW, Known())
    return db


def part(db: Connection, number: int, parts: int = PARTS) -> Result:
    buckets = replay.buckets_of(number, parts)
    return replay.tell(pasts.of_record(db, buckets, HOUSE, NOW), HOUSE, NOW, number)


def begun(db: Connection, name: str = "last year") -> Replay:
    fingerprint = replay.fingerprint_of(HOUSE)
    return replay.begin(db, Replay(name, PARTS, NOW, NOW, fingerprint))


def test_the_parts_cover_every_bucket_once() -> None:
    covered = [bucket for n in range(1, 8) for bucket in replay.buckets_of(n, 7)]

    assert covered == list(range(BUCKETS))


def test_the_parts_together_are_the_whole(past_on_record: Connection) -> None:
    whole = part(past_on_record, 1, parts=1)

    parts = replay.together(part(past_on_record, n) for n in range(1, PARTS + 1))

    assert (parts.tally, parts.digest) == (whole.tally, whole.digest)
    assert whole.tally.customers == 12
    assert whole.tally.decisions > 10


def test_a_part_told_twice_has_the_same_digest(past_on_record: Connection) -> None:
    assert part(past_on_record, 2) == part(past_on_record, 2)


def test_processes_come_to_what_one_comes_to(past_on_record: Connection) -> None:
    everyone = list(pasts.of_record(past_on_record, range(BUCKETS), HOUSE, NOW))

    def of_buckets(buckets: Sequence[int]) -> list[Past]:
        return pasts.in_buckets(everyone, buckets)

    one, two = (
        replay.together(replay.in_processes(of_buckets, HOUSE, NOW, parts)) for parts in (1, 2)
    )

    assert one == two


def test_half_a_year_is_never_taken_for_a_whole_one(past_on_record: Connection) -> None:
    begun(past_on_record)
    replay.keep(past_on_record, "last year", part(past_on_record, 1), NOW)

    with pytest.raises(PartsMissing):
        replay.merge(past_on_record, "last year")


def test_whoever_joins_takes_a_part_that_nobody_has(past_on_record: Connection) -> None:
    begun(past_on_record)

    taken = [replays.claim(past_on_record, "last year", "here", NOW) for _ in range(PARTS + 1)]

    assert taken == [1, 2, 3, 4, None]


def test_a_part_whose_machine_was_switched_off_is_taken_again(past_on_record: Connection) -> None:
    begun(past_on_record)
    replays.claim(past_on_record, "last year", "here", NOW)

    later = NOW + CLAIM_LASTS + timedelta(seconds=1)

    assert replays.claim(past_on_record, "last year", "there", later) == 1


def test_all_parts_merge_into_the_whole(past_on_record: Connection) -> None:
    begun(past_on_record)
    for number in range(1, PARTS + 1):
        replay.keep(past_on_record, "last year", part(past_on_record, number), NOW)

    merged = replay.merge(past_on_record, "last year")

    assert merged.tally == part(past_on_record, 1, parts=1).tally


def test_a_part_that_came_out_differently_is_told(past_on_record: Connection) -> None:
    begun(past_on_record)
    replay.keep(past_on_record, "last year", part(past_on_record, 1), NOW)

    with pytest.raises(PartDiffers):
        replay.keep(past_on_record, "last year", replace(part(past_on_record, 2), part=1), NOW)


def test_other_files_are_another_replay(past_on_record: Connection) -> None:
    begun(past_on_record)
    other = Replay("last year", PARTS, NOW, NOW, "other files")

    with pytest.raises(OtherHouse):
        replay.begin(past_on_record, other)


def test_a_replay_that_nobody_began_is_unknown(db: Connection) -> None:
    with pytest.raises(UnknownReplay):
        replay.merge(db, "next year")


# -- an archive ---------------------------------------------------------------------------------

HEADING = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"


def a_year_of_tea(folder: Path) -> Path:
    """Somebody who buys the same tea every sixty days."""
    days = [date(2010, 1, 4) + timedelta(days=60 * n) for n in range(5)]
    lines = [
        f"{500 + n},85048,TEA,12,{day} 09:00:00,6.95,13085,United Kingdom\n"
        for n, day in enumerate(days)
    ]
    file = folder / "orders.csv"
    file.write_text(HEADING + "".join(lines))
    return file


def an_archive(folder: Path) -> pasts.Archive:
    mapping, problems = mapping_of(find("online_retail"))
    assert mapping is not None, problems
    return pasts.Archive(file=a_year_of_tea(folder), mapping=mapping)


def test_an_archive_is_told_without_touching_the_record(tmp_path: Path) -> None:
    house = trial.house_of(shop.EXAMPLES / "own-rhythm", read(), {})
    end = datetime(2010, 12, 1, tzinfo=UTC)

    (past,) = pasts.of_archive(an_archive(tmp_path), house)
    told = replay.tell([pasts.with_rhythm(past, end)], house, end)

    assert told.tally.runs == 3
    assert {line.verdict for line in told.tally.lines.values()} == {"hold"}


def test_without_the_assumed_consent_nothing_may_go(tmp_path: Path) -> None:
    house = trial.house_of(shop.EXAMPLES / "own-rhythm", read(), {})
    end = datetime(2010, 12, 1, tzinfo=UTC)

    (past,) = pasts.of_archive(an_archive(tmp_path), house)
    bare = pasts.without_assumed_consent(pasts.with_rhythm(past, end))
    told = replay.tell([bare], house, end)

    assert {line.because for line in told.tally.lines.values()} == {"no_consent"}
