"""The picture of an automation holds every step once, and nothing lies upon anything else."""

from itertools import combinations

import pytest

from terrain.core import path
from terrain.core.automation import Automation
from terrain.core.picture import Box, picture, telling
from terrain.core.promise import every_step
from terrain.core.retelling import Tongue
from tests.journeys import example_catalogue, examples, written

STARTS = "starts: {when: order.placed}\n"
LANGUAGES = ("en", "fr")


def nested(depth: int) -> Automation:
    """Return an automation with so many choices inside each other."""
    steps = "[{end: over}]"
    for _ in range(depth):
        steps = (
            f"[{{branch: [{{if: {{country: FR}}, then: {steps}}}, {{otherwise: [{{end: no}}]}}]}}]"
        )
    return written(f"{STARTS}steps: {steps}\n")


EVERY = {**examples(), "deep": nested(8)}


def drawn(name: str, language: str = "en") -> list[Box]:
    return list(picture(EVERY[name], Tongue(language, example_catalogue())).boxes)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_step_is_drawn_once_where_runs_stand_at_it(name: str) -> None:
    places = [box.place for box in drawn(name) if box.place]
    steps = [_step_at(EVERY[name], place) for place in places]

    assert len(places) == len(set(places)) == len(list(every_step(EVERY[name])))
    assert sorted(map(id, steps)) == sorted(map(id, every_step(EVERY[name])))


def _step_at(automation: Automation, place: str) -> object:
    parts = tuple(int(each) if each.isdigit() else each for each in place.split("."))
    return path.step_at(automation, parts)


@pytest.mark.parametrize("name", sorted(EVERY))
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_lies_upon_anything_else_nor_outside(name: str, language: str) -> None:
    whole = picture(EVERY[name], Tongue(language, example_catalogue()))

    for one, other in combinations(whole.boxes, 2):
        beside = one.x + one.wide <= other.x or other.x + other.wide <= one.x
        under = one.foot <= other.y or other.foot <= one.y
        assert beside or under
    assert all(box.x >= 0 and box.x + box.wide <= whole.wide for box in whole.boxes)
    assert all(box.y >= 0 and box.foot <= whole.high for box in whole.boxes)


def test_a_step_shows_how_far_it_reaches_and_a_wait_reaches_nobody() -> None:
    reaches = {box.name: box.reach for box in drawn("birthday")}

    assert reaches["birthday-sms"] == "phone"
    assert {box.reach for box in drawn("filter-reminder") if box.kind == "wait"} == {""}


def test_what_ends_has_no_way_on() -> None:
    kinds = [box.kind for box in drawn("deep")]

    assert kinds.count("over") == 0
    assert [box.kind for box in drawn("filter-reminder")][-1] == "over"


def test_ways_meet_below_everything_that_stands_in_them() -> None:
    boxes = {box.name: box for box in drawn("safety-recall")}

    assert boxes["safety-recall-sms"].y > boxes["end"].foot + 28


def test_what_is_done_again_has_a_way_back() -> None:
    trails = picture(EVERY["win-back"], Tongue("en", example_catalogue())).trails

    assert sum(trail.back for trail in trails) == 1


def test_long_words_are_broken_and_cut() -> None:
    long = "Call " + "and call again " * 30
    whole = written(f"{STARTS}steps: [{{task: {{en: {long}, fr: {'x' * 300}}}}}]\n")

    for language in LANGUAGES:
        boxes = picture(whole, Tongue(language, example_catalogue())).boxes
        assert all(len(line) <= 25 for box in boxes for line in box.lines)
        assert any(line.endswith("…") for box in boxes for line in box.lines)


@pytest.mark.parametrize("name", sorted(EVERY))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_to_be_read_tell_the_same_steps(name: str, language: str) -> None:
    tongue = Tongue(language, example_catalogue())

    told = [line.place for line in telling(EVERY[name], tongue)]
    assert sorted(told) == sorted(box.place for box in drawn(name, language) if box.place)
    assert all(line.said for line in telling(EVERY[name], tongue))


def test_what_is_done_only_on_a_ground_says_it() -> None:
    told = telling(EVERY["safety-recall"], Tongue("fr", example_catalogue()))

    assert any(line.ground.startswith("si ") and line.deep == 1 for line in told)
