"""Another e-mail address for one's own account: asked with the password, confirmed from where letters arrive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.flow import staff as office
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.colleagues import CAMILLE, PASSWORD, come_in, is_in, number_of, post_as

NEW = "camille.roux@example.org"
FORM = "/account/email"


def wanted(db: Connection, ago: timedelta = timedelta()) -> str:
    number = number_of(db, CAMILLE["email"])
    return "/address/" + office.want_address(db, number, NEW, datetime.now(UTC) - ago)[1]


def ask(browser: Any, **changed: str) -> Any:
    return post_as(browser, FORM, **({"email": NEW, "old": PASSWORD} | changed))


def test_camille_asks_confirms_and_signs_in_with_it(
    camille: Any, browser: Callable[[], Any], db: Connection
) -> None:
    answer = ask(camille)
    assert "A letter is on its way to" in answer.content.decode()
    assert come_in(browser()).status_code == 302

    confirmed = post_as(browser(), wanted(db))
    assert NEW in confirmed.content.decode()
    assert come_in(browser()).status_code == 422
    assert come_in(browser(), email=NEW).status_code == 302


def test_nobody_is_signed_out(camille: Any, browser: Callable[[], Any], db: Connection) -> None:
    post_as(browser(), wanted(db))

    assert is_in(camille)
    assert NEW in camille.get("/account").content.decode()


def test_looking_at_the_link_changes_nothing(
    camille: Any,  # noqa: ARG001 - there is an account
    browser: Callable[[], Any],
    db: Connection,
) -> None:
    address = wanted(db)

    assert NEW in browser().get(address).content.decode()
    assert staff.by_email(db, NEW) is None


@pytest.mark.usefixtures("camille")
def test_the_link_is_good_once_for_a_day_and_the_latest_only(
    browser: Callable[[], Any], db: Connection
) -> None:
    old, new = wanted(db), wanted(db)
    assert browser().get(old).status_code == 403
    post_as(browser(), new)
    assert browser().get(new).status_code == 403
    late = office.want_address(
        db, number_of(db, NEW), "c@example.org", datetime.now(UTC) - timedelta(days=2)
    )[1]
    assert browser().get(f"/address/{late}").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"old": "not my password"},
        {"old": ""},
        {"email": "camille"},
        {"email": ""},
        {"email": "CAMILLE@example.org"},
        {"email": "omar@example.org"},
    ],
)
def test_what_is_wrong_sends_no_letter_and_is_shown_to_be_put_right(
    camille: Any, db: Connection, wrong: dict[str, str]
) -> None:
    staff.make(db, staff.New(name="Omar", email="omar@example.org", roles=[Role.OWNER]))
    answer = ask(camille, **wrong)

    assert answer.status_code == 422
    assert f'value="{wrong.get("email", NEW)}"' in answer.content.decode()
    assert db.execute("SELECT FROM entry WHERE kind = 'address'").fetchone() is None


def test_a_password_is_guessed_at_no_more_than_elsewhere(camille: Any) -> None:
    assert [ask(camille, old=f"guess {n}").status_code for n in range(11)][-1] == 429


def test_an_address_that_somebody_else_took_meanwhile_is_refused(
    camille: Any,  # noqa: ARG001 - there is an account
    browser: Callable[[], Any],
    db: Connection,
) -> None:
    address = wanted(db)
    staff.make(db, staff.New(name="Omar", email=NEW, roles=[Role.OWNER]))

    assert post_as(browser(), address).status_code == 422
    assert staff.by_email(db, CAMILLE["email"])


@pytest.mark.parametrize("by", ["a new password", "letting go"])
def test_what_was_asked_with_an_old_password_is_void(
    camille: Any, browser: Callable[[], Any], db: Connection, by: str
) -> None:
    address = wanted(db)
    if by == "letting go":
        staff.make(
            db,
            staff.New(
                name="O", email="o@example.org", roles=list(Role), joined_at=datetime.now(UTC)
            ),
        )
        office.deactivate(db, number_of(db, CAMILLE["email"]), 0)
    else:
        post_as(camille, "/account/password", old=PASSWORD, password="another sentence, longer")

    assert browser().get(address).status_code == 403


@pytest.mark.usefixtures("camille")
def test_a_lost_password_sent_to_the_old_address_opens_nothing(
    browser: Callable[[], Any], db: Connection
) -> None:
    token = entries.make(db, Kind.RESET, datetime.now(UTC), number_of(db, CAMILLE["email"]))
    post_as(browser(), wanted(db))

    assert browser().get(f"/password/{token}").status_code == 403


def test_whoever_has_no_password_is_not_led_here(signed_in: Callable[..., Any]) -> None:
    ines = signed_in(Role.ADVISER)

    assert FORM not in ines.get("/account").content.decode()
    assert ask(ines).status_code == 422


@pytest.mark.usefixtures("camille")
def test_both_are_written_down(camille: Any, browser: Callable[[], Any], db: Connection) -> None:
    ask(camille)
    post_as(browser(), wanted(db))
    rows = db.execute("SELECT what, name, details FROM audit ORDER BY audit_id DESC LIMIT 2")

    assert rows.fetchall() == [("confirm_email", "Camille", {}), ("change_email", "Camille", {})]
