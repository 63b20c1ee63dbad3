"""Customers, shoes and decisions in a real browser: with and without scripts, on a phone, with axe."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.people import NOON
from tests.reminded import DECISION, Reminded

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
def adviser(db: Connection, web: str, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Return what opens a page of Inès's."""
    opened = []

    def come(language: str = "en", width: int = 1280, light: str = "light", **more: Any) -> Any:
        person = staff.New(
            name="Inès", email=f"{uuid4().hex}@example.org", roles=list(Role), joined_at=NOON
        )
        way_in = entries.make(db, Kind.LINK, datetime.now(UTC), staff.make(db, person))
        size = {"width": width, "height": 900}
        context = chromium.new_context(
            base_url=web, locale=language, viewport=size, color_scheme=light, **more
        )
        opened.append(context)
        page = context.new_page()
        page.goto(f"/enter/{way_in}")
        page.locator("main button").first.click()
        return page

    yield come
    for each in opened:
        each.close()


def rooms(lea: Reminded) -> tuple[str, ...]:
    number = lea.key.customer_id
    supposed = f"if=order.delivered~{TOMORROW}~A-1~filter-a~3"
    return (
        "/customers?q=martin",
        f"/customers/{number}",
        f"/customers/{number}/shoes?{supposed}",
        f"/decisions/{number}/{DECISION}",
    )


@pytest.mark.parametrize(("light", "language"), [("light", "fr"), ("dark", "en")])
def test_axe_finds_nothing_serious(
    adviser: Callable[..., Any], lea: Reminded, light: str, language: str
) -> None:
    lea.hear("complaint.opened", complaint_id="c-1")
    page = adviser(language, light=light)
    found = {}
    for each in rooms(lea):
        page.goto(each)
        for more in page.locator("details").all():
            more.evaluate("each => each.open = true")
        wrong = Axe().run(page).response["violations"]
        found[each] = [
            (one["id"], one["nodes"][0]["html"][:140]) for one in wrong if one["impact"] in SERIOUS
        ]

    assert {each: wrong for each, wrong in found.items() if wrong} == {}


def test_nothing_is_wider_than_a_phone(adviser: Callable[..., Any], lea: Reminded) -> None:
    page = adviser(width=320)
    for each in rooms(lea):
        page.goto(each)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, each


@pytest.mark.parametrize("scripts", ["on", "off"])
def test_the_line_is_read_back_with_and_without_scripts(
    adviser: Callable[..., Any], lea: Reminded, scripts: str
) -> None:
    for number in range(70):
        lea.hear("page.viewed", number=number)
    page = adviser(java_script_enabled=scripts == "on")
    page.goto(f"/customers/{lea.key.customer_id}")
    first = page.locator(".timeline time").count()
    page.get_by_role("link", name="Earlier").click()
    if scripts == "on":
        page.wait_for_function(
            "n => document.querySelectorAll('.timeline time').length > n", arg=first
        )
        assert "before" not in page.url
    else:
        assert "before" in page.url
        assert page.locator(".timeline time").count() > 0


def test_an_adviser_finds_her_corrects_her_address_and_sees_it(
    adviser: Callable[..., Any], lea: Reminded
) -> None:
    page = adviser(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Find a customer").fill(f"{lea.user_id}@example.org")
    page.keyboard.press("Enter")
    page.locator(".lines a").first.click()
    line = page.locator(".facts > li", has_text="Postal address").first
    line.get_by_text("Correct it for them").click()
    line.locator("[name='to']").fill("3 rue Neuve, Brest")
    line.get_by_role("button", name="They said so").click()

    assert "heard by you" in page.locator("#said").inner_text()
    assert page.get_by_text("3 rue Neuve, Brest").count() >= 1
