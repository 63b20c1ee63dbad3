"""The tour leads to what is there: its stops in both languages, each with a picture, none too heavy to load."""

import re
from datetime import date
from pathlib import Path

import pytest

from terrain.demo import morning
from tests.docs.pages import ROOT

TOURS = {"en": ROOT / "docs" / "tour.md", "fr": ROOT / "docs" / "visite.fr.md"}
HEAVIEST = 120_000


def pictures_in(page: Path) -> list[Path]:
    return [page.parent / found for found in re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text())]


@pytest.mark.parametrize("language", TOURS)
def test_each_stop_has_its_pictures_in_their_own_language(language: str) -> None:
    shown = pictures_in(TOURS[language])

    stops = re.split(r"^## \d+\.", TOURS[language].read_text(), flags=re.MULTILINE)[1:]
    assert len(stops) == 13
    assert all("](pictures/" in stop for stop in stops)
    for picture in shown:
        assert picture.name.endswith(f".{language}.webp")
        assert 1_000 < picture.stat().st_size <= HEAVIEST


@pytest.mark.parametrize("language", TOURS)
def test_whoever_it_sends_you_to_is_in_the_shop(language: str) -> None:
    people = {
        f"{life.person.first_name} {life.person.last_name}"
        for life in morning.lives(date(2026, 11, 22))
    }
    named = set(re.findall(r"\*([A-Z]\w+ [A-Z]\w+)\*", TOURS[language].read_text()))

    assert named - {"Léa Martin", "Caught mail", "Courrier retenu"} <= people
    assert "Awa Keita" in named
