"""Léa's rights, through her own page and through the console: nothing acts on GET, nothing by mistake."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from psycopg import Connection

from terrain.core.link import LinkKind
from terrain.core.staff import Role
from terrain.store import erasures, tasks
from tests.colleagues import post_as
from tests.reminded import Reminded


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def events(lea: Reminded) -> list[str]:
    rows = lea.db.execute(
        "SELECT name FROM event WHERE customer_id = %s ORDER BY received_at", [lea.key.customer_id]
    )
    return [name for (name,) in rows]


def due(lea: Reminded) -> Any:
    return erasures.of(lea.db, [lea.key])


# -- on her own page


def test_her_page_offers_all_three(lea: Reminded, reader: Any) -> None:
    shown = reader.get(lea.page).content.decode()

    for path in ("export", "freeze", "erase"):
        assert f"{lea.page}/{path}" in shown


def test_she_takes_everything_along(lea: Reminded, post: Callable[..., Any]) -> None:
    answer = post(lea.page, f"{lea.page}/export", copy="json")

    assert answer["Content-Type"] == "application/json"
    assert "attachment" in answer["Content-Disposition"]
    whole = json.loads(body(answer))
    assert whole["customer"]["number"] == str(lea.key.customer_id)
    assert "data.exported" in events(lea)


def test_she_takes_along_what_she_gave(lea: Reminded, post: Callable[..., Any]) -> None:
    answer = post(lea.page, f"{lea.page}/export", copy="csv")

    with ZipFile(io.BytesIO(body(answer))) as archive:
        assert {"names.csv", "facts.csv", "events.csv", "README.txt"} <= set(archive.namelist())


def test_another_form_of_copy_is_refused(lea: Reminded, post: Callable[..., Any]) -> None:
    answer = post(lea.page, f"{lea.page}/export", copy="../etc/passwd")

    assert answer.status_code == 422
    assert "data.exported" not in events(lea)


def test_she_is_left_alone_and_lets_it_go_on(
    lea: Reminded, post: Callable[..., Any], reader: Any
) -> None:
    post(lea.page, f"{lea.page}/freeze")
    assert b"you are left alone" in reader.get(f"{lea.page}?language=en").content

    post(lea.page, f"{lea.page}/freeze", go_on="yes")
    assert events(lea)[-2:] == ["processing.frozen", "processing.resumed"]


def test_the_page_of_erasing_says_what_goes_and_what_stays(lea: Reminded, reader: Any) -> None:
    shown = reader.get(f"{lea.page}/erase?language=en").content.decode()

    for words in ("What goes", "What stays, and why", "Who else", "After 3 days"):
        assert words in shown
    assert due(lea) is None


def test_erasing_without_the_tick_shows_the_form_again(
    lea: Reminded, post: Callable[..., Any]
) -> None:
    answer = post(f"{lea.page}/erase")
    shown = answer.content.decode()

    assert answer.status_code == 422
    assert 'name="sure" value="yes" required aria-describedby="sure-error"' in shown
    assert due(lea) is None


def test_erasing_is_asked_once_more(lea: Reminded, post: Callable[..., Any]) -> None:
    answer = post(f"{lea.page}/erase")

    assert answer.status_code == 422
    assert due(lea) is None


def test_she_is_to_be_erased_and_takes_it_back(lea: Reminded, post: Callable[..., Any]) -> None:
    post(f"{lea.page}/erase", sure="yes")
    wish = due(lea)
    assert wish.due_at - wish.asked_at == timedelta(days=3)
    assert wish.asked_by == "customer"

    post(lea.page, f"{lea.page}/keep")
    assert due(lea) is None
    assert events(lea)[-1] == "erasure.taken_back"


def test_until_she_is_erased_her_page_says_when(
    lea: Reminded, post: Callable[..., Any], reader: Any
) -> None:
    post(f"{lea.page}/erase", sure="yes")

    shown = reader.get(f"{lea.page}?language=en").content.decode()
    assert "Everything we know about you will be gone after" in shown
    assert f"{lea.page}/keep" in shown


def test_a_house_can_erase_at_once(
    lea: Reminded, post: Callable[..., Any], settings_of_django: Any, monkeypatch: Any
) -> None:
    at_once = msgspec.structs.replace(settings_of_django.TERRAIN, erase_after_days=0)
    monkeypatch.setattr(settings_of_django, "TERRAIN", at_once)
    post(f"{lea.page}/erase", sure="yes")

    assert due(lea).due_at <= datetime.now(UTC)


@pytest.mark.parametrize("path", ["export", "freeze", "keep"])
def test_looking_at_the_address_of_a_form_does_nothing(
    path: str, lea: Reminded, reader: Any
) -> None:
    before = events(lea)
    answer = reader.get(f"{lea.page}/{path}")

    assert (answer.status_code, answer["Location"]) == (302, f"{lea.page}#rights")
    assert events(lea) == before


@pytest.mark.parametrize("path", ["export", "freeze", "erase", "keep"])
def test_without_the_word_of_a_form_nothing_happens(path: str, lea: Reminded, reader: Any) -> None:
    before = events(lea)

    assert reader.post(f"{lea.page}/{path}", {"sure": "yes", "copy": "json"}).status_code == 403
    assert events(lea) == before


@pytest.mark.parametrize("kind", [LinkKind.UNSUBSCRIBE, LinkKind.CLICK])
def test_a_link_of_another_kind_opens_nothing(kind: LinkKind, lea: Reminded, reader: Any) -> None:
    assert reader.get(f"/my/{lea.link(kind)}/erase").status_code == 404


def test_a_changed_link_opens_nothing(lea: Reminded, reader: Any) -> None:
    assert reader.get(f"{lea.page[:-1]}x/erase").status_code == 404


def test_an_old_link_opens_nothing(lea: Reminded, reader: Any) -> None:
    old = lea.link(ago=timedelta(days=500))

    assert reader.get(f"/my/{old}/erase").status_code == 410


# -- by staff


def rights_of(lea: Reminded) -> str:
    return f"/customers/{lea.key.customer_id}/rights"


def serve(browser: Any, lea: Reminded, **fields: str) -> Any:
    return post_as(browser, rights_of(lea), **fields)


def test_an_adviser_hands_her_a_copy(lea: Reminded, signed_in: Callable[..., Any]) -> None:
    answer = serve(signed_in(Role.ADVISER), lea, do="export", copy="json")

    assert json.loads(body(answer))["customer"]["number"] == str(lea.key.customer_id)


def test_an_adviser_leaves_her_alone(lea: Reminded, signed_in: Callable[..., Any]) -> None:
    serve(signed_in(Role.ADVISER), lea, do="freeze")

    assert events(lea)[-1] == "processing.frozen"


def test_an_adviser_takes_down_what_she_asked_by_phone(
    lea: Reminded, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in(Role.ADVISER)
    serve(browser, lea, do="asked", right="access", text="on the phone")
    lea.work()

    (task,) = [one for one in tasks.open_ones(lea.db) if one.title == "right_access"]
    assert task.due_at is not None
    assert b"on the phone" not in browser.get(rights_of(lea)).content
    assert b"to be answered by" in browser.get(rights_of(lea) + "?language=en").content


def test_what_is_late_is_shown_as_late(lea: Reminded, signed_in: Callable[..., Any]) -> None:
    browser = signed_in(Role.ADVISER)
    serve(browser, lea, do="asked", right="access")
    lea.work()
    lea.db.execute("UPDATE task SET due_at = now() - interval '1 day' WHERE title = 'right_access'")

    assert b">late<" in browser.get(rights_of(lea) + "?language=en").content


def test_who_objects_by_phone_is_left_alone_at_once(
    lea: Reminded, signed_in: Callable[..., Any]
) -> None:
    serve(signed_in(Role.ADVISER), lea, do="asked", right="object")

    rows = lea.db.execute("SELECT value FROM claim WHERE fact = 'wish.freeze'").fetchall()
    assert rows == [(True,)]


def test_an_adviser_erases_her_and_takes_it_back(
    lea: Reminded, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in(Role.ADVISER)
    assert serve(browser, lea, do="erase").status_code == 422
    serve(browser, lea, do="erase", sure="yes")
    assert due(lea).asked_by == "Inès"

    serve(browser, lea, do="keep")
    assert due(lea) is None


@pytest.mark.parametrize("do", ["", "sell", "export"])
def test_nothing_else_can_be_asked(do: str, lea: Reminded, signed_in: Callable[..., Any]) -> None:
    assert serve(signed_in(Role.ADVISER), lea, do=do).status_code == 422


def test_a_right_that_nobody_has_is_refused(lea: Reminded, signed_in: Callable[..., Any]) -> None:
    answer = serve(signed_in(Role.ADVISER), lea, do="asked", right="everything")

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"right": "to be king"}, {"right": "access", "text": "no " * 1000}]
)
def test_what_an_adviser_took_down_stays_in_the_form_that_is_refused(
    wrong: dict[str, str], lea: Reminded, signed_in: Callable[..., Any]
) -> None:
    form = {"do": "asked", "text": "She wants to see all", **wrong}
    answer = post_as(signed_in(Role.ADVISER), rights_of(lea), **form)

    assert answer.status_code == 422
    assert form["text"].strip() in answer.content.decode()
    assert tasks.of_customer(lea.db, [lea.key]) == []


def test_an_adviser_who_did_not_tick_sees_the_form_again(
    lea: Reminded, signed_in: Callable[..., Any]
) -> None:
    answer = post_as(signed_in(Role.ADVISER), rights_of(lea), do="erase")

    assert answer.status_code == 422
    assert 'id="sure-error"' in answer.content.decode()
    assert due(lea) is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.ADMINISTRATOR])
def test_who_does_not_serve_customers_sees_nothing_of_it(
    role: Role, lea: Reminded, signed_in: Callable[..., Any]
) -> None:
    assert signed_in(role).get(rights_of(lea)).status_code == 403


def test_of_somebody_erased_the_page_is_gone(lea: Reminded, signed_in: Callable[..., Any]) -> None:
    browser = signed_in(Role.ADVISER)
    lea.db.execute("DELETE FROM customer WHERE customer_id = %s", [lea.key.customer_id])

    assert browser.get(rights_of(lea)).status_code == 410
