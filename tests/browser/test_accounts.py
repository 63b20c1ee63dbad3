"""The doors in a real browser: coming in on a phone without scripts, by keyboard, for everyone."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from terrain.store.staff import New

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
PASSWORD = "une phrase assez longue"
SERIOUS = {"serious", "critical"}


@pytest.fixture
def ines() -> New:
    """Return somebody who is invited."""
    return New(name="Inès", email=f"ines-{uuid4().hex}@example.org", roles=[Role.ADVISER])


def way_in(db: Connection, of: New, kind: Kind = Kind.INVITATION) -> str:
    account = staff.by_email(db, of.email)
    number = account.staff_id if account else staff.make(db, of)
    return entries.make(db, kind, datetime.now(UTC), number)


def test_ines_takes_her_invitation_on_a_phone(db: Connection, ines: New, phone: Any) -> None:
    phone.goto(f"/join/{way_in(db, ines)}")
    phone.get_by_label("Password").fill("short")
    phone.get_by_label("Password").evaluate("each => each.form.noValidate = true")
    phone.get_by_role("button", name="Come in").click()
    assert phone.get_by_text("At least ten characters, please.").is_visible()
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Come in").click()

    phone.goto("/account")
    assert phone.get_by_role("heading", name="My account").is_visible()
    assert phone.get_by_text("this one").is_visible()


def test_the_keyboard_alone_signs_in_and_is_led_to_the_room(
    db: Connection, ines: New, phone: Any, desk: Any
) -> None:
    phone.goto(f"/join/{way_in(db, ines)}")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Come in").click()
    desk.goto("/tasks")
    desk.get_by_label("E-mail address").focus()
    desk.keyboard.type(ines.email)
    desk.keyboard.press("Tab")
    desk.keyboard.type(PASSWORD)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/tasks")

    assert desk.get_by_role("heading", name="Tasks").first.is_visible()


@pytest.fixture
def doors(db: Connection, ines: New) -> dict[str, str]:
    """Return every page that is open before anybody signed in."""
    invitation = way_in(db, ines)
    return {
        "sign in": "/sign-in",
        "lost password": "/lost-password",
        "invitation": f"/join/{invitation}",
        "new password": f"/password/{way_in(db, ines, Kind.RESET)}",
        "link": f"/enter/{way_in(db, ines, Kind.LINK)}",
        "left": "/left",
    }


@pytest.mark.parametrize(("light", "language"), [("light", "fr"), ("dark", "en")])
def test_axe_finds_nothing_serious_at_the_doors(
    doors: dict[str, str], chromium: Any, web: str, light: str, language: str
) -> None:
    context = chromium.new_context(
        base_url=web, color_scheme=light, locale=language, viewport={"width": 360, "height": 800}
    )
    page, found = context.new_page(), {}
    for name, address in doors.items():
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth") > 360
        found[name] = [each["id"] for each in violations if each["impact"] in SERIOUS]
        found[name] += ["wider than a phone"] if wide else []
    context.close()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
