"""The letters that those who work here get: they arrive, say no more than they should, and their links work."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, LiteralString

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import Settings
from terrain.core.staff import Role
from terrain.flow import staff_letters
from terrain.store import staff
from terrain.store.staff import Account, New
from tests.colleagues import CAMILLE, PASSWORD, post_as
from tests.outside import PostOffice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS_TO_ARRIVE = 20
INES = Account(
    staff_id=1,
    name="Inès",
    email="ines@example.org",
    language="fr",
    roles=[Role.ADVISER],
    is_active=True,
    made_at=NOON,
    joined_at=NOON,
    last_login=None,
)


@pytest.fixture
def post_office(settings_of_django: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """Return the mail server that letters leave by."""
    with PostOffice() as office:
        given = replace(settings_of_django.TERRAIN, smtp_url=office.url)
        monkeypatch.setattr(settings_of_django, "TERRAIN", given)
        yield office


def arrived(office: PostOffice) -> EmailMessage:
    give_up_at = time.monotonic() + SECONDS_TO_ARRIVE
    while not office.mail and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return office.messages[0]


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def address_in(letter: EmailMessage) -> str:
    found = re.search(r"http\S+(/(?:join|password|address)/\S+)", text_of(letter))
    assert found is not None
    return found[1]


def test_ines_comes_in_by_the_letter_that_invites_her(
    operator: Any, reader: Any, post_office: PostOffice
) -> None:
    said = post_as(operator, "/staff", name="Inès", email=INES.email, roles=["adviser"])
    letter = arrived(post_office)

    assert "is on its way to ines@example.org" in said.content.decode()
    assert post_office.recipients == [INES.email]
    assert address_in(letter) in said.content.decode()
    reader.logout()
    post_as(reader, address_in(letter), name="Inès", password="une phrase assez longue")
    assert reader.get("/tasks").status_code == 200


def test_a_lost_password_is_found_by_the_letter(
    db: Connection, reader: Any, post_office: PostOffice
) -> None:
    staff.make(db, New(name="Inès", email=INES.email, roles=[Role.ADVISER], joined_at=NOON))
    post_as(reader, "/lost-password", email="INES@example.org")
    post_as(reader, address_in(arrived(post_office)), password="une phrase assez longue")

    assert reader.get("/account").status_code == 200


def test_a_new_address_is_confirmed_by_its_letter_and_the_old_one_told(
    camille: Any, post_office: PostOffice
) -> None:
    post_as(camille, "/account/email", email="roux@example.org", old=PASSWORD)
    asked = arrived(post_office)
    assert post_office.recipients == ["roux@example.org"]
    post_office.mail.clear()
    post_as(camille, address_in(asked))
    told = arrived(post_office)

    assert post_office.recipients[-1] == CAMILLE["email"]
    assert "roux@example.org" in text_of(told)


@pytest.mark.parametrize(
    "changed",
    ["UPDATE staff SET is_active = false", "UPDATE staff SET joined_at = NULL"],
)
def test_nobody_who_was_let_go_or_never_came_gets_one(
    db: Connection, reader: Any, post_office: PostOffice, changed: LiteralString
) -> None:
    staff.make(db, New(name="Inès", email=INES.email, roles=[Role.ADVISER], joined_at=NOON))
    db.execute(changed)
    post_as(reader, "/lost-password", email=INES.email)

    assert db.execute("SELECT count(*) FROM entry").fetchone() == (0,)
    assert post_office.mail == []


def test_a_letter_speaks_the_language_of_its_reader() -> None:
    letter = staff_letters.invitation(INES, "Camille", "https://x.example/join/t", Settings())

    assert letter.message.subject == "Votre compte chez Terrain"
    assert "Bonjour Inès," in letter.message.text


def test_a_name_is_no_markup_in_it() -> None:
    eve = replace(INES, name="<script>alert(1)</script>")
    letter = staff_letters.lost_password(eve, "https://x.example/password/t?a&b", Settings())

    assert "<script>" not in letter.message.html
    assert "&lt;script&gt;" in letter.message.html


def test_a_script_in_a_name_does_not_run_in_the_staff_room(db: Connection, operator: Any) -> None:
    name = "<script>alert(1)</script>"
    of = staff.make(db, New(name=name, email=INES.email, roles=[Role.ADVISER]))

    for page in ("/staff", f"/staff/{of}"):
        said = operator.get(page).content.decode()
        assert name not in said
        assert "&lt;script&gt;" in said


def test_two_letters_have_two_names() -> None:
    two = {
        staff_letters.invitation(INES, "Camille", "https://x.example", Settings()).message_id
        for _ in range(2)
    }

    assert len(two) == 2
