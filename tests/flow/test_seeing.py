"""What was seen of each process is counted in the record, a month at a time, and twice is as good as once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from terrain.config import Settings, read
from terrain.core.act import ActKind
from terrain.core.grade import Letter
from terrain.core.identifier import CustomerKey
from terrain.core.process import SeenActs, SeenNeeds
from terrain.flow import grading, seeing
from terrain.flow.grading import Graded, UnknownProcess
from terrain.store import automations, processes
from tests.journeys import examples
from tests.returns import DAY, HOUR, Returns

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LATER = NOON + 10 * DAY
MARCH = date(2026, 3, 1)
NAME = "filter-reminder"
FORM = """
processes:
  return-form:
    what: {en: Send shoes back., fr: Renvoyer des chaussures.}
    served: self_service
    owner: camille@example.org
    benefit: useful
    only_way: yes
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "processes.yaml").write_text(FORM)
    return msgspec.structs.replace(read(), automations=tmp_path)


@pytest.fixture
def shop(db: Connection) -> Returns:
    automations.add_version(db, examples()[NAME], "", NOON - 90 * DAY)
    return Returns(db, NOON)


def remind(shop: Returns, key: CustomerKey, **said: object) -> int:
    return shop.sends(key, automation=NAME, **said).act_id


def counted(shop: Returns, settings: Settings, now: datetime = LATER) -> dict[str, float]:
    seeing.count(shop.db, settings, now)
    rows = processes.months(shop.db, date(2024, 1, 1), NAME)
    return dict(next((row.counts for row in rows if row.month == MARCH), {}))


def graded(shop: Returns, settings: Settings, name: str, now: datetime = LATER) -> Graded:
    seeing.count(shop.db, settings, now)
    return grading.graded_one(shop.db, settings, name, now)


# -- acts ------------------------------------------------------------------------------------------


def test_an_act_that_left_is_seen(shop: Returns, settings: Settings) -> None:
    lea = shop.customer()
    remind(shop, lea)
    shop.decides(lea, automation=NAME)  # this one still waits

    assert counted(shop, settings)["acts"] == 1


def test_what_came_back_is_counted_with_it(shop: Returns, settings: Settings) -> None:
    lea = shop.customer()
    act = remind(shop, lea)
    shop.now += HOUR
    shop.hears("lea", "message.clicked", act_id=str(act))
    shop.hears("lea", "automation.stopped", automation=NAME)

    found = counted(shop, settings)

    assert (found["useful"], found["signal.stop"], found["hurt"]) == (1, 1, 1)
    assert (found["stop.used"], found["stop.heeded"]) == (1, 1)


def test_acts_of_others_are_not_counted(shop: Returns, settings: Settings) -> None:
    shop.sends(shop.customer(), automation="another")

    assert "acts" not in counted(shop, settings)


def test_a_question_and_the_act_after_it_are_one(shop: Returns, settings: Settings) -> None:
    lea = shop.customer()
    remind(shop, lea, run_id=7, kind=ActKind.ASK)
    shop.now += HOUR
    remind(shop, lea, run_id=7)

    assert counted(shop, settings)["acts"] == 1


def test_counted_twice_is_counted_once(shop: Returns, settings: Settings) -> None:
    remind(shop, shop.customer())

    first = counted(shop, settings)

    assert counted(shop, settings, LATER + 2 * HOUR) == first


def test_what_comes_late_is_counted_the_next_time(shop: Returns, settings: Settings) -> None:
    act = remind(shop, shop.customer())
    assert "useful" not in counted(shop, settings, NOON + HOUR)
    shop.now = NOON + 3 * HOUR
    shop.hears("lea", "help.judged", act_id=str(act), helped=True)

    assert counted(shop, settings, NOON + 4 * HOUR)["useful"] == 1


def test_within_the_hour_nothing_is_read_again(shop: Returns, settings: Settings) -> None:
    counted(shop, settings)

    assert seeing.count(shop.db, settings, LATER + timedelta(minutes=30)) == 0


