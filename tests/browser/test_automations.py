"""The automations' room in a real browser: without scripts, by keyboard, in both languages, with axe."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from psycopg import Connection

from terrain.core.approval import Signature
from terrain.core.settings import GuardSettings
from terrain.core.staff import Role
from terrain.flow import proposals
from terrain.flow.proposals import Change, Workshop
from terrain.flow.reference import own_catalogue
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.journeys import PROMISE
from tests.people import NOON
from tests.reminded import AUTOMATION, Reminded

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
BODY = (
    "starts: {when: order.placed}\nsteps: [{wait: 1 day}, {task: {en: Call her, fr: L’appeler}}]\n"
)
MOST_TABS = 120


def text_of(name: str) -> str:
    return PROMISE.replace("a-promise", name) + BODY


@pytest.fixture
def owner(db: Connection, web: str, chromium: Any) -> Iterator[Any]:
    """Return what opens a page of Camille's, in a browser that runs no script."""
    email = f"{uuid4().hex}@example.org"
    new = staff.New(name="Camille", email=email, roles=list(Role), joined_at=NOON)
    way_in = entries.make(db, Kind.LINK, datetime.now(UTC), staff.make(db, new))
    context = chromium.new_context(base_url=web, java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"/enter/{way_in}")
    page.get_by_role("button", name="Come in").click()
    state = context.storage_state()
    opened = [context]

    def come(language: str = "en", width: int = 1280, light: str = "light", **more: Any) -> Any:
        size = {"width": width, "height": 900}
        context = chromium.new_context(
            base_url=web,
            storage_state=state,
            locale=language,
            viewport=size,
            color_scheme=light,
            **more,
        )
        opened.append(context)
        return context.new_page()

    yield come
    for each in opened:
        each.close()


def proposed(db: Connection, name: str) -> str:
    """Let somebody propose a first version; return the address of its page."""
    bench = Workshop(folder=Path("none"), catalogue=own_catalogue(), settings=GuardSettings())
    signed = Signature(by="Omar", because="a first try at it")
    proposal = proposals.propose(db, Change(text=text_of(name)), bench, signed, NOON)
    return f"/automations/{name}/proposals/{proposal.proposal_id}"


def test_a_promise_is_written_put_right_proposed_and_put_live_without_scripts(owner: Any) -> None:
    page, name = owner(java_script_enabled=False), f"call-{uuid4().hex[:8]}"
    page.goto("/automations")
    page.get_by_role("link", name="Write one").click()
    page.get_by_label("As it should read").fill(text_of(name).replace("wait: 1", "wiat: 1"))
    page.get_by_label("Why?").fill("somebody should call")
    page.get_by_role("button", name="Propose this version").click()

    assert page.get_by_role("alert").first.is_visible()
    assert "wiat" in page.get_by_label("As it should read").input_value()
    page.get_by_label("As it should read").fill(text_of(name))
    page.get_by_role("button", name="Propose this version").click()
    assert page.get_by_text("All of it is new.").is_visible()
    page.get_by_role("button", name="Put it live").click()
    page.wait_for_url(f"**/automations/{name}")

    assert page.get_by_role("heading", name=name, level=1).is_visible()
    assert page.get_by_text("live, version 1").is_visible()
    assert page.get_by_role("img", name="hands to a person: For a person: “Call her”").is_visible()


def test_the_keyboard_reaches_who_stands_at_a_step(owner: Any, lea: Reminded) -> None:
    page = owner()
    page.goto(f"/automations/{AUTOMATION}")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.getAttribute('aria-label') || ''")
        if "Standing here" in label:
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/1/0")

    assert page.get_by_role("heading", name="Who stands here").is_visible()
    assert lea.key.customer_id


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tell people when it is time to change their water filter"),
        ("fr", "Dire quand il est temps de changer le filtre"),
    ],
)
@pytest.mark.usefixtures("lea")
def test_the_filter_reads_as_a_promise(owner: Any, language: str, said: str) -> None:
    page = owner(language)
    page.goto(f"/automations/{AUTOMATION}")

    assert said in page.locator(".lead").inner_text()
    assert page.locator("svg.walk").get_attribute("role") == "group"
    assert page.locator("svg.walk title").count() == 1
    assert page.locator("ol.steps li").count() == 2


@pytest.mark.parametrize(("light", "language"), [("light", "fr"), ("dark", "en")])
def test_axe_finds_nothing_serious_in_any_of_its_rooms(
    owner: Any, lea: Reminded, db: Connection, light: str, language: str
) -> None:
    page, address = owner(language, light=light), proposed(db, f"axe-{uuid4().hex[:8]}")
    found = {}
    for each in (
        "/automations",
        f"/automations/{AUTOMATION}",
        f"/automations/{AUTOMATION}/versions/1",
        f"/automations/{AUTOMATION}/versions/1/0",
        f"/automations/{AUTOMATION}/preview?customer={lea.key.customer_id}&again=yes",
        address,
        f"{address}/rehearsal",
    ):
        page.goto(each)
        violations = Axe().run(page).response["violations"]
        found[each] = [
            (wrong["id"], wrong["nodes"][0]["html"][:120])
            for wrong in violations
            if wrong["impact"] in SERIOUS
        ]

    assert {each: wrong for each, wrong in found.items() if wrong} == {}


@pytest.mark.usefixtures("lea")
def test_nothing_is_wider_than_a_phone(owner: Any, db: Connection) -> None:
    page, address = owner(width=320), proposed(db, f"thin-{uuid4().hex[:8]}")
    for each in (f"/automations/{AUTOMATION}/versions/1", address, f"{address}/rehearsal"):
        page.goto(each)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, each
