"""`terrain watch`: how every automation stands, read by somebody at a terminal, in French, and by a program."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from terrain import cli
from tests.typing_at_the_terminal import Typed
from tests.watched import AUTOMATION, Watched, an_automation


@pytest.fixture
def house(fresh_database: str) -> Iterator[Watched]:
    working = Watched(fresh_database)
    working.now = datetime.now(UTC)
    yield working
    working.record.close()


def test_before_anything_is_watched_it_says_so(typed: Typed) -> None:
    code, said = typed("watch")

    assert code == 0
    assert "surveillé" in said


def test_the_worst_comes_first_with_its_figures(typed: Typed, house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(12)
    house.look()

    _, said = typed("watch")

    worst = said[said.index("État") :].splitlines()[1]
    assert AUTOMATION in worst
    assert "Version" in said  # two versions of one automation are two lines
    assert "réclamations" in worst
    assert "12 sur 800" in worst
    assert "0,3 %" in worst
    assert "1\u202f668" in worst  # M


def test_one_automation_alone_and_in_detail(typed: Typed, house: Watched) -> None:
    house.publish()
    house.publish(an_automation("welcome"))
    house.acts(200)
    house.look()

    _, said = typed("watch", "--automation", AUTOMATION, "--details")

    assert "welcome" not in said
    assert "prouver" in said
    assert "0 sur 200" in said


def test_a_slip_of_the_pen_does_not_read_as_if_nothing_were_wrong(
    typed: Typed, house: Watched
) -> None:
    house.publish()

    for asked in (("watch",), ("flags", "list")):
        code, said = typed(*asked, "--automation", "filter-remainder")
        assert code == cli.REFUSED
        assert AUTOMATION in said
    assert typed("flags", "list", "--automation", AUTOMATION)[0] == 0


def test_before_its_first_act_it_says_how_large_a_pilot_has_to_be(
    typed: Typed, house: Watched
) -> None:
    house.publish()
    house.look()

    assert "il faut à un essai" in typed("watch", "--automation", AUTOMATION, "--details")[1]


def test_a_program_reads_it_whole(typed: Typed, house: Watched) -> None:
    house.publish()
    house.acts(800)
    house.signals(12)
    house.look()

    typed("watch")  # what the look logged goes with it
    told = typed("watch", "--json")

    first = told["watches"][0]
    assert (first["automation"], first["signal"], first["state"]) == (
        AUTOMATION,
        "complaint",
        "red",
    )
    assert (first["strongest"]["bad"], first["strongest"]["acts"]) == (12, 800)
    assert told["false_reds_a_year"]["accepted"] == 3
    assert typed("watch", "--automation", "welcome", "--json")[0] == cli.REFUSED


def test_the_false_reds_of_a_year_stand_below(typed: Typed, house: Watched) -> None:
    house.publish()
    house.look()

    said = typed("watch")[1].splitlines()[-1]

    assert said.startswith("Au plus")
    assert "3" in said
