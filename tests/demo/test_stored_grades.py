"""The stories are graded by what a record counted of them: the same formula, the same worker's count.

Each shop is played into a record of its own, all eighteen months of it.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from terrain.config import Settings, read
from terrain.core.grade import Letter, graded
from terrain.core.process import Light, SeenActs, SeenNeeds
from terrain.core.quadrant import Corner
from terrain.demo import returns, shop, staging, unguarded
from terrain.demo.days import FASTER_PARCEL, begin
from terrain.demo.grading import with_machines, without_moving
from terrain.demo.life import moment
from terrain.demo.load import Loading, until
from terrain.demo.play import slots
from terrain.demo.reactions import FILTER_REMINDER
from terrain.demo.world import CUSTOMERS, EIGHTEEN_MONTHS, SEED, people
from terrain.flow import grading, reference, seeing
from terrain.flow.grading import Graded
from terrain.flow.rules import keep_shipped

OPENED = date(2025, 1, 6)
NOW = moment(OPENED + timedelta(days=EIGHTEEN_MONTHS), 7)

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "shop"
    shop.lay_out(folder, {})
    return msgspec.structs.replace(read(), automations=folder)


@contextmanager
def record(conninfo: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(conninfo, autocommit=True) as db:
        yield db
        db.execute("ANALYZE")


def grades(db: psycopg.Connection, settings: Settings) -> dict[str, Graded]:
    seeing.count(db, settings, NOW)
    return {each.process.name: each for each in grading.graded_all(db, settings, NOW)}


def test_the_naive_shoes_are_a_d_and_would_be_an_f_unpaid(
    fresh_database: str, settings: Settings
) -> None:
    with record(fresh_database) as db:
        with db.transaction():
            keep_shipped(db, moment(OPENED, 0))
            staging.open_shop(db, shop.files(), {}, moment(OPENED, 0))
            house = reference.house(db, settings)
        unguarded.load(db, house, OPENED, people(OPENED, CUSTOMERS))
        naive = grades(db, settings)[FASTER_PARCEL]
    came_back = naive.seen.came_back

    assert naive.grade.letter is Letter.D
    assert 45 <= naive.grade.points < 60
    assert naive.spot is not None
    assert naive.spot.corner is Corner.DANGEROUS
    assert came_back.light is Light.RED
    assert came_back.made_good == came_back.hurt > 30
    unpaid = msgspec.structs.replace(
        naive.seen, came_back=msgspec.structs.replace(came_back, made_good=0)
    )
    assert graded(naive.process, unpaid).letter is Letter.F


def test_the_filter_is_an_a_and_the_form_that_is_the_only_way_an_f(
    fresh_database: str, settings: Settings
) -> None:
    with record(fresh_database) as db:
        loading = Loading(db, settings, OPENED, [begin(each) for each in people(OPENED, CUSTOMERS)])
        elsewhere = deque(returns.told(people(OPENED, CUSTOMERS), SEED))
        for slot in slots(OPENED, EIGHTEEN_MONTHS):
            loading.go_on(slot, list(until(elsewhere, slot)))
        found = grades(db, settings)
    reminder, form, advice = (found[name] for name in (FILTER_REMINDER, "return-form", "advice"))

    assert reminder.grade.letter is Letter.A
    assert isinstance(reminder.seen, SeenActs)
    assert reminder.seen.acts > 300
    assert all(tried.heeded == tried.used for tried in reminder.seen.controls.values())
    assert form.grade.letter is Letter.F
    assert isinstance(form.seen, SeenNeeds)
    assert (form.grade.reasons[0].code, form.seen.contained) == ("only_way", form.seen.needs)
    assert form.spot is not None
    assert form.spot.corner is Corner.DANGEROUS
    assert advice.spot is not None
    assert advice.spot.corner is Corner.HIGH_TOUCH
    assert advice.brings_back is not None


def test_the_filter_whose_date_cannot_be_moved_is_an_a_minus(
    fresh_database: str, settings: Settings
) -> None:
    with record(fresh_database) as db:
        everybody = with_machines(people(OPENED, CUSTOMERS))
        loading = Loading(db, settings, OPENED, [begin(each) for each in everybody])
        held_fast = without_moving(loading.house.live[FILTER_REMINDER])
        loading.change(
            msgspec.structs.replace(held_fast, digest="held fast"), "", moment(OPENED, 0)
        )
        for slot in slots(OPENED, EIGHTEEN_MONTHS):
            loading.go_on(slot)
        reminder = grades(db, settings)[FILTER_REMINDER]

    assert reminder.grade.letter is Letter.A_MINUS
    assert reminder.grade.next is not None
    assert reminder.grade.next.letter is Letter.A
    assert [each.code for each in reminder.grade.next.changes] == ["control.decide_when"]
