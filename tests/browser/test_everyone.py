"""Pages that everybody can use: axe finds nothing serious, nothing is wider than a phone, nothing runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from psycopg import Connection

from terrain.config import read
from terrain.console.rooms import ROOMS
from terrain.core.identifier import new_id
from terrain.core.link import LinkKind
from terrain.core.staff import Role
from terrain.flow import flagging
from terrain.flow.flagging import Pull
from terrain.flow.needs import gather
from terrain.flow.seeing import months_back
from terrain.store import caught_mail, entries, leases, needs, processes, staff, tasks, trays
from terrain.store.caught_mail import Caught
from terrain.store.entries import Kind
from terrain.store.processes import Month
from terrain.store.trays import Misfit
from terrain.words import say
from tests.recalling import a_recall_of
from tests.reminded import ACT, AUTOMATION, DECISION, Reminded

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
LETTER = (
    b"Subject: Votre filtre\r\nContent-Type: text/html\r\n\r\n<p>Bonjour <script>top.x=1</script>"
)
SERIOUS = {"serious", "critical"}


def places(lea: Reminded) -> dict[str, str]:
    """Return every kind of page, with something on it."""
    lea.hear("person.wanted", text="Mon filtre fuit")
    lea.work()
    task = next(each for each in tasks.open_ones(lea.db) if each.key == lea.key)
    number = new_id(datetime.now(UTC))
    caught = {"sender": "shop@example.org", "recipient": "lea@example.org", "subject": "Filtre"}
    letter = Caught(caught_id=number, at=NOW, message_id="<1@x>", raw=LETTER, **caught)
    caught_mail.keep(lea.db, [letter])
    leases.say_alive(lea.db, "worker-1", NOW, 12)
    trays.put(lea.db, [Misfit("event", "shop", "nobody", {"code": "nobody"}, b"{}")], NOW)
    customer = lea.key.customer_id
    saw_a_year_of(lea.db, AUTOMATION)
    recall = a_recall_of(lea.db, lea.key, AUTOMATION)
    return {
        "own page": lea.page,
        "refusal": "/my/forged",
        "stop": f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}",
        "entry": way_in(lea.db),
        "sign in": "/sign-in",
        "morning": "/morning",
        "overview": "/",
        "quadrant": "/quadrant",
        "process": f"/quadrant/{AUTOMATION}",
        "customers": "/customers",
        "customer": f"/customers/{customer}",
        "rights": f"/customers/{customer}/rights",
        "shoes": f"/customers/{customer}/shoes",
        "decisions": "/decisions",
        "decision": f"/decisions/{customer}/{DECISION}",
        "tasks": "/tasks",
        "task": f"/tasks/{task.task_id}",
        "mail": "/mail",
        "letter": f"/mail/{number}",
        "trays": "/trays",
        "the cord": f"/cord?customer={customer}&decision={DECISION}",
        "the cord, about nobody yet": "/cord",
        "what I said is wrong": "/flags/mine",
        "said to be wrong": "/flags",
        "one that is said to be wrong": f"/flags/{said_wrong(lea)}",
        "needs": "/needs",
        "one need": f"/needs/{a_need(lea)}",
        "demo": "/demo",
        "automations": "/automations",
        "automation": f"/automations/{AUTOMATION}",
        "watch": f"/automations/{AUTOMATION}/watch",
        "cases of a watch": f"/automations/{AUTOMATION}/watch/of/complaint",
        "automation, to be changed": f"/automations/{AUTOMATION}/change",
        "automation, looked ahead": f"/automations/{AUTOMATION}/preview",
        "a new automation": "/new-automation",
        "recalls": "/recalls",
        "a new recall": f"/new-recall?automation={AUTOMATION}&version=1",
        "recall": f"/recalls/{recall}",
        "what makes good": f"/recalls/{recall}/remedy",
        "what is corrected": f"/recalls/{recall}/remedy?kind=correction",
        "what they would get": f"/recalls/{recall}/preview",
        "recall for a board": f"/recalls/{recall}/report",
        "sources": "/sources",
        "source": "/sources/shop",
        "how far a source is believed": "/sources/shop/belief",
        "own history": f"{lea.page}/history",
        "own erasure": f"{lea.page}/erase",
        "why": f"{lea.page}/why",
        "account": "/account",
        "password": "/account/password",
        "another e-mail address": "/account/email",
        "second factor": "/second-factor",
        "staff": "/staff",
        "keys": "/keys",
        "audit": "/audit",
    }


def saw_a_year_of(db: Connection, process: str) -> None:
    """Let a process have been seen for a year, getting worse for the customer."""
    for place, month in enumerate(months_back(NOW, 12)):
        useful = {"useful": 30 + 3 * place, "voice.invited.left_it": 9, "hurt": 1}
        more = {"acts": 80, "sure": 60, "stop.offered": 80, "signal.stop": 1}
        processes.save(db, Month(process, month, NOW, useful | more))


def said_wrong(lea: Reminded) -> int:
    """Let somebody of staff pull the cord for her; return the number of the flag."""
    said = Pull(node=lea.key, automation="", reason="wrong_fact", text="Pas le sien", act_id=ACT)
    with lea.db.transaction():
        return flagging.pull(lea.db, said, read(), lea.now).flag_id


def a_need(lea: Reminded) -> int:
    """Let two tell of a need; return the number under which they stand together."""
    for words in ("Livrer le soir", "Une livraison le soir"):
        said = Pull(node=lea.key, automation="", reason="", text=words)
        with lea.db.transaction():
            flagging.see_a_need(lea.db, said, datetime.now(UTC))
    lea.work()
    with lea.db.transaction():
        gather(lea.db, datetime.now(UTC))
    return needs.latest(lea.db, 1)[0].group_id


def way_in(db: Connection) -> str:
    """Return an address that signs in somebody new with all roles."""
    email = f"{new_id(NOW)}@example.org"
    new = staff.New(name="Camille", email=email, roles=list(Role), joined_at=NOW)
    return f"/enter/{entries.make(db, Kind.LINK, datetime.now(UTC), staff.make(db, new))}"


@pytest.fixture
def come_in(db: Connection, web: str, chromium: Any) -> Iterator[Any]:
    """Return what opens a page of the operator's in a certain light, language and width."""
    context = chromium.new_context(base_url=web)
    page = context.new_page()
    page.goto(way_in(db))
    page.get_by_role("button", name="Come in").click()
    state = context.storage_state()
    opened = [context]

    def open_in(light: str = "light", language: str = "en", width: int = 1280) -> Any:
        new = chromium.new_context(
            base_url=web,
            storage_state=state,
            color_scheme=light,
            locale=language,
            viewport={"width": width, "height": 900},
        )
        opened.append(new)
        return new.new_page()

    open_in.address = web  # type: ignore[attr-defined] # for a browser of another kind
    yield open_in
    for each in opened:
        each.close()


