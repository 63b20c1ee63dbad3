"""A second factor in a real browser: codes without any script, passkeys with a device that Chromium plays."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.codes import code_of

A_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def ines(db: Connection) -> int:
    """Give Inès an account."""
    new = staff.New(name="Inès", email=f"{uuid4().hex}@example.org", roles=[Role.ADVISER])
    return staff.make(db, new)


@pytest.fixture
def come_in(db: Connection, ines: int) -> Callable[[Any], None]:
    """Return what brings Inès in by an address that the terminal printed."""

    def come(page: Any) -> None:
        page.goto(f"/enter/{entries.make(db, Kind.LINK, datetime.now(UTC), ines)}")
        page.locator("main form button").click()

    return come


@pytest.fixture
def named(chromium: Any, web: str) -> Iterator[Any]:
    """Return a page at an address with a name, which passkeys need, and a device of Inès' own."""
    context = chromium.new_context(base_url=web.replace("127.0.0.1", "localhost"), locale="en")
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": A_DEVICE})
    yield page
    context.close()


def leave(page: Any) -> None:
    page.context.clear_cookies()


def test_an_app_is_set_up_and_asked_for_without_any_script(
    phone: Any, come_in: Callable[[Any], None]
) -> None:
    come_in(phone)
    phone.goto("/second-factor/app")
    secret = phone.locator(".shown-once").inner_text()
    phone.get_by_label("Code").fill(code_of(secret))
    phone.get_by_role("button", name="Set it up").click()
    codes = phone.locator(".codes li").all_inner_texts()
    assert len(codes) == 10

    leave(phone)
    come_in(phone)
    assert phone.url.endswith("/sign-in/code")
    phone.get_by_label("Code").fill(codes[0])
    phone.get_by_role("button", name="Go on").click()
    phone.goto("/second-factor")
    assert "9 codes are left" in phone.inner_text("main")


def add_a_passkey(page: Any) -> None:
    page.goto("/second-factor/passkey")
    page.get_by_label("What you will know it by").fill("Inès’ laptop")
    page.get_by_role("button", name="Make a passkey on this device").click()
    page.locator(".codes").wait_for()


def test_a_passkey_is_made_and_opens_instead_of_a_password(
    named: Any, come_in: Callable[[Any], None]
) -> None:
    come_in(named)
    add_a_passkey(named)
    leave(named)
    named.goto("/sign-in")
    named.get_by_role("link", name="Sign in with a passkey").click()
    named.get_by_role("button", name="Use a passkey").click()
    named.wait_for_url(re.compile("/morning$"))

    named.goto("/second-factor")
    assert "Inès’ laptop" in named.inner_text("main")


def test_a_passkey_is_the_second_step(named: Any, come_in: Callable[[Any], None]) -> None:
    come_in(named)
    add_a_passkey(named)
    leave(named)
    come_in(named)
    assert named.url.endswith("/sign-in/code")
    named.get_by_role("button", name="Use a passkey").click()
    named.wait_for_url(re.compile("/morning$"))

    assert named.goto("/second-factor").status == 200


def test_a_passkey_that_was_removed_opens_nothing(
    named: Any, come_in: Callable[[Any], None]
) -> None:
    come_in(named)
    add_a_passkey(named)
    named.goto("/second-factor")
    named.get_by_role("link", name="Remove Inès’ laptop").click()
    named.get_by_role("button", name="Remove it").click()
    leave(named)
    named.goto("/sign-in/passkey")
    named.get_by_role("button", name="Use a passkey").click()

    named.get_by_text("We do not know this passkey").wait_for()


def test_a_device_that_says_no_is_no_dead_end(chromium: Any, web: str) -> None:
    context = chromium.new_context(base_url=web.replace("127.0.0.1", "localhost"), locale="en")
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {**A_DEVICE, "isUserVerified": False}})
    page.goto("/sign-in/passkey")
    page.get_by_role("button", name="Use a passkey").click()

    page.get_by_text("That did not work, or it was cancelled").wait_for()
    context.close()


def test_without_scripts_the_passkey_page_says_what_works(phone: Any) -> None:
    phone.goto("/sign-in/passkey")

    assert "Codes work without" in phone.inner_text("main")
    assert phone.get_by_role("button", name="Use a passkey").count() == 0
