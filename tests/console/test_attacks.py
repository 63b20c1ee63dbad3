"""The console as somebody inside it would attack it: an adviser who would be more, a form to nowhere."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.identifier import new_id
from terrain.core.staff import Role
from terrain.flow import staff_letters
from terrain.logs import without_keys
from terrain.store import caught_mail, entries, staff
from terrain.store.caught_mail import Caught
from terrain.store.entries import Kind
from tests.colleagues import PASSWORD, post_as

NOW = datetime.now(UTC)
WAY_IN = "https://shop.example/password/hers"
SignIn = Callable[..., Any]


@pytest.fixture
def caught(db: Connection, settings_of_django: Any) -> int:
    """Let Camille lose her password while no mail server is set; return the number of her letter."""
    new = staff.New(name="Camille", email="camille@example.org", roles=[Role.ADMINISTRATOR])
    account = staff.find(db, staff.make(db, new))
    assert account is not None
    letter = staff_letters.lost_password(account, WAY_IN, settings_of_django.TERRAIN)
    kept = Caught(
        caught_id=new_id(NOW),
        at=NOW,
        sender=letter.sender,
        recipient=letter.to,
        subject=letter.message.subject,
        message_id=letter.message_id,
        raw=letter.message.text.encode(),
    )
    caught_mail.keep(db, [kept])
    return kept.caught_id


def test_an_adviser_does_not_take_over_an_account_by_its_caught_letter(
    caught: int, signed_in: SignIn
) -> None:
    for role in (Role.ADVISER, Role.OWNER, Role.MANAGER):
        reader = signed_in(role)
        assert "camille@example.org" not in reader.get("/mail").content.decode()
        assert reader.get(f"/mail/{caught}").status_code == 404
        assert reader.get(f"/mail/{caught}/body").status_code == 404


def test_who_administers_accounts_reads_the_letters_to_them(caught: int, operator: Any) -> None:
    assert "camille@example.org" in operator.get("/mail").content.decode()
    assert operator.get(f"/mail/{caught}").status_code == 200


@pytest.mark.usefixtures("operator")
def test_a_form_to_nowhere_is_refused_and_breaks_nothing(post: Any) -> None:
    for nowhere in ("/nowhere", "/customers/abc", "/keys/"):
        assert post("/account", nowhere).status_code == 404


@pytest.mark.usefixtures("_django")
def test_no_address_that_holds_a_token_stands_in_the_log() -> None:
    from terrain.console.urls import PAGES  # noqa: PLC0415

    keys = [
        each.address.replace("<str:token>", "opens") for each in PAGES if "token>" in each.address
    ]

    assert len(keys) > 10
    assert [key for key in keys if "opens" in str(without_keys(f"Forbidden: /{key}"))] == []


def test_an_invitation_and_a_password_by_link_stand_in_the_log_as_what_they_are(
    db: Connection, browser: Any
) -> None:
    for kind, room, deed in (
        (Kind.INVITATION, "join", "join"),
        (Kind.RESET, "password", "new_password"),
    ):
        new = staff.New(name="Inès", email=f"{deed}@example.org", roles=[Role.ADVISER])
        number = staff.make(db, new)
        address = f"/{room}/{entries.make(db, kind, NOW, number)}"
        assert post_as(browser(), address, name="Inès", password=PASSWORD).status_code == 302

        told = db.execute("SELECT what, outcome FROM audit WHERE staff_id = %s", [number])
        assert told.fetchall() == [(deed, 200), ("signed_in", 200)]