@pytest.mark.parametrize(("light", "language"), [("light", "fr"), ("dark", "en")])
def test_axe_finds_nothing_serious(lea: Reminded, come_in: Any, light: str, language: str) -> None:
    page = come_in(light, language)
    found = {}
    for name, address in places(lea).items():
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        found[name] = [
            (each["id"], each["nodes"][0]["html"][:120], each["nodes"][0]["failureSummary"])
            for each in violations
            if each["impact"] in SERIOUS
        ]

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(lea: Reminded, come_in: Any, width: int) -> None:
    page = come_in(width=width)
    wide = []
    for name, address in places(lea).items():
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(name)

    assert wide == []


def test_nothing_comes_from_elsewhere_and_only_rooms_run_scripts(
    lea: Reminded, come_in: Any
) -> None:
    page = come_in()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))
    pages = places(lea)
    for name, address in pages.items():
        before = len(asked)
        page.goto(address)
        if address.startswith(("/my/", "/stop/", "/enter/")):
            assert [url for url in asked[before:] if url.endswith(".js")] == [], name

    ours = page.url.split("/")[2]
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {ours}
    assert [text for text in complaints if "Refused" in text or "violates" in text] == []


def test_a_letter_of_somebody_else_runs_nothing(lea: Reminded, come_in: Any) -> None:
    page = come_in()
    page.goto(places(lea)["letter"])

    assert page.frame_locator("iframe").get_by_text("Bonjour").is_visible()
    assert page.evaluate("window.x") is None


