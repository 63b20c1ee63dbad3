"""Léa's page in a real browser: on a phone, without scripts, by keyboard, for everyone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from terrain.core.link import LinkKind
from tests.reminded import Reminded

pytestmark = pytest.mark.browser

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


def test_without_scripts_lea_can_do_everything(lea: Reminded, phone: Any) -> None:
    phone.goto(lea.page)
    phone.get_by_role("button", name="Yes, always").click()
    phone.get_by_role("button", name="Yes, it helped").click()
    phone.get_by_label("Rather on").fill(NEXT_WEEK)
    phone.get_by_role("button", name="Keep this date").click()
    phone.get_by_role("button", name="Have a person contact me").click()
    phone.get_by_role("button", name="Stop these messages").click()

    assert [name for name, _ in lea.said()] == [
        "question.answered",
        "help.judged",
        "date.moved",
        "person.wanted",
        "automation.stopped",
    ]
    assert "Stopped." in phone.get_by_role("status").inner_text()


def test_lea_corrects_a_fact_on_her_phone(lea: Reminded, phone: Any) -> None:
    phone.goto(lea.page)
    fact = phone.get_by_role("region", name="What you believe about me").locator(
        "li", has_text="Postal address"
    )
    fact.get_by_text("Correct this").click()
    fact.get_by_label("What is right?").fill("3 quai Perrache\n69002 Lyon")
    fact.get_by_role("button", name="This is right now").click()

    assert "3 quai Perrache" in phone.locator("#facts").inner_text()
    assert lea.said()[0][0] == "fact.corrected"


def test_the_keyboard_alone_stops_everything(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    for _ in range(80):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.textContent") == "Stop everything":
            break
    desk.keyboard.press("Enter")
    desk.wait_for_url("**said=stop")

    assert lea.said() == [("automation.stopped", {"automation": "all"})]
    assert lea.state_of_act() == "stopped"


def test_whatever_has_the_focus_can_be_seen(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    for _ in range(12):
        desk.keyboard.press("Tab")
        outline = desk.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", desk.evaluate("document.activeElement.outerHTML")


def test_the_first_step_of_the_keyboard_leads_past_the_head(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")

    assert desk.evaluate("document.activeElement.id") == "content"


def test_a_script_in_a_name_does_not_run(db: Connection, web: str, desk: Any) -> None:
    name = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    lea = Reminded(db, user_id=f"eve-{uuid4().hex}", name=name)
    desk.goto(web + lea.page)

    assert "broken" not in desk.title()
    assert "onerror" in desk.locator("#facts").inner_text()


def test_one_click_stops_from_the_page_behind_the_header(lea: Reminded, phone: Any) -> None:
    phone.goto(f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}")
    phone.get_by_role("button", name="Stop these messages").click()

    assert phone.get_by_role("heading", name="Stopped").is_visible()
    assert lea.state_of_act() == "stopped"
