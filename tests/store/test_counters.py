"""What was counted: exact whatever is folded when, and cheap to read after ten years."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from terrain.store import counters
from terrain.store.counters import (
    EVER,
    Count,
    Counted,
    Daily,
    What,
    add,
    by_day,
    by_hour,
    counts,
    fold,
    sums,
)

NOON = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
EVERY_BUCKET = range(256)
SENT = What("filter-reminder", 3, "act.left")
HELD = What("filter-reminder", 3, "decided.hold")


def a_count(ago: timedelta, bucket: int = 7, n: int = 1, what: What = SENT) -> Count:
    (one,) = counts(bucket, NOON - ago, [what])
    return one._replace(n=n)


def rows(db: Connection) -> int:
    (number,) = db.execute("SELECT count(*) FROM counter").fetchone() or (0,)
    return int(number)


def fold_all(db: Connection, most: int = counters.MOST_AT_ONCE) -> None:
    while fold(db, EVERY_BUCKET, NOON, most):
        pass


def test_what_happens_twice_counts_twice(db: Connection) -> None:
    add(db, counts(7, NOON, [SENT, HELD, SENT]))
    add(db, counts(9, NOON, [SENT]))

    assert sums(db, EVER) == [Counted(*SENT, 3), Counted(*HELD, 1)]


def test_nothing_counted_is_nothing_written(db: Connection) -> None:
    add(db, [])

    assert (rows(db), sums(db, EVER)) == (0, [])


def test_one_automation_is_counted_apart_from_the_others_and_by_version(db: Connection) -> None:
    newer = SENT._replace(version=4)
    add(db, counts(7, NOON, [SENT, newer, What("faster-parcel", 1, "act.left")]))

    assert sums(db, EVER, "filter-reminder") == [Counted(*SENT, 1), Counted(*newer, 1)]


def test_what_was_before_is_left_out(db: Connection) -> None:
    add(db, [a_count(timedelta(hours=1)), a_count(timedelta(hours=30), n=5)])

    assert sums(db, NOON - timedelta(days=1)) == [Counted(*SENT, 1)]


def test_hour_by_hour_all_automations_together(db: Connection) -> None:
    other = What("faster-parcel", 1, "decided.hold")
    add(
        db,
        [a_count(timedelta(), what=HELD), a_count(timedelta(), what=other), a_count(timedelta())],
    )

    (hour,) = by_hour(db, EVER, counters.DECIDED)
    assert hour == (datetime(2026, 11, 22, 12, tzinfo=UTC), "decided.hold", 2)


def test_an_hour_begins_at_the_full_hour_of_the_world_not_of_the_shop() -> None:
    half_past_in_calcutta = datetime.fromisoformat("2026-11-22T18:04:00+05:30")

    assert counters.hour_of(half_past_in_calcutta) == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_an_old_hour_of_many_buckets_becomes_one_row(db: Connection) -> None:
    add(db, [a_count(timedelta(hours=5), bucket) for bucket in range(100)])

    assert fold(db, EVERY_BUCKET, NOON) == 100 - 1  # bucket 0 is where the others go
    assert rows(db) == 1
    assert sums(db, NOON - timedelta(hours=6)) == [Counted(*SENT, 100)]


def test_this_hour_is_left_to_those_who_count(db: Connection) -> None:
    add(db, [a_count(timedelta(), bucket) for bucket in range(100)])

    assert fold(db, EVERY_BUCKET, NOON) == 0


def test_a_bounded_part_is_folded_at_a_time(db: Connection) -> None:
    add(db, [a_count(timedelta(hours=5), bucket) for bucket in range(1, 101)])

    assert fold(db, EVERY_BUCKET, NOON, most=30) == 30
    assert sums(db, EVER) == [Counted(*SENT, 100)]


def test_folding_again_changes_nothing(db: Connection) -> None:
    add(db, [a_count(timedelta(days=days), days % 256) for days in range(0, 900, 7)])
    fold_all(db)
    before = db.execute("SELECT * FROM counter ORDER BY hour").fetchall()

    assert fold(db, EVERY_BUCKET, NOON) == 0
    assert db.execute("SELECT * FROM counter ORDER BY hour").fetchall() == before


def test_a_signal_credited_to_an_act_of_last_month_is_folded_with_its_day(db: Connection) -> None:
    add(db, [a_count(timedelta(days=20))])
    fold_all(db)
    add(db, [a_count(timedelta(days=20, hours=-2), bucket=99)])
    fold_all(db)

    assert (rows(db), sums(db, NOON - timedelta(days=21))) == (1, [Counted(*SENT, 2)])


def test_ten_years_are_few_rows(db: Connection) -> None:
    add(db, [a_count(timedelta(days=days), days % 256) for days in range(3650)])
    fold_all(db)

    assert rows(db) <= 402 + 31 + 120
    assert sums(db, EVER) == [Counted(*SENT, 3650)]


@pytest.mark.parametrize("chance", range(12))
def test_folding_never_changes_a_sum_over_whole_days(db: Connection, chance: int) -> None:
    dice = random.Random(chance)  # noqa: S311 - lots for a test
    kinds = [SENT, HELD, What("faster-parcel", 1, "run.started")]
    since = NOON.replace(hour=0, minute=0) - timedelta(days=dice.randint(0, 380))
    for _ in range(6):
        add(db, [
            a_count(
                timedelta(minutes=dice.randint(0, 420 * 24 * 60)),
                dice.randrange(256),
                dice.randint(1, 9),
                dice.choice(kinds),
            )
            for _ in range(60)
        ])  # fmt: skip
        before = sums(db, since), sums(db, EVER)
        fold(db, EVERY_BUCKET, NOON, most=dice.choice((5, 50, 10_000)))
        assert (sums(db, since), sums(db, EVER)) == before


def test_two_who_fold_the_same_hours_at_once_count_nothing_twice(fresh_database: str) -> None:
    import threading  # noqa: PLC0415

    import psycopg  # noqa: PLC0415

    with psycopg.connect(fresh_database, autocommit=True) as db:
        add(db, [a_count(timedelta(days=days), days % 256) for days in range(600)])

        def folds() -> None:
            with psycopg.connect(fresh_database, autocommit=True) as own:
                while fold(own, EVERY_BUCKET, NOON, most=20):
                    pass

        both = [threading.Thread(target=folds) for _ in range(2)]
        for each in both:
            each.start()
        for number in range(50):  # and somebody counts meanwhile
            add(db, [a_count(timedelta(days=number), bucket=99)])
        for each in both:
            each.join()
        fold_all(db)

        assert sums(db, EVER) == [Counted(*SENT, 650)]


# -- day by day, for meters ------------------------------------------------------------------------


def test_days_read_the_same_before_and_after_folding(db: Connection) -> None:
    for hours in (1, 3, 30, 31, 240):
        add(db, [a_count(timedelta(hours=hours), bucket=hours)])
    before = by_day(db, NOON - timedelta(days=60), ["act.left"])
    fold_all(db)

    assert by_day(db, NOON - timedelta(days=60), ["act.left"]) == before
    assert [one.n for one in before] == [1, 2, 2]


def test_days_of_some_automations_and_some_things_alone(db: Connection) -> None:
    add(db, [a_count(timedelta()), a_count(timedelta(), what=HELD)])
    add(db, [a_count(timedelta(), what=SENT._replace(automation="welcome"))])

    found = by_day(db, NOON - timedelta(days=1), ["act.left"], ["welcome"])
    assert found == [Daily("welcome", 3, "act.left", NOON.date(), 1)]
    assert by_day(db, EVER, ["act.left"], []) == []


def test_a_day_is_one_by_the_clock_of_the_counters_whatever_the_session_speaks(
    db: Connection,
) -> None:
    db.execute("SET LOCAL TIME ZONE 'Pacific/Kiritimati'")
    add(db, [a_count(timedelta())])

    (found,) = by_day(db, EVER, ["act.left"])
    assert found.day == NOON.date()


def test_what_was_counted_between_two_moments(db: Connection) -> None:
    for hours in (1, 50, 100):
        add(db, [a_count(timedelta(hours=hours))])

    since, until = NOON - timedelta(hours=60), NOON - timedelta(hours=48)
    found = sums(db, since, SENT.automation, of=["act.left"], until=until)
    assert found == [Counted(*SENT, 1)]