def test_a_month_of_long_ago_is_never_read_again(shop: Returns, settings: Settings) -> None:
    counted(shop, settings, NOON + 65 * DAY)

    again = [month for _, month in seeing.due(shop.db, settings, NOON + 66 * DAY)]

    assert MARCH not in again
    assert date(2026, 5, 1) in again


def test_a_count_by_a_clock_that_was_ahead_is_made_again(shop: Returns, settings: Settings) -> None:
    counted(shop, settings, LATER + 400 * DAY)

    assert MARCH in [month for _, month in seeing.due(shop.db, settings, LATER)]


def test_page_by_page_comes_to_the_same(
    shop: Returns, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lea", "omar", "ada", "ines", "hugo"):
        remind(shop, shop.customer(name))
    monkeypatch.setattr(seeing, "PAGE", 2)

    assert counted(shop, settings)["acts"] == 5


def test_a_count_that_was_broken_off_goes_on_where_it_was(
    shop: Returns, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lea", "omar", "ada", "ines", "hugo"):
        remind(shop, shop.customer(name))
    monkeypatch.setattr(seeing, "PAGE", 2)
    for broken_off_after in (1, 2, 1):
        seeing.count(shop.db, settings, LATER, stops_after(broken_off_after))

    assert counted(shop, settings)["acts"] == 5


def test_a_month_is_shown_whole_or_not_at_all(
    shop: Returns, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lea", "omar", "ada"):
        remind(shop, shop.customer(name))
    monkeypatch.setattr(seeing, "PAGE", 2)

    seeing.count(shop.db, settings, LATER, stops_after(1))

    assert processes.months(shop.db, MARCH, NAME) == []


def stops_after(pages: int) -> Callable[[], bool]:
    left = iter([True] * pages)
    return lambda: next(left, False)


# -- needs that others serve -----------------------------------------------------------------------


def test_a_form_tells_of_its_needs(shop: Returns, settings: Settings) -> None:
    shop.customer()
    shop.hears("lea", "need.served", process="return-form", need="R-1", outcome="done", minutes=4)
    shop.hears("lea", "need.served", process="return-form", need="R-2", outcome="dead_end")

    found = graded(shop, settings, "return-form").seen

    assert isinstance(found, SeenNeeds)
    assert (found.needs, found.quiet, found.dead_ends, found.effort.waited) == (2, 1, 1, 4)


def test_who_comes_back_about_it_was_not_helped(shop: Returns, settings: Settings) -> None:
    shop.customer()
    for _ in range(2):
        shop.hears("lea", "need.served", process="return-form", need="R-1", outcome="done")
        shop.now += DAY

    found = graded(shop, settings, "return-form").seen

    assert isinstance(found, SeenNeeds)
    assert (found.needs, found.resolved, found.repeated) == (1, 0, 1)


def test_this_week_is_not_judged_yet(shop: Returns, settings: Settings) -> None:
    shop.customer()
    shop.hears("lea", "need.served", process="return-form", outcome="done")

    assert graded(shop, settings, "return-form", NOON + 6 * DAY).seen.seen == 0
    assert graded(shop, settings, "return-form", NOON + 8 * DAY).seen.seen == 1


def test_a_complaint_that_names_the_form_is_its_harm(shop: Returns, settings: Settings) -> None:
    shop.customer()
    shop.hears("lea", "need.served", process="return-form", need="R-1", outcome="gave_up")
    shop.now += HOUR
    shop.hears("lea", "complaint.opened", process="return-form", complaint_id="K-1")

    assert graded(shop, settings, "return-form").seen.came_back.hurt == 1


def test_a_complaint_before_any_need_is_nobodys(shop: Returns, settings: Settings) -> None:
    shop.customer()
    shop.hears("lea", "complaint.opened", process="return-form", complaint_id="K-1")

    assert graded(shop, settings, "return-form").seen.seen == 0


@pytest.mark.parametrize("said", [{}, {"process": 7.5}, {"process": ["x"]}, {"process": "unknown"}])
def test_needs_of_nobody_known_disturb_nobody(
    shop: Returns, settings: Settings, said: dict[str, Any]
) -> None:
    shop.customer()
    shop.hears("lea", "need.served", outcome="done", **said)

    assert graded(shop, settings, "return-form").seen.seen == 0


# -- grades ----------------------------------------------------------------------------------------


def test_fewer_than_fifty_have_no_letter_and_a_place(shop: Returns, settings: Settings) -> None:
    remind(shop, shop.customer())

    found = graded(shop, settings, NAME)

    assert found.grade.letter is None
    assert found.spot is not None
    assert isinstance(found.seen, SeenActs)


def test_what_was_never_seen_stands_nowhere_and_last(shop: Returns, settings: Settings) -> None:
    remind(shop, shop.customer())
    seeing.count(shop.db, settings, LATER)

    names = [each.process.name for each in grading.graded_all(shop.db, settings, LATER)]

    assert names == [NAME, "return-form"]
    assert graded(shop, settings, "return-form").spot is None


def test_the_dangerous_corner_comes_first(shop: Returns, settings: Settings) -> None:
    month(shop, NAME, MARCH, {"acts": 100, "useful": 90, "sure": 100, "person.offered": 100})
    month(
        shop,
        "return-form",
        MARCH,
        {"needs": 100, "quiet": 70, "dead_ends": 30, "effort.waited": 2_000},
    )

    found = grading.graded_all(shop.db, settings, LATER)

    assert [each.process.name for each in found] == ["return-form", NAME]
    assert found[0].grade.letter is Letter.F


def test_a_year_is_graded_and_not_what_was_before(shop: Returns, settings: Settings) -> None:
    month(shop, NAME, date(2025, 3, 1), {"acts": 100})
    month(shop, NAME, date(2025, 4, 1), {"acts": 7})

    assert grading.graded_one(shop.db, settings, NAME, LATER).seen.seen == 7


def test_the_tail_has_a_spot_for_each_month_that_is_over(shop: Returns, settings: Settings) -> None:
    for number in (1, 2, 3):
        month(shop, NAME, date(2026, number, 1), {"acts": 20, "useful": 10})
    month(shop, NAME, date(2025, 12, 1), {"acts": 3})

    found = grading.graded_one(shop.db, settings, NAME, LATER)

    assert found.months == (date(2026, 1, 1), date(2026, 2, 1))
    assert len(found.tail) == 2


def test_drifting_towards_the_dangerous_corner_is_said_before(
    shop: Returns, settings: Settings
) -> None:
    for place, useful in enumerate((40, 38, 35, 33, 31, 29, 26, 24)):
        months_ago = date(2025, 7 + place, 1) if place < 6 else date(2026, place - 5, 1)
        month(
            shop, NAME, months_ago, {"acts": 60, "useful": useful, "sure": 60, "stop.offered": 60}
        )

    found = grading.graded_one(shop.db, settings, NAME, LATER)

    assert found.heading is not None
    assert found.heading.periods <= 3


def test_a_name_that_nobody_declared_is_refused_with_the_nearest(
    shop: Returns, settings: Settings
) -> None:
    with pytest.raises(UnknownProcess) as refused:
        grading.graded_one(shop.db, settings, "filter-remindr", LATER)

    assert refused.value.right == NAME


def test_a_retired_automation_is_no_process_any_more(shop: Returns, settings: Settings) -> None:
    automations.retire(shop.db, [NAME], LATER)

    with pytest.raises(UnknownProcess):
        grading.graded_one(shop.db, settings, NAME, LATER)


def month(shop: Returns, name: str, of: date, counts: dict[str, float]) -> None:
    processes.save(shop.db, processes.Month(name, of, LATER, counts))