def test_the_keyboard_reaches_every_room(come_in: Any) -> None:
    page = come_in()
    page.goto("/")
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))

    rooms = {str(say("en", each.words)) for each in ROOMS}
    assert rooms <= reached


def test_a_keyboard_opens_what_stands_under_ones_own_name(come_in: Any) -> None:
    page = come_in()
    page.goto("/")
    page.locator("summary", has_text="Camille").press("Enter")
    page.get_by_role("link", name="Audit log").press("Enter")

    assert page.get_by_role("heading", level=1).inner_text() == "Audit log"
    assert page.get_by_role("link", name="Audit log").get_attribute("aria-current") == "page"


def test_a_stroke_leads_to_the_search_but_not_out_of_a_field(come_in: Any) -> None:
    page = come_in()
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("a/b")

    assert page.locator("#search").input_value() == "a/b"
    page.locator("#search").fill("")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_first_stop_of_the_keyboard_skips_the_rooms(come_in: Any) -> None:
    page = come_in()
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


def test_without_a_script_a_thumb_reaches_every_room(chromium: Any, come_in: Any) -> None:
    state = come_in().context.storage_state()
    context = chromium.new_context(
        storage_state=state,
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
        locale="en",
    )
    page = context.new_page()
    page.goto(come_in.address)
    sources = page.get_by_role("link", name="Sources", exact=True).first
    assert not sources.is_visible()

    page.get_by_role("link", name="More").click()
    sources.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Sources"
    context.close()


def test_what_is_pressed_on_a_phone_is_large_enough_for_a_thumb(come_in: Any) -> None:
    page = come_in(width=390)
    small = {}
    for address in ("/", "/customers", "/automations", "/tasks", "/sources", "/staff"):
        page.goto(address)
        small[address] = page.evaluate(
            """[...document.querySelectorAll('nav a, button, summary, select, input, .button')]
               .filter(each => each.checkVisibility() && !['hidden', 'checkbox', 'radio'].includes(each.type))
               .filter(each => each.getBoundingClientRect().height < 43.5)
               .map(each => each.outerHTML.slice(0, 90))"""
        )

    assert {address: each for address, each in small.items() if each} == {}


def test_on_paper_there_is_the_page_and_nothing_to_press(lea: Reminded, come_in: Any) -> None:
    page = come_in()
    page.emulate_media(media="print")
    page.goto(f"/customers/{lea.key.customer_id}")

    assert page.locator("h1").is_visible()
    for gone in (".rail", ".search", ".map", "form button"):
        assert not page.locator(gone).first.is_visible(), gone


def test_in_high_contrast_the_room_one_stands_in_is_still_told(come_in: Any) -> None:
    page = come_in()
    page.emulate_media(forced_colors="active")
    page.goto("/sources")
    here = page.locator("a[aria-current=page]").first

    assert here.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


def test_whoever_wants_no_motion_gets_none(come_in: Any) -> None:
    page = come_in()
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")

    assert page.locator("html").evaluate("each => getComputedStyle(each).scrollBehavior") == "auto"
    assert page.locator(".rooms a").first.evaluate(
        "each => getComputedStyle(each).transitionDuration"
    ) in ("0s", "")
