"""The frame around every room: it shows each person their own rooms, and works without a script."""

import gzip
import re
from typing import Any

import pytest

from terrain.console import rooms
from terrain.core.staff import GRANTS, May, Role, Staff
from tests.colleagues import post_as

pytestmark = pytest.mark.usefixtures("served")


def somebody(*roles: Role) -> Staff:
    return Staff(staff_id=1, name="Inès", email="ines@example.org", roles=frozenset(roles))


def names(*roles: Role) -> set[str]:
    return {each.name for each in rooms.open_to(somebody(*roles), rooms.ROOMS + rooms.DESK)}


def test_a_viewer_is_shown_no_room_with_customers_in_it() -> None:
    shown = names(Role.VIEWER)

    assert "overview" in shown
    assert shown.isdisjoint({"customers", "decisions", "tasks", "mail", "staff", "keys", "audit"})


def test_an_adviser_is_shown_customers_and_tasks_but_no_trays() -> None:
    assert {"overview", "customers", "tasks"} <= names(Role.ADVISER)
    assert "trays" not in names(Role.ADVISER)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_shown_is_what_the_pages_let_in(role: Role) -> None:
    from terrain.console.access import Rule  # noqa: PLC0415
    from terrain.console.urls import PAGES  # noqa: PLC0415

    rules = {page.name: page.rule for page in PAGES}
    for name in names(role):
        assert rules[name] == Rule.SIGNED_IN or May(rules[name]) in GRANTS[role]


def test_nobody_is_shown_nothing() -> None:
    assert rooms.open_to(None, rooms.ROOMS) == []


def test_a_room_that_does_not_exist_is_open_to_nobody() -> None:
    assert not rooms.opens(somebody(*Role), "treasury")


def test_a_page_of_no_role_is_not_a_room() -> None:
    assert not rooms.opens(somebody(*Role), "own_page")


def test_the_room_one_stands_in_is_marked_once(operator: Any) -> None:
    shown = operator.get("/trays").content.decode()

    assert re.findall(r'<a href="(/[^"]*)" aria-current="page"', shown) == ["/trays"]


def test_the_search_stands_in_every_room_and_needs_no_script(operator: Any) -> None:
    for address in ("/", "/trays", "/demo"):
        shown = operator.get(address).content.decode()

        assert 'action="/customers" role="search"' in shown
        assert 'name="q"' in shown


def test_a_customers_page_holds_no_script_and_no_room(reader: Any) -> None:
    shown = reader.get("/my/forged").content.decode()

    assert "<script" not in shown
    assert 'id="rooms"' not in shown


def test_a_style_sheet_is_sent_packed_to_whoever_can_unpack_it(reader: Any) -> None:
    from terrain.console.assets import address  # noqa: PLC0415

    plain = reader.get(address("terrain.css"))
    packed = reader.get(address("terrain.css"), HTTP_ACCEPT_ENCODING="gzip, br")

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2


def test_a_letter_of_the_headings_is_sent_as_it_is(reader: Any) -> None:
    from terrain.console.assets import address  # noqa: PLC0415

    answer = reader.get(address("spectral.woff2"), HTTP_ACCEPT_ENCODING="gzip")

    assert answer.headers["Content-Type"] == "font/woff2"
    assert "Content-Encoding" not in answer.headers


def test_what_is_kept_beside_the_files_is_not_served(reader: Any) -> None:
    assert reader.get("/static/x/spectral.LICENSE.txt").status_code == 404


def test_the_key_of_the_search_can_be_switched_off_and_on_again(operator: Any) -> None:
    """WCAG 2.1.4: who speaks to their browser says "/" without meaning a key."""
    assert "keys" in scripts_of(operator)
    for choice, there in (("off", False), ("nonsense", False), ("on", True)):
        post_as(operator, "/account", "/account", name="Camille", shortcut=choice)

        assert ("keys" in scripts_of(operator)) is there
        shown = operator.get("/account").content.decode()
        assert ("aria-keyshortcuts" in shown) is ("<kbd" in shown) is there


def scripts_of(browser: Any) -> list[str]:
    return re.findall(
        r'<script src="/static/[^"]*/(\w+)[^"]*\.js"', browser.get("/").content.decode()
    )


@pytest.mark.parametrize("address", ["/nowhere", "/customers/x/y", "/automations/none", "/tasks/1"])
def test_a_wrong_address_keeps_the_rooms_within_reach(operator: Any, address: str) -> None:
    answer = operator.get(address)

    assert answer.status_code == 404
    assert 'id="rooms"' in answer.content.decode()
    assert 'href="/tasks"' in answer.content.decode()


def test_a_wrong_address_shows_a_stranger_no_room(reader: Any) -> None:
    shown = reader.get("/nowhere").content.decode()

    assert 'id="rooms"' not in shown
    assert "A person can help" in shown


def test_a_wrong_address_speaks_the_language_of_the_person(operator: Any) -> None:
    post_as(operator, "/account", "/account", name="Camille", language="fr")
    del operator.cookies["language"]

    assert "Rien n’a été changé" in operator.get("/nowhere").content.decode()
