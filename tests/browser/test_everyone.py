"""Pages that everybody can use: axe finds nothing serious, nothing is wider than a phone, nothing runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from psycopg import Connection

from terrain.core.identifier import new_id
from terrain.core.link import LinkKind
from terrain.core.staff import Role
from terrain.store import caught_mail, entries, leases, staff, tasks, trays
from terrain.store.caught_mail import Caught
from terrain.store.entries import Kind
from terrain.store.trays import Misfit
from tests.reminded import DECISION, Reminded

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
    return {
        "own page": lea.page,
        "own page, answered": f"{lea.page}?said=answer",
        "refusal": "/my/forged",
        "stop": f"/stop/{lea.link(LinkKind.UNSUBSCRIBE)}",
        "entry": way_in(lea.db),
        "sign in": "/sign-in",
        "overview": "/",
        "customers": "/customers",
        "customer": f"/customers/{customer}",
        "decisions": "/decisions",
        "decision": f"/decisions/{customer}/{DECISION}",
        "tasks": "/tasks",
        "task": f"/tasks/{task.task_id}",
        "mail": "/mail",
        "letter": f"/mail/{number}",
        "trays": "/trays",
        "demo": "/demo",
    }


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


def test_nothing_is_wider_than_a_phone(lea: Reminded, come_in: Any) -> None:
    page = come_in(width=360)
    wide = []
    for name, address in places(lea).items():
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(name)

    assert wide == []


def test_nothing_comes_from_elsewhere_and_nothing_runs(lea: Reminded, come_in: Any) -> None:
    page = come_in()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))
    pages = places(lea)
    for address in pages.values():
        page.goto(address)

    assert {url.split("/")[2] for url in asked} == {page.url.split("/")[2]}
    assert [url for url in asked if url.endswith(".js")] == []
    page.goto(pages["letter"])
    frame = page.frame_locator("iframe")
    assert frame.get_by_text("Bonjour").is_visible()
    assert page.evaluate("window.x") is None
    assert [text for text in complaints if "Refused" in text and "script" in text] == []


def test_the_keyboard_reaches_every_room(come_in: Any) -> None:
    page = come_in()
    page.goto("/")
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))

    rooms = {"Overview", "Customers", "Decisions", "Tasks", "Caught mail", "Trays", "The demo"}
    assert rooms <= reached
