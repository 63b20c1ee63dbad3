"""Every page refuses by default, and showing a page changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries
from terrain.store.entries import Kind

FILL = {"token": "x", "saying": "stop", "customer": 1, "decision": 1, "task": 1, "letter": 1}
FILL |= {"mark": "m", "name": "n"}


def every_page() -> list[Any]:
    from terrain.console.urls import PAGES  # noqa: PLC0415

    return list(PAGES)


def address_of(page: Any) -> str:
    from django.urls import reverse  # noqa: PLC0415

    names = [part for part in FILL if f":{part}>" in page.address]
    return str(reverse(page.name, kwargs={name: FILL[name] for name in names}))


def test_a_stranger_sees_nothing_but_the_doors(reader: Any) -> None:
    seen = {page.name: reader.get(address_of(page)).status_code for page in every_page()}

    open_ones = {name for name, status in seen.items() if status == 200}
    assert open_ones == {"account_login", "left"}
    assert {seen[name] for name in ("overview", "customer", "letter_body", "trays")} == {302}
    assert seen["enter"] == 403
    assert {seen[name] for name in ("own_page", "own_page_say", "unsubscribe", "click")} == {404}


def test_a_stranger_changes_nothing_either(reader: Any) -> None:
    for page in every_page():
        assert reader.post(address_of(page)).status_code in {403, 404, 405}, page.name


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

    assert post(address, **camille).headers["Location"] == "/"
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
