"""Stories 1, 2, 6 and 7 told through the pages: real processes, a real browser, her phone and the console."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from terrain.demo.wire import CARRIER, PLATFORM, SUPPORT
from tests.conftest import _database
from tests.open_shop import (
    MOUNTAIN,
    SPRING,
    Console,
    Customer,
    Open,
    in_days,
    in_words,
    opened,
    until,
)

pytestmark = pytest.mark.browser

SIX_MONTHS, THREE_MONTHS = timedelta(days=185), timedelta(days=93)


@pytest.fixture(scope="module")
def shop(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with _database(postgres) as conninfo, opened(conninfo, tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def lea(shop: Open, chromium: Any) -> Iterator[Customer]:
    """Return Léa, with her page on a phone that runs no scripts."""
    size = {"width": 390, "height": 844}
    context = chromium.new_context(java_script_enabled=False, viewport=size, locale="en")
    yield Customer(shop, context.new_page())
    context.close()


@pytest.fixture
def camille(shop: Open, chromium: Any) -> Iterator[Console]:
    """Return Camille, signed in at the console."""
    context = chromium.new_context(base_url=shop.web.address, locale="en")
    yield Console(shop, context.new_page())
    context.close()


def test_the_filter(lea: Customer, camille: Console) -> None:
    lea.buys(3, SPRING, ago=SIX_MONTHS)
    letter = lea.gets("Time to change your Spring water filter")
    lea.opens(letter)
    lea.reads("We reached you by e-mail: we were sure enough that it helps you.")

    lea.moves_the_date(in_days(250))
    lea.reads("Your date is kept. Nothing will come before it.", "the date you chose")

    camille.looks_up(lea)
    camille.reads(
        "Time to change your Spring water filter · left by e-mail",
        "We were sure enough that it helps.",
    )
    camille.reads("The customer moved a date", in_words(in_days(250)))
    camille.opens("Walk in their shoes")
    camille.reads("In the shoes of", in_words(in_days(250)))


def test_the_shoes(lea: Customer, camille: Console) -> None:
    order = f"S-{uuid4().hex[:6]}"
    lea.could_have_her_shoes_sooner(order)
    lea.opens(lea.gets())
    lea.reads("Your parcel could come on", "If you do not answer: No.")

    lea.clicks("No, never")
    lea.reads("Wants it sooner: no, never", "Nothing is planned for you")
    lea.says(CARRIER, "address.marked_as_risk", order=order, undo="claims@carrier.example")
    lea.reads("Marked as a delivery risk; whom to ask to undo it claims@carrier.example")

    camille.looks_up(lea)
    camille.reads("asked first", "Not sure enough to do it unasked: better to ask first.")
    camille.reads("Wants it sooner: no, never", "The carrier marked the address as a risk")
    camille.reads("claims@carrier.example")


def test_what_was_answered_once_for_all_is_taken_back(lea: Customer) -> None:
    lea.could_have_her_shoes_sooner(f"S-{uuid4().hex[:6]}")
    lea.opens(lea.gets())
    lea.clicks("No, never")

    lea.clicks("Ask me each time")
    lea.reads("From now on we ask you each time.")
    lea.could_have_her_shoes_sooner(f"S-{uuid4().hex[:6]}")

    until(lambda: len(lea.letters) == 2)


def test_the_map_was_wrong(lea: Customer, camille: Console, shop: Open) -> None:
    lea.is_known_as(PLATFORM, pet="dog")
    lea.buys(1, SPRING, ago=SIX_MONTHS)
    lea.opens(lea.gets("Time to change"))
    lea.reads("Pet a dog marketing platform told us")

    lea.corrects("Pet", to="cat")
    lea.reads("Pet a cat you told us")

    camille.looks_up(lea)
    lea.is_known_as(PLATFORM, pet="dog")
    camille.reads_often("Somebody said who they are marketing-platform", times=2)
    camille.reads("Pet a cat", "1 of 1 things that they said something about")
    lea.reads("Pet a cat you told us")

    shop.counts_who_was_wrong()
    camille.goes_to("/sources")
    camille.reads("marketing-platform", "1 of 1")


def test_jekyll_and_hyde(lea: Customer, camille: Console) -> None:
    lea.buys(1, SPRING, ago=SIX_MONTHS)
    lea.opens(lea.gets("Time to change your Spring water filter"))
    lea.says(SUPPORT, "complaint.opened", complaint_id="K-1", about="the invoice")
    lea.reads("You complained")

    lea.buys(1, MOUNTAIN, ago=THREE_MONTHS)
    lea.reads("your complaint is open, and only what is about it reaches you.")
    camille.looks_up(lea)
    camille.reads("A complaint is open since", "held back")
    assert len(lea.letters) == 1

    camille.clicks("It is settled")
    lea.gets("Time to change your Mountain water filter")
    camille.reads_no_more("A complaint is open since")
