"""Every page refuses by default, and showing a page changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import GRANTS, May, Role
from terrain.store import entries
from terrain.store.entries import Kind
from tests.colleagues import sign_in

pytestmark = pytest.mark.usefixtures("served")

# Whoever comes may open these; every other page asks for a link of ours or for somebody signed in.
OPEN = {
    "asset",
    "enter",
    "account_login",
    "confirm_email",
    "join",
    "left",
    "lost_password",
    "new_password",
    # Other ways to sign in, and the second step of all of them.
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
}
REFUSED = "role_needed"


def every_route() -> list[Any]:
    """Return all that Django would serve, whether or not it stands in our table."""
    from django.urls import get_resolver  # noqa: PLC0415

    return list(get_resolver().url_patterns)


def address_of(route: Any) -> str:
    """Return an address of this page, its gaps filled with what cannot be there."""
    from django.urls import reverse  # noqa: PLC0415

    parts = {
        name: "x" if "str" in type(each).__name__.lower() else 1
        for name, each in route.pattern.converters.items()
    }
    return str(reverse(route.name, kwargs=parts))


def browser_of(db: Connection, *roles: Role) -> Any:
    from django.test import Client  # noqa: PLC0415

    return sign_in(db, Client(), "Inès", *roles)


def may_see(page: Any, roles: tuple[Role, ...]) -> bool:
    """Say what GRANTS says."""
    return not isinstance(page.rule, May) or any(page.rule in GRANTS[role] for role in roles)


def is_refused(answer: Any) -> bool:
    return answer.status_code == 403 and REFUSED in answer.content.decode()


def test_every_route_is_a_page_with_a_rule() -> None:
    from terrain.console.access import Page, Rule  # noqa: PLC0415

    for route in every_route():
        page = getattr(route.callback, "page", None)
        assert isinstance(page, Page), route
        assert isinstance(page.rule, Rule | May), page.name


def test_a_stranger_sees_nothing_but_the_doors(reader: Any) -> None:
    for route in every_route():
        page, seen = route.callback.page, reader.get(address_of(route))
        if page.for_staff:
            assert seen.status_code == 302, page.name
            assert seen.headers["Location"].startswith("/sign-in"), page.name
        elif page.rule == "anyone":
            assert page.name in OPEN, page.name
        else:
            assert seen.status_code == 404, page.name


def test_a_stranger_changes_nothing_either() -> None:
    from django.test import Client  # noqa: PLC0415

    for route in every_route():
        page = route.callback.page
        if page.rule != "anyone":
            answer = Client().post(address_of(route))
            assert answer.status_code in {403, 404, 405}, page.name


def test_no_form_is_taken_without_the_word_of_our_page(signed_in: Any) -> None:
    camille = signed_in(*Role)
    for route in every_route():
        if route.callback.page.form_word:
            answer = camille.post(address_of(route))
            assert "form_not_ours" in answer.content.decode(), route.name


@pytest.mark.parametrize("roles", [(), *((role,) for role in Role)], ids=str)
def test_each_role_sees_what_it_is_granted(db: Connection, roles: Any) -> None:
    browser = browser_of(db, *roles)
    for route in every_route():
        page = route.callback.page
        if page.for_staff and page.name != "live":
            seen = browser.get(address_of(route))
            assert is_refused(seen) != may_see(page, roles), page.name


@pytest.mark.parametrize("roles", [(), *((role,) for role in Role)], ids=str)
def test_each_role_changes_only_what_it_is_granted(db: Connection, roles: Any) -> None:
    browser = browser_of(db, *roles)
    for route in every_route():
        page = route.callback.page
        if page.for_staff and not may_see(page, roles):
            assert is_refused(browser.post(address_of(route))), page.name


def test_a_page_that_nobody_gave_a_rule_is_refused(reader: Any, monkeypatch: Any) -> None:
    from django.http import HttpResponse  # noqa: PLC0415
    from django.urls import clear_url_caches, path  # noqa: PLC0415

    from terrain.console import urls  # noqa: PLC0415

    forgotten = path("forgotten", lambda _: HttpResponse("everything"))
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, forgotten])
    clear_url_caches()

    assert reader.get("/forgotten").status_code == 403
    monkeypatch.undo()
    clear_url_caches()


def test_showing_a_page_cannot_write(operator: Any, monkeypatch: Any) -> None:
    from psycopg.errors import ReadOnlySqlTransaction  # noqa: PLC0415

    from terrain.store import reports  # noqa: PLC0415

    def write(db: Connection, _name: str) -> None:
        db.execute("DELETE FROM report")

    monkeypatch.setattr(reports, "find", write)
    with pytest.raises(ReadOnlySqlTransaction):
        operator.get("/demo")


def test_a_page_answers_only_to_what_it_was_made_for(operator: Any) -> None:
    assert operator.delete("/tasks").status_code == 403  # without the word of a form
    assert operator.head("/tasks").status_code == 200
    assert operator.options("/tasks").status_code == 405


def test_whoever_leaves_is_out(operator: Any, post: Any) -> None:
    post("/demo", "/left")

    assert operator.get("/demo").status_code == 302


def test_a_stranger_is_led_to_the_sign_in_page_and_back(reader: Any) -> None:
    assert reader.get("/demo?x=1").headers["Location"] == "/sign-in?next=%2Fdemo%3Fx%3D1"


def test_without_the_role_ines_reads_which_one_it_takes(signed_in: Any) -> None:
    said = signed_in(Role.VIEWER).get("/tasks")

    assert said.status_code == 403
    assert "adviser, manager" in said.content.decode()


def test_the_first_account_is_made_once_by_the_printed_address(
    db: Connection, reader: Any, post: Any
) -> None:
    address = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"
    camille = {"name": "Camille", "email": "Camille@example.org", "password": "au fil de l'eau"}

    assert post(address, **camille).headers["Location"] == "/morning"
    assert reader.get("/demo").status_code == 200
    assert reader.get(address).status_code == 403


def test_yesterdays_way_in_is_closed(db: Connection, reader: Any) -> None:
    old = entries.make(db, Kind.FIRST, datetime.now(UTC) - timedelta(hours=25))

    assert reader.get(f"/enter/{old}").status_code == 403


def test_camille_signs_in_with_her_password(db: Connection, reader: Any, post: Any) -> None:
    address = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"
    camille = {"email": "camille@example.org", "password": "au fil de l'eau"}
    post(address, name="Camille", **camille)
    post("/demo", "/left")

    assert post("/sign-in", **(camille | {"password": "wrong"})).status_code == 422
    assert post("/sign-in", next="/demo", **camille).headers["Location"] == "/demo"
    assert reader.get("/demo").status_code == 200
