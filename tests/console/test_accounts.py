"""Who works here: invited, given roles, let go; and those who try what is not theirs to do."""

from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import staff
from tests.colleagues import CAMILLE, INES, PASSWORD, come_in, invited, is_in, number_of, post_as
from tests.outside import where_nobody_listens


def test_ines_comes_in_by_her_invitation_and_no_further_than_her_role(
    camille: Any, browser: Any
) -> None:
    ines = browser()
    post_as(ines, invited(camille), name="Inès", password=PASSWORD)

    assert ines.get("/tasks").status_code == 200
    assert ines.get("/staff").status_code == 403


def test_who_guesses_elsewhere_does_not_keep_her_out_of_the_browser_she_joined_in(
    camille: Any, browser: Any
) -> None:
    ines, address = browser(), invited(camille)
    for guess in range(11):
        come_in(browser(), email=INES["email"], password=f"wrong {guess}")
    post_as(ines, address, name="Inès", password=PASSWORD)
    post_as(ines, "/account", "/left")

    assert come_in(browser(), email=INES["email"]).status_code == 429
    assert come_in(ines, email=INES["email"]).status_code == 302


def test_it_works_once(camille: Any, browser: Any) -> None:
    address = invited(camille)
    post_as(browser(), address, name="Inès", password=PASSWORD)

    assert browser().get(address).status_code == 403


def test_a_weak_password_does_not_use_it_up(camille: Any, browser: Any) -> None:
    ines, address = browser(), invited(camille)

    assert post_as(ines, address, name="Inès", password="short").status_code == 422
    assert post_as(ines, address, name="Inès", password=PASSWORD).status_code == 302


def test_after_seven_days_it_is_closed(camille: Any, browser: Any, db: Connection) -> None:
    address = invited(camille)
    db.execute("UPDATE entry SET good_until = good_until - interval '7 days'")

    assert browser().get(address).status_code == 403


def test_invited_again_the_old_address_is_closed(
    camille: Any, browser: Any, db: Connection
) -> None:
    old, of = invited(camille), number_of(db, INES["email"])
    said = post_as(camille, f"/staff/{of}", f"/staff/{of}/again").content.decode()
    new = "/join/" + said.split("/join/")[1].split("<")[0]

    assert browser().get(old).status_code == 403
    assert browser().get(new).status_code == 200


def test_withdrawn_it_is_closed_and_the_account_is_gone(
    camille: Any, browser: Any, db: Connection
) -> None:
    address, of = invited(camille), number_of(db, INES["email"])
    post_as(camille, f"/staff/{of}", f"/staff/{of}/withdraw")

    assert browser().get(address).status_code == 403
    assert staff.by_email(db, INES["email"]) is None


def test_an_invitation_that_was_accepted_cannot_be_withdrawn(
    camille: Any, browser: Any, db: Connection
) -> None:
    post_as(browser(), invited(camille), name="Inès", password=PASSWORD)
    of = number_of(db, INES["email"])

    assert post_as(camille, f"/staff/{of}", f"/staff/{of}/withdraw").status_code == 409
    assert staff.by_email(db, INES["email"]) is not None


def test_without_a_password_nobody_signs_in(camille: Any, browser: Any) -> None:
    invited(camille)

    assert come_in(browser(), email=INES["email"], password="!").status_code == 422


def test_it_is_said_that_the_letter_could_not_be_sent(
    camille: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with where_nobody_listens() as port:
        monkeypatch.setenv("TERRAIN_SMTP_URL", f"smtp://127.0.0.1:{port}")

        said = post_as(camille, "/staff", roles=["adviser"], **INES).content.decode()

    assert "could not be sent" in said


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"name": ""}, "name of at most 80"),
        ({"email": "nonsense"}, "not an e-mail address"),
        ({"email": "CAMILLE@example.org"}, "account for camille@example.org already"),
        ({"roles": ["emperor"]}, "Choose at least one"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said(
    camille: Any, typed: dict[str, Any], code: str
) -> None:
    answer = post_as(camille, "/staff", **({"roles": ["adviser"]} | INES | typed))

    assert answer.status_code == 422
    assert code in answer.content.decode()


def test_a_role_given_holds_at_once(camille: Any, signed_in: Any) -> None:
    ines = signed_in(Role.VIEWER)
    of = ines.person.pk
    post_as(camille, f"/staff/{of}", roles=["adviser"])

    assert ines.get("/tasks").status_code == 200


def test_the_last_administrator_stays_one(camille: Any, db: Connection) -> None:
    of = number_of(db, CAMILLE["email"])

    assert post_as(camille, f"/staff/{of}", roles=["viewer"]).status_code == 409
    assert camille.get("/staff").status_code == 200


def test_nobody_locks_themselves_out(camille: Any, signed_in: Any, db: Connection) -> None:
    signed_in(Role.ADMINISTRATOR)
    of = number_of(db, CAMILLE["email"])

    assert post_as(camille, f"/staff/{of}", roles=["viewer"]).status_code == 409
    assert post_as(camille, f"/staff/{of}", f"/staff/{of}/let-go").status_code == 409
    assert is_in(camille)


def test_an_administrator_who_never_came_is_none_that_remains(
    camille: Any, signed_in: Any, db: Connection
) -> None:
    invited(camille, Role.ADMINISTRATOR)
    other = signed_in(Role.ADMINISTRATOR)
    db.execute("UPDATE staff SET is_active = false WHERE id = %s", [other.person.pk])
    of = number_of(db, CAMILLE["email"])

    said = post_as(camille, f"/staff/{of}", roles=["viewer"]).content.decode()
    assert "make another administrator first" in said


def test_whoever_is_let_go_is_out_at_once(camille: Any, browser: Any, db: Any) -> None:
    ines = browser()
    post_as(ines, invited(camille), name="Inès", password=PASSWORD)
    of = number_of(db, INES["email"])
    post_as(camille, f"/staff/{of}", f"/staff/{of}/let-go")

    assert ines.get("/tasks").status_code == 302
    assert come_in(browser(), email=INES["email"]).status_code == 422


def test_brought_back_she_signs_in_again(camille: Any, browser: Any, db: Any) -> None:
    post_as(browser(), invited(camille), name="Inès", password=PASSWORD)
    of = number_of(db, INES["email"])
    post_as(camille, f"/staff/{of}", f"/staff/{of}/let-go")
    post_as(camille, f"/staff/{of}", f"/staff/{of}/bring-back")

    assert come_in(browser(), email=INES["email"]).status_code == 302


def test_looking_at_a_step_takes_none(camille: Any, signed_in: Any) -> None:
    ines = signed_in(Role.VIEWER)
    assert camille.get(f"/staff/{ines.person.pk}/let-go").status_code == 302
    assert is_in(ines)


def test_a_step_that_is_none_is_not_found(camille: Any, signed_in: Any) -> None:
    of = signed_in(Role.VIEWER).person.pk
    assert post_as(camille, f"/staff/{of}", f"/staff/{of}/promote").status_code == 404
    assert camille.get("/staff/999999").status_code == 404
