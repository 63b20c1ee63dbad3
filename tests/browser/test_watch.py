"""The page of a watch in a real browser: with axe, on a phone, without scripts, and while it moves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from psycopg import Connection

from terrain.core.breaker import Cause
from terrain.core.signal import Signal
from terrain.core.staff import Role
from terrain.flow import breaker
from terrain.flow.breaker import Tripping
from terrain.store import automations, entries, staff, trips
from terrain.store.entries import Kind
from tests.hurt import Written
from tests.oversight import an_automation, the_settings

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
DAY = timedelta(days=1)
WHY = "12 of 800 complained since 3 March"


@pytest.fixture
def camille(db: Connection, web: str, chromium: Any) -> Iterator[Any]:
    """Return what opens a page of Camille's; her automations are named by her address."""
    email, now = f"{uuid4().hex}@example.org", datetime.now(UTC)
    new = staff.New(name="Camille", email=email, roles=list(Role), joined_at=now)
    way_in = entries.make(db, Kind.LINK, now, staff.make(db, new))
    context = chromium.new_context(base_url=web, locale="en")
    page = context.new_page()
    page.goto(f"/enter/{way_in}")
    page.get_by_role("button", name="Come in").click()
    state = context.storage_state()
    opened = [context]

    def come(width: int = 1280, **more: Any) -> Any:
        size = {"width": width, "height": 900}
        given = {"base_url": web, "storage_state": state, "viewport": size, "locale": "en", **more}
        context = chromium.new_context(**given)
        opened.append(context)
        return context.new_page()

    come.email = email  # type: ignore[attr-defined] # of whoever answers for what strays
    yield come
    for each in opened:
        each.close()


@pytest.fixture
def strayed(db: Connection, camille: Any) -> str:
    """Return the address of the watch of something that was changed for the worse four days ago."""
    name, now = f"care-{uuid4().hex[:8]}", datetime.now(UTC)
    mandate = {
        "en": "Tell those who have just got a bottle how to rinse it.",
        "fr": "Dire à qui vient de recevoir une gourde comment la rincer.",
    }
    given = {"owner": camille.email, "deputy": "", "mandate": mandate}
    automations.add_version(db, an_automation(name, **given), "", now - 90 * DAY)
    written = Written(db, now, name)
    for days in range(6, 60, 2):
        written.to(12, ago=days * DAY, bad=days == 40)
    for hours in (90, 70, 50, 30):
        written.to(20, ago=timedelta(hours=hours), bad=3, version=2, source="marketing-platform")
    written.watched(0.003)
    written.watched(0.003, Signal.SPAM)
    written.watched(0.005, Signal.STOP, deaf_since=now - 5 * DAY)
    what = Tripping(
        automation=name, cause=Cause.METER, because=WHY, evidence={"signal": "complaint"}
    )
    breaker.trip(db, what, breaker.alarm_of(the_settings()), now)
    return f"/automations/{name}/watch"


@pytest.mark.parametrize(("light", "language"), [("light", "fr"), ("dark", "en")])
def test_axe_finds_nothing_serious(camille: Any, strayed: str, light: str, language: str) -> None:
    page = camille(color_scheme=light, locale=language)
    for address in (strayed, f"{strayed}/of/complaint"):
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        assert [each for each in violations if each["impact"] in SERIOUS] == []


def test_nothing_is_wider_than_a_phone(camille: Any, strayed: str) -> None:
    page = camille(width=320)
    for address in (strayed, f"{strayed}/of/complaint"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_a_script_she_answers_and_lets_it_go_on(camille: Any, strayed: str) -> None:
    page = camille(width=390, java_script_enabled=False)
    page.goto(strayed)
    page.get_by_label("I look after it").fill("I read the complaints first.")
    page.get_by_role("button", name="I look after it").click()
    assert page.get_by_text("in good hands").is_visible()

    page.get_by_label("The bound was wrong").check()
    page.get_by_label("Why?").fill("so many write back about bottles")
    page.get_by_role("button", name="Let it go on").click()
    assert page.get_by_role("heading", name="Coming back: 1 %").is_visible()


def test_the_picture_says_in_words_what_it_shows_and_its_numbers_open(
    camille: Any, strayed: str
) -> None:
    page = camille()
    page.goto(strayed)
    picture = page.get_by_role("img", name="Since ").first
    assert picture.is_visible()

    page.get_by_text("The numbers behind it").first.click()
    assert page.get_by_role("cell", name="3").first.is_visible()


def test_a_stop_appears_on_an_open_page_by_itself(
    camille: Any, db: Connection, strayed: str
) -> None:
    page, name = camille(), strayed.split("/")[2]
    page.goto(strayed)
    page.get_by_text("nobody has answered").wait_for()
    trip = trips.of_automation(db, name, 1)[0]
    breaker.answer(db, trip.trip_id, "Omar", "I read the complaints.", datetime.now(UTC))

    page.get_by_text("Omar looks after it").wait_for(timeout=20_000)


def test_on_paper_the_finding_and_its_picture_stay(camille: Any, strayed: str) -> None:
    page = camille()
    page.emulate_media(media="print")
    page.goto(strayed)

    assert page.locator(".finding").first.is_visible()
    assert page.locator("svg.meter").first.is_visible()
    assert not page.locator("form button").first.is_visible()
