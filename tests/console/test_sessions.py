"""How long people stay in, where they are in, and how a password is changed or found again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries
from terrain.store.entries import Kind
from tests.colleagues import (
    CAMILLE,
    PASSWORD,
    come_in,
    is_in,
    number_of,
    post_as,
    without_words,
)


def test_camille_sees_where_she_is_signed_in_and_signs_out_there(
    camille: Any, browser: Any
) -> None:
    phone = browser()
    phone.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Version/17 Safari/604.1"
    come_in(phone)
    page = camille.get("/account").content.decode()
    assert "Safari, iPhone" in page
    number = page.split('name="session" value="')[1].split('"')[0]
    post_as(camille, "/account", "/account/sessions", session=number)

    assert not is_in(phone)
    assert is_in(camille)


def test_she_signs_out_everywhere_else(camille: Any, browser: Any) -> None:
    others = [browser(), browser()]
    for each in others:
        come_in(each)
    post_as(camille, "/account", "/account/sessions", session="others")

    assert [is_in(each) for each in others] == [False, False]
    assert is_in(camille)


def test_nobody_ends_the_session_of_another(camille: Any, signed_in: Any, db: Connection) -> None:
    row = db.execute("SELECT session_key FROM staff_session").fetchone()
    assert row
    post_as(signed_in(*Role), "/account", "/account/sessions", session=str(row[0]))

    assert is_in(camille)


def test_a_new_password_ends_the_other_sessions_and_the_old_password(
    camille: Any, browser: Any
) -> None:
    stolen = browser()
    come_in(stolen)
    new = "une autre phrase, plus longue"
    post_as(camille, "/account/password", old=PASSWORD, password=new)

    assert is_in(camille)
    assert not is_in(stolen)
    assert come_in(browser()).status_code == 422
    assert come_in(browser(), password=new).status_code == 302


def test_a_stolen_cookie_is_worth_nothing_after_a_new_password(camille: Any, browser: Any) -> None:
    thief = browser()
    thief.cookies["session"] = camille.cookies["session"].value
    assert is_in(thief)
    post_as(camille, "/account/password", old=PASSWORD, password="une autre phrase, longue")

    assert not is_in(thief)
    assert is_in(camille)


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"old": "wrong"}, 422), ({"password": "short"}, 422), ({"old": ""}, 422)],
)
def test_whoever_does_not_know_the_old_password_changes_nothing(
    camille: Any, browser: Any, typed: dict[str, str], status: int
) -> None:
    given = {"old": PASSWORD, "password": "une autre phrase, longue"} | typed

    assert post_as(camille, "/account/password", **given).status_code == status
    assert come_in(browser()).status_code == 302


def test_guessing_the_old_password_is_counted_too(camille: Any) -> None:
    guesses = [
        post_as(camille, "/account/password", old="no", password=PASSWORD) for _ in range(11)
    ]

    assert guesses[-1].status_code == 429


def test_what_the_record_keeps_of_a_session_opens_nothing(
    camille: Any, browser: Any, db: Connection
) -> None:
    held = camille.cookies["session"].value
    (kept,) = db.execute("SELECT session_key FROM staff_session").fetchone() or ("",)
    thief = browser()
    thief.cookies["session"] = kept

    assert not is_in(thief)
    assert is_in(camille)
    rows = db.execute("SELECT kept::text FROM staff_session kept").fetchall()
    assert not [row for (row,) in rows if held in row]


def test_a_key_that_a_stranger_thought_of_is_not_taken_over(browser: Any, db: Connection) -> None:
    thief = browser()
    thief.cookies["session"] = "a" * 32
    thief.get("/sign-in/passkey")  # writes into the session what the passkey is asked

    assert thief.cookies["session"].value != "a" * 32
    assert db.execute("SELECT count(*) FROM staff_session").fetchone() == (1,)


def test_a_session_ends_a_week_after_it_began(camille: Any) -> None:
    _set(camille, began=datetime.now(UTC) - timedelta(days=7, minutes=1))

    assert not is_in(camille)


def test_a_session_that_is_used_goes_on_and_one_left_alone_ends(
    camille: Any, db: Connection
) -> None:
    _set(camille, seen=datetime.now(UTC) - timedelta(minutes=6))
    before = db.execute("SELECT expire_date FROM staff_session").fetchone()
    assert is_in(camille)
    assert db.execute("SELECT expire_date FROM staff_session").fetchone() > before  # type: ignore[operator]
    db.execute("UPDATE staff_session SET expire_date = now() - interval '1 second'")

    assert not is_in(camille)


def test_whoever_is_in_already_is_led_on(camille: Any) -> None:
    assert camille.get("/sign-in?next=/demo").headers["Location"] == "/demo"


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(browser: Any) -> None:
    asking = {"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/demo?x=1"}
    answer = browser().get("/trays", headers=asking)

    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fdemo"
    assert answer.content == b""


def test_signing_out_takes_a_form(camille: Any) -> None:
    camille.get("/left")
    assert is_in(camille)
    post_as(camille, "/account", "/left")
    assert not is_in(camille)


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(camille: Any) -> None:
    cookie = camille.cookies["session"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_page_costs_two_small_questions_for_who_is_there(camille: Any) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as asked:
        camille.get("/demo")
    about = [each["sql"] for each in asked if "SELECT" in each["sql"]]

    assert len(about) == 2


@pytest.mark.usefixtures("camille")
def test_it_is_answered_alike_whether_or_not_there_is_an_account(browser: Any) -> None:
    known, unknown = (
        post_as(browser(), "/lost-password", email=email).content.decode()
        for email in (CAMILLE["email"], "nobody@example.org")
    )

    assert without_words(known) == without_words(unknown)


def test_the_link_takes_a_new_password_and_ends_every_session(
    camille: Any, browser: Any, db: Connection
) -> None:
    token = entries.make(db, Kind.RESET, datetime.now(UTC), number_of(db, CAMILLE["email"]))
    new = "une autre phrase, longue"
    answer = post_as(browser(), f"/password/{token}", password=new)

    assert answer.status_code == 302
    assert not is_in(camille)
    assert come_in(browser(), password=new).status_code == 302
    assert browser().get(f"/password/{token}").status_code == 403


@pytest.mark.usefixtures("camille")
def test_a_weak_one_is_refused_and_the_link_still_works(browser: Any, db: Connection) -> None:
    token = entries.make(db, Kind.RESET, datetime.now(UTC), number_of(db, CAMILLE["email"]))

    assert post_as(browser(), f"/password/{token}", password="short").status_code == 422
    assert browser().get(f"/password/{token}").status_code == 200


@pytest.mark.usefixtures("camille")
def test_asking_is_counted(browser: Any) -> None:
    asked = [post_as(browser(), "/lost-password", email="a@example.org") for _ in range(11)]

    assert asked[-1].status_code == 429


def _set(browser: Any, **moments: datetime) -> None:
    session = browser.session
    for name, at in moments.items():
        session[name] = int(at.timestamp())
    session.save()
