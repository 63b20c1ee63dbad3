"""The stories are graded by what a record counted of them: the same formula, the same worker's count.

What `make up` loads is played once, all eighteen months of it: the filter, the naive shoes and the form stand in it
side by side.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
import pytest

from terrain.config import Settings, read
from terrain.core.breaker import Cause, Trip
from terrain.core.grade import Grade, Letter, graded
from terrain.core.process import Light, SeenActs, SeenNeeds
from terrain.core.quadrant import Corner
from terrain.demo import naive, old_rule, shop
from terrain.demo.days import FASTER_PARCEL, begin
from terrain.demo.grading import with_machines, without_moving
from terrain.demo.life import moment
from terrain.demo.load import Loading, load
from terrain.demo.old_rule import OLD_RULE
from terrain.demo.play import slots
from terrain.demo.reactions import FILTER_REMINDER
from terrain.demo.world import CUSTOMERS, EIGHTEEN_MONTHS, people
from terrain.flow import grading, seeing
from terrain.flow.grade_said import grade_said
from terrain.flow.grading import Graded
from terrain.store import trips
from tests.conftest import _database
from tests.docs.pages import ROOT

OPENED = date(2025, 1, 6)
NOW = moment(OPENED + timedelta(days=EIGHTEEN_MONTHS), 7)
PAGE = (ROOT / "docs" / "why" / "grades.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.slow


class Found(NamedTuple):
    """What stands in the record on the first morning."""

    graded: dict[str, Graded]
    trips: list[Trip]
    decided: int


@pytest.fixture(scope="module")
def demo(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    settings = of_a_shop(tmp_path_factory.mktemp("loaded"))
    with _database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as db:
        load(db, settings, NOW)
        decided = db.execute(
            "SELECT count(*) FROM decision WHERE automation = %s", [OLD_RULE]
        ).fetchone()
        yield Found(
            {each.process.name: each for each in grading.graded_all(db, settings, NOW)},
            trips.of_automation(db, OLD_RULE),
            decided[0] if decided else 0,
        )


def of_a_shop(folder: Path) -> Settings:
    return msgspec.structs.replace(read(), automations=folder / "shop")


def row_of(name: str, grade: Grade) -> str:
    return f"| {name} | {grade.seen} | {grade.points:.1f} | {grade.letter} |"


def test_the_naive_shoes_are_a_d_and_would_be_an_f_unpaid(demo: Found) -> None:
    shoes = demo.graded[OLD_RULE]
    came_back = shoes.seen.came_back

    assert shoes.grade.letter is Letter.D
    assert 45 <= shoes.grade.points < 60
    assert shoes.spot is not None
    assert shoes.spot.corner is Corner.DANGEROUS
    assert came_back.light is Light.RED
    assert came_back.made_good == came_back.hurt > 30
    assert unpaid(shoes).letter is Letter.F
    assert row_of("the shoes, unasked", shoes.grade) in PAGE
    assert row_of("the shoes, unasked, had no money come back", unpaid(shoes)) in PAGE


def unpaid(shoes: Graded) -> Grade:
    came_back = msgspec.structs.replace(shoes.seen.came_back, made_good=0)
    return graded(shoes.process, msgspec.structs.replace(shoes.seen, came_back=came_back))


def test_it_says_what_cost_most_and_what_would_earn_the_next_letter(demo: Found) -> None:
    grade = demo.graded[OLD_RULE].grade

    assert [reason.code for reason in grade.reasons] == ["sure", "no_harm"]
    assert grade.next is not None
    assert grade.next.letter is Letter.C
    assert len(grade_said(grade, "fr")) == len(grade_said(grade, "en")) == 4


def test_nobody_is_served_by_the_old_rule_any_more(demo: Found) -> None:
    """Its acts are those of its own customers: it starts nothing for whoever is asked first."""
    [stopped] = demo.trips
    theirs = old_rule.Tool(shop.house(), OPENED)

    assert (stopped.cause, stopped.resumed_at) == (Cause.METER, None)
    assert (stopped.answered_by, stopped.at) == (old_rule.BY, old_rule.stops_at(OPENED))
    assert demo.decided == len(theirs.done)
    assert row_of("the shoes, asked first", demo.graded[FASTER_PARCEL].grade) in PAGE


def test_the_old_rule_differs_from_asking_first_by_nothing_but_the_asking() -> None:
    careful = shop.house()
    rule = old_rule.automation(careful.catalogue)

    assert rule.steps == naive.unguarded(careful).live[FASTER_PARCEL].steps
    assert rule.bounds == careful.live[FASTER_PARCEL].bounds


def test_the_filter_is_an_a(demo: Found) -> None:
    reminder = demo.graded[FILTER_REMINDER]

    assert reminder.grade.letter is Letter.A
    assert isinstance(reminder.seen, SeenActs)
    assert reminder.seen.acts > 300
    assert all(tried.heeded == tried.used for tried in reminder.seen.controls.values())
    assert row_of("the filter", reminder.grade) in PAGE


def test_the_form_that_is_the_only_way_is_an_f(demo: Found) -> None:
    form = demo.graded["return-form"]

    assert form.grade.letter is Letter.F
    assert isinstance(form.seen, SeenNeeds)
    assert (form.grade.reasons[0].code, form.seen.contained) == ("only_way", form.seen.needs)
    assert form.spot is not None
    assert form.spot.corner is Corner.DANGEROUS
    assert row_of("the form that is the only way back", form.grade) in PAGE


def test_good_advice_costs_and_brings_back(demo: Found) -> None:
    advice = demo.graded["advice"]

    assert advice.spot is not None
    assert advice.spot.corner is Corner.HIGH_TOUCH
    assert advice.brings_back is not None
    assert row_of("good advice, by people", advice.grade) in PAGE


def test_the_filter_whose_date_cannot_be_moved_is_an_a_minus(
    fresh_database: str, tmp_path: Path
) -> None:
    settings = of_a_shop(tmp_path)
    with psycopg.connect(fresh_database, autocommit=True) as db:
        everybody = with_machines(people(OPENED, CUSTOMERS))
        loading = Loading(db, settings, OPENED, [begin(each) for each in everybody])
        held_fast = without_moving(loading.house.live[FILTER_REMINDER])
        loading.change(
            msgspec.structs.replace(held_fast, digest="held fast"), "", moment(OPENED, 0)
        )
        for slot in slots(OPENED, EIGHTEEN_MONTHS):
            loading.go_on(slot)
        db.execute("ANALYZE")
        seeing.count(db, settings, NOW)
        reminder = grading.graded_one(db, settings, FILTER_REMINDER, NOW)

    assert reminder.grade.letter is Letter.A_MINUS
    assert reminder.grade.next is not None
    assert reminder.grade.next.letter is Letter.A
    assert [each.code for each in reminder.grade.next.changes] == ["control.decide_when"]
    assert row_of("the filter, its date cannot be moved", reminder.grade) in PAGE
