"""Story 9 through the pages: an adviser pulls the cord, the owner sees who else was touched, and makes good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.conftest import _database
from tests.open_shop import SPRING, Console, Customer, Open, opened, until, words_of

pytestmark = pytest.mark.browser

SIX_MONTHS = timedelta(days=185)
REMINDER = "filter-reminder"


class Seat(Console):
    """Somebody before the console, with the roles they have and no others."""

    def __init__(self, shop: Open, page: Any, name: str, *roles: Role) -> None:
        self.name, self.roles = name, roles
        self.shop, self.page = shop, page
        page.goto(self._way_in(shop))
        page.get_by_role("button", name="Come in").click()
        page.wait_for_load_state()

    def _way_in(self, shop: Open) -> str:
        now = datetime.now(UTC)
        email = f"{uuid4().hex}@example.org"
        new = staff.New(name=self.name, email=email, roles=list(self.roles), joined_at=now)
        with shop.db() as db:
            return f"/enter/{entries.make(db, Kind.LINK, now, staff.make(db, new))}"

    def waits_for(self, text: str) -> None:
        """Wait until the page says so by itself: nobody loads it anew."""
        until(lambda: text in words_of(self.page))


@pytest.fixture(scope="module")
def shop(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with pytest.MonkeyPatch.context() as patch, _database(postgres) as conninfo:
        patch.setenv("TERRAIN_RECALL_ALONE", "1")
        with opened(conninfo, tmp_path_factory.mktemp("shop")) as shop:
            yield shop


@pytest.fixture
def seats(shop: Open, chromium: Any) -> Iterator[Any]:
    """Return what seats somebody before the console, in a browser of their own."""
    contexts = []

    def seat(name: str, *roles: Role) -> Seat:
        contexts.append(chromium.new_context(base_url=shop.web.address, locale="en"))
        return Seat(shop, contexts[-1].new_page(), name, *roles)

    yield seat
    for each in contexts:
        each.close()


@pytest.fixture
def customers(shop: Open, chromium: Any) -> Iterator[list[Customer]]:
    """Return Léa and Omar, each with their page on a phone that runs no scripts."""
    context = chromium.new_context(java_script_enabled=False, locale="en")
    yield [Customer(shop, context.new_page(), name) for name in ("Léa", "Omar")]
    context.close()


def test_the_cord_and_the_recall(customers: list[Customer], seats: Any, shop: Open) -> None:
    lea, omar = customers
    for each in customers:
        each.buys(1, SPRING, ago=SIX_MONTHS)
        each.gets("Time to change your Spring water filter")

    ines = seats("Inès", Role.ADVISER)
    ines.looks_up(lea)
    _pulls_the_cord(ines)

    camille = seats("Camille", Role.OWNER)
    _opens_a_recall_of_it(camille)
    camille.waits_for("2 people are found.")
    camille.reads(lea.name, omar.name)

    _writes_what_makes_good(camille)
    camille.reads("Hello Léa", "Hello Omar", "somebody else than you has to approve it")
    assert len(lea.letters) == len(omar.letters) == 1

    nadia = seats("Nadia", Role.MANAGER)
    nadia.goes_to("/recalls")
    nadia.opens(REMINDER)
    nadia.opens("See what they would get")
    nadia.clicks("I have read it and approve it")
    nadia.clicks("Send it now")
    for each in customers:
        each.gets("We named the wrong filter")

    lea.opens(lea.gets("We named the wrong filter"))
    lea.reads("We reached you by e-mail")
    _is_told_to_a_board(nadia, customers, shop)


def _pulls_the_cord(ines: Seat) -> None:
    page = ines.page
    cord = page.locator("#cord")
    if cord.locator("#cord-automation").count():
        cord.locator("#cord-automation").select_option(REMINDER)
    cord.get_by_label("something in it is not true").or_(
        cord.locator("input[name='reason'][value='wrong_fact']")
    ).first.check()
    cord.locator("#cord-text").fill("It is not her filter")
    cord.get_by_role("button", name="This is wrong: hold it").click()
    page.wait_for_load_state()


def _opens_a_recall_of_it(camille: Seat) -> None:
    camille.goes_to("/flags")
    camille.page.locator("main .lines a, main table a").first.click()
    camille.reads("It is not her filter")
    camille.opens("Open a recall")
    camille.reads("It follows from what somebody said was wrong")
    _says_what_went_wrong(camille)


def _says_what_went_wrong(camille: Seat) -> None:
    page = camille.page
    page.get_by_label("What went wrong?").fill("It named another filter than theirs.")
    yesterday = datetime.now() - timedelta(days=1)  # noqa: DTZ005 - as a clock on a wall
    page.get_by_label("From", exact=True).fill(f"{yesterday:%Y-%m-%dT%H:%M}")
    camille.clicks("See what it would stop")
    camille.page.get_by_text("people it touched").wait_for()
    camille.clicks("Open it and stop this now")
    page.wait_for_url("**/recalls/*")


def _writes_what_makes_good(camille: Seat) -> None:
    camille.reads("Next: what makes good?")
    camille.opens("A message")
    page = camille.page
    page.locator("[name='subject.en']").fill("We named the wrong filter")
    page.locator("[name='body.en']").fill("Hello {{ customer.first_name }}, we were wrong.")
    page.locator("[name='subject.fr']").fill("Nous avons nommé le mauvais filtre")
    page.locator("[name='body.fr']").fill("Bonjour {{ customer.first_name }}, pardon.")
    camille.clicks("Keep it and see it on five customers")
    page.wait_for_url("**/preview")


def _is_told_to_a_board(nadia: Seat, customers: list[Customer], shop: Open) -> None:
    """Look at the page for a board in both languages: who approved it is named, no customer is."""
    nadia.goes_to("/recalls")
    nadia.opens(REMINDER)
    nadia.opens("One page for a board")
    nadia.reads("2 people were touched", "Nadia", "It was written by Camille")
    nadia.opens("Français")
    told = words_of(nadia.page)
    assert "2 personnes ont été touchées" in told
    assert all(each.name not in told and each.email not in told for each in customers)
    assert shop.web.address not in told
