"""Léa's pages in a real browser: on a phone, without scripts, by keyboard, for everyone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from psycopg import Connection

from terrain.core.decision import Hold, Verdict
from terrain.core.link import LinkKind
from terrain.store import decisions
from tests.reminded import ACT, DECISION, Reminded

pytestmark = pytest.mark.browser

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
NARROWEST = 320


@pytest.fixture
def lea(db: Connection) -> Reminded:
    """Return Léa with a letter that left, twenty holds, a phone and a yes that she once gave."""
    lea = Reminded(db, user_id=f"lea-{uuid4().hex[:8]}").buys_a_filter()
    lea.hear("customer.identified", phone="+33612345678")
    lea.hear("consent.given", purpose="prospecting", channel="email")
    lea.work()
    held = replace(
        lea._decision(),
        verdict=Verdict.HOLD,
        because="open_complaint",
        hold=Hold.UNTIL_CHANGE,
    )
    days = [timedelta(days=ago) for ago in range(1, 21)]
    rows = [
        replace(held, decision_id=100 + ago.days, at=lea.now - ago, key=lea.key) for ago in days
    ]
    decisions.save(db, rows)
    db.execute(
        "UPDATE act SET state = 'left', left_at = %s WHERE act_id = %s AND customer_id = %s",
        [lea.now, ACT, lea.key.customer_id],
    )
    return lea


def pages(lea: Reminded) -> dict[str, str]:
    return {
        "home": lea.page,
        "why": f"{lea.page}/why",
        "why not": f"{lea.page}/why/101",
        "corrected": f"{lea.page}/why/{DECISION}",
        "history": f"{lea.page}/history",
        "stop": f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}",
    }


def test_without_scripts_lea_can_do_everything(lea: Reminded, phone: Any) -> None:
    phone.goto(lea.page)
    phone.get_by_role("button", name="Yes, always").click()
    phone.get_by_label("Rather on").fill(NEXT_WEEK)
    phone.get_by_role("button", name="Keep this date").click()
    phone.get_by_role("link", name="Why did I get this?").click()
    phone.get_by_role("button", name="Yes, it helped").click()
    phone.get_by_text("This is wrong", exact=True).last.click()
    phone.get_by_label("It is too much").check()
    phone.locator("#wrong-text").fill("Mon filtre fuit")
    phone.get_by_role("button", name="This is wrong: hold it").click()
    phone.get_by_role("link", name="Your page").click()
    phone.get_by_label("From", exact=True).fill(TOMORROW)
    phone.get_by_label("Until", exact=True).fill(NEXT_WEEK)
    phone.get_by_role("button", name="Leave me in peace", exact=True).click()
    phone.get_by_role("button", name="I am back already").click()
    phone.get_by_role("button", name="Have a person contact me").click()
    phone.get_by_role("button", name="Stop these messages").click()

    assert [name for name, _ in lea.said()] == [
        "question.answered",
        "date.moved",
        "help.judged",
        "person.wanted",
        "automation.flagged",
        "absence.set",
        "absence.set",
        "person.wanted",
        "automation.stopped",
    ]
    assert "Stopped." in phone.get_by_role("status").inner_text()


def test_she_chooses_how_and_when_to_be_reached_and_takes_it_back(
    lea: Reminded, phone: Any
) -> None:
    phone.goto(lea.page)
    phone.get_by_text("Choose how").click()
    by_text = phone.get_by_role("group", name="Text message")
    by_text.get_by_label("Nothing").check()
    phone.get_by_role("button", name="Reach me like this").click()
    assert "Text message: nothing" in phone.locator("#reach").inner_text()

    phone.get_by_text("Choose hours or days").click()
    phone.get_by_label("Every day from").fill("20:00")
    phone.get_by_label("until", exact=True).fill("09:00")
    phone.get_by_label("Sunday").check()
    phone.get_by_role("button", name="Leave me in peace then").click()
    assert "every day from 20:00 until 09:00" in phone.locator("#reach").inner_text()
    phone.get_by_role("button", name="Any usual hour will do again").click()

    assert [name for name, _ in lea.said()] == [
        "channel.chosen",
        "quiet_hours.set",
        "quiet_hours.set",
    ]
    assert "every day from" not in phone.locator("#reach").inner_text()


def test_she_stops_all_reminders_and_agrees_to_them_again(lea: Reminded, phone: Any) -> None:
    phone.goto(lea.page)
    phone.get_by_role("button", name="Stop all reminders and offers").click()
    stop = phone.locator("#stop")
    stop.locator("summary", has_text="Take this back").click()
    box = stop.get_by_label("may send me reminders and offers by e-mail")
    assert not box.is_checked()
    box.check()
    stop.get_by_role("button", name="Take this back").click()

    assert [name for name, _ in lea.said()] == [
        "automation.stopped",
        "consent.withdrawn",
        "automation.resumed",
        "consent.given",
    ]
    assert stop.get_by_text("Take this back").count() == 0


def test_from_every_line_of_her_history_one_step_leads_to_why_and_back(
    lea: Reminded, phone: Any
) -> None:
    phone.goto(lea.page)
    phone.get_by_role("link", name="All that was done and not done").or_(
        phone.get_by_role("link", name="20 times since")
    ).first.click()
    if "/history" in phone.url:
        phone.get_by_role("link", name="20 times since").click()

    assert phone.get_by_role("heading", level=1).inner_text() == "Why did you not write to me?"
    assert "your complaint is open" in phone.locator("main").inner_text()
    phone.get_by_role("link", name="Your page").click()
    assert phone.url.endswith(lea.page)


def test_lea_corrects_a_fact_on_the_page_of_the_act(lea: Reminded, phone: Any) -> None:
    phone.goto(f"{lea.page}/why/{DECISION}")
    phone.get_by_text("Correct this").click()
    phone.get_by_label("What is right?").fill("3 quai Perrache\n69002 Lyon")
    phone.get_by_role("button", name="This is right now").click()

    assert f"/why/{DECISION}#said" in phone.url
    assert "From now on what you told us counts" in phone.get_by_role("status").inner_text()
    assert "Today we believe: 3 quai Perrache" in phone.locator("main").inner_text()
    assert lea.said()[0][0] == "fact.corrected"


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


def test_what_was_taken_in_stands_where_she_lands(lea: Reminded, phone: Any) -> None:
    phone.goto(lea.page)
    phone.get_by_role("button", name="Stop everything").click()

    assert phone.url.endswith("#said")
    assert phone.get_by_role("status").is_visible()


@pytest.mark.parametrize(("light", "language"), [("light", "fr"), ("dark", "en")])
def test_axe_finds_nothing_serious_on_her_pages(
    lea: Reminded, chromium: Any, web: str, light: str, language: str
) -> None:
    context = chromium.new_context(
        base_url=web, color_scheme=light, locale=language, viewport={"width": 390, "height": 844}
    )
    lea.hear("automation.stopped", source="customer-page", automation="prospecting")
    lea.hear("consent.withdrawn", source="customer-page", purpose="prospecting")
    lea.hear("quiet_hours.set", source="customer-page", days=["sun"])
    lea.hear("fact.corrected", source="customer-page", fact="address", to="3 quai Perrache")
    page, found = context.new_page(), {}
    for name, address in pages(lea).items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        violations = Axe().run(page).response["violations"]
        found[name] = [(each["id"], each["nodes"][0]["html"][:120]) for each in violations]
    context.close()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_nothing_is_wider_than_the_narrowest_phone(lea: Reminded, chromium: Any, web: str) -> None:
    size = {"width": NARROWEST, "height": 640}
    context = chromium.new_context(base_url=web, locale="fr", viewport=size)
    page, wide = context.new_page(), {}
    for name, address in pages(lea).items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROWEST:
            wide[name] = width
    context.close()

    assert wide == {}


def test_every_finger_finds_its_button(lea: Reminded, chromium: Any, web: str) -> None:
    context = chromium.new_context(base_url=web, viewport={"width": 390, "height": 844})
    page, small = context.new_page(), []
    for address in pages(lea).values():
        page.goto(address)
        for each in page.locator("button:visible, summary:visible, .choice:visible").all():
            box = each.bounding_box()
            if box and box["height"] < 24:  # WCAG 2.2, target size
                small.append(each.inner_text())
    context.close()

    assert small == []


def test_the_keyboard_alone_stops_everything(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    for _ in range(120):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.textContent.trim()") == "Stop everything":
            break
    desk.keyboard.press("Enter")
    desk.wait_for_url("**#said")

    assert [name for name, _ in lea.said()] == ["automation.stopped", "consent.withdrawn"]
    assert lea.said()[0][1] == {"automation": "all"}


def test_the_keyboard_alone_chooses_a_way(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    for _ in range(60):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.textContent.trim()") == "Choose how":
            break
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")  # into the choices about e-mail, on the one that holds
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**#said")

    assert lea.said() == [("channel.chosen", {"channel": "email", "wish": "service"})]


def test_whatever_has_the_focus_can_be_seen(lea: Reminded, desk: Any) -> None:
    for address in pages(lea).values():
        desk.goto(address)
        for _ in range(12):
            desk.keyboard.press("Tab")
            outline = desk.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            is_body = desk.evaluate("document.activeElement === document.body")
            assert is_body or outline == "solid", desk.evaluate("document.activeElement.outerHTML")


def test_the_first_step_of_the_keyboard_leads_past_the_head(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")

    assert desk.evaluate("document.activeElement.id") == "content"


def test_headings_come_in_order_on_every_page(lea: Reminded, desk: Any) -> None:
    for name, address in pages(lea).items():
        desk.goto(address)
        levels = [
            int(each)
            for each in desk.evaluate(
                "[...document.querySelectorAll('h1,h2,h3,h4')].map(each => each.tagName[1])"
            )
        ]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_script_in_a_name_does_not_run(db: Connection, web: str, desk: Any) -> None:
    name = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    lea = Reminded(db, user_id=f"eve-{uuid4().hex}", name=name)
    desk.goto(web + lea.page)

    assert "broken" not in desk.title()
    assert "onerror" in desk.locator("#facts").inner_text()


def test_one_click_stops_from_the_page_behind_the_header(lea: Reminded, phone: Any) -> None:
    lea.db.execute("UPDATE act SET state = 'queued' WHERE customer_id = %s", [lea.key.customer_id])
    phone.goto(f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}")
    phone.get_by_role("button", name="Stop these messages").click()

    assert phone.get_by_role("heading", name="Stopped").is_visible()
    assert lea.state_of_act() == "stopped"


def test_axe_finds_nothing_in_a_form_that_was_refused(lea: Reminded, desk: Any) -> None:
    desk.goto(lea.page)
    desk.locator("#reach details").last.locator("summary").click()
    for name in ("from", "until"):
        desk.fill(f"#quiet-{name}", "20:00")
    desk.locator('form[action$="/quiet"] button').click()
    assert desk.locator('input[type="time"]').first.input_value() == "20:00"
    found = {"quiet": Axe().run(desk).response["violations"]}

    desk.goto(f"{lea.page}/erase")
    desk.locator("[name=sure]").evaluate("box => { box.required = false }")
    desk.locator("main form button").first.click()
    assert desk.locator("[name=sure]").get_attribute("aria-invalid") == "true"
    found["erase"] = Axe().run(desk).response["violations"]

    assert [each["id"] for wrong in found.values() for each in wrong] == []
