"""The quadrant in a real browser: by mouse, by keyboard, on a phone, and without any script."""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from tests.browser.test_everyone import saw_a_year_of, way_in
from tests.reminded import AUTOMATION, Reminded

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)


@pytest.fixture
def page(lea: Reminded, db: Connection, web: str, chromium: Any) -> Any:  # noqa: ARG001 - her act is seen
    """Return a page of the operator's, in a browser that runs no script."""
    saw_a_year_of(db, AUTOMATION)
    context = chromium.new_context(base_url=web, java_script_enabled=False)
    opened = context.new_page()
    opened.goto(way_in(db))
    opened.get_by_role("button", name="Come in").click()
    opened.goto("/quadrant")
    yield opened
    context.close()


def test_a_point_leads_to_its_page(page: Any) -> None:
    page.locator(f'svg.quadrant a[href$="/{AUTOMATION}"] circle').click()

    assert page.locator("h1").inner_text() == AUTOMATION


def test_the_keyboard_reaches_every_point(page: Any) -> None:
    point = page.locator(f'svg.quadrant a[href$="/{AUTOMATION}"]')
    point.focus()
    page.keyboard.press("Enter")

    assert page.locator("h1").inner_text() == AUTOMATION


def test_a_part_is_opened_to_its_numbers(page: Any) -> None:
    page.goto(f"/quadrant/{AUTOMATION}")
    part = page.locator(".axis-parts details").first
    assert not part.locator(".part-numbers").is_visible()

    part.locator("summary").click()

    assert part.locator(".part-numbers").is_visible()
    assert "measured" in part.inner_text()


@pytest.mark.parametrize("address", ["/quadrant", f"/quadrant/{AUTOMATION}"])
def test_nothing_is_wider_than_a_phone(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(address)

    assert page.locator("html").bounding_box()["width"] <= 320
    assert page.locator("svg.quadrant").bounding_box()["width"] <= 320
