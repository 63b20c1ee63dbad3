"""Léa's rights in a real browser: on a phone, without JavaScript, with axe."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from terrain.store import erasures
from tests.reminded import Reminded

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}


def test_without_javascript_she_takes_her_data_along(
    phone: Any, lea: Reminded, tmp_path: Path
) -> None:
    phone.goto(lea.page)
    with phone.expect_download() as waiting:
        phone.get_by_role("button", name="Everything (JSON)").click()
    waiting.value.save_as(tmp_path / "lea.json")

    assert str(lea.key.customer_id).encode() in (tmp_path / "lea.json").read_bytes()


def test_without_javascript_she_is_left_alone_and_lets_it_go_on(phone: Any, lea: Reminded) -> None:
    phone.goto(lea.page)
    phone.get_by_role("button", name="Leave me alone").click()
    assert phone.get_by_text("you are left alone").is_visible()

    phone.get_by_role("button", name="Let it go on").click()
    assert phone.get_by_role("button", name="Leave me alone").is_visible()


def test_without_javascript_she_asks_to_be_erased_and_takes_it_back(
    phone: Any, lea: Reminded
) -> None:
    phone.goto(lea.page)
    phone.get_by_role("link", name="Erase me…").click()
    phone.get_by_label("Yes, erase everything you know about me").check()
    phone.get_by_role("button", name="Erase me").click()
    assert erasures.of(lea.db, [lea.key]) is not None

    phone.get_by_role("button", name="Keep what you know about me").click()
    assert erasures.of(lea.db, [lea.key]) is None


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("light", ["light", "dark"])
def test_axe_finds_nothing_serious(language: str, light: str, desk: Any, lea: Reminded) -> None:
    desk.emulate_media(color_scheme=light)
    for path in ("", "/erase"):
        desk.goto(f"{lea.page}{path}?language={language}")
        found = Axe().run(desk).response["violations"]
        assert [each["id"] for each in found if each["impact"] in SERIOUS] == []


def test_on_a_phone_nothing_is_wider_than_the_phone(phone: Any, lea: Reminded) -> None:
    for path in ("", "/erase"):
        phone.goto(f"{lea.page}{path}")
        box = phone.locator("html").bounding_box()
        assert phone.locator("main").bounding_box()["width"] <= box["width"]
