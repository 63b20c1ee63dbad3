"""Those who work here, in browsers of their own: Inès of the front line, Camille who owns automations."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import staff

PASSWORD = "au fil de l'eau, toujours"
CAMILLE = {"email": "camille@example.org", "password": PASSWORD}
INES = {"name": "Inès", "email": "ines@example.org"}
WORD = 'name="csrfmiddlewaretoken" value="'


def sign_in(db: Connection, browser: Any, name: str, *roles: Role) -> Any:
    """Sign somebody new in, without the detour over a password."""
    from terrain.console.accounts.models import Person  # noqa: PLC0415

    email, now = f"{uuid4().hex}@example.org", datetime.now(UTC)
    number = staff.make(db, staff.New(name=name, email=email, roles=list(roles), joined_at=now))
    browser.person = Person.objects.get(pk=number)
    browser.force_login(browser.person)
    return browser


def post_as(browser: Any, page: str, form: str = "", **fields: Any) -> Any:
    """Open a page and send a form of it, with the word that the page put into it."""
    word = browser.get(page).content.decode().split(WORD)[1].split('"')[0]
    return browser.post(form or page, {"csrfmiddlewaretoken": word, **fields})


def come_in(browser: Any, **changed: str) -> Any:
    """Sign in as Camille, with her password."""
    return post_as(browser, "/sign-in", **(CAMILLE | changed))


def is_in(browser: Any) -> bool:
    return bool(browser.get("/account").status_code == 200)


def invited(camille: Any, *roles: Role) -> str:
    """Let Camille invite Inès; return the way in that her page shows."""
    chosen = [role.value for role in roles or (Role.ADVISER,)]
    said = post_as(camille, "/staff", roles=chosen, **INES).content.decode()
    return "/join/" + str(said.split("/join/")[1].split("<")[0])


def number_of(db: Connection, email: str) -> int:
    account = staff.by_email(db, email)
    assert account is not None
    return account.staff_id


def without_words(page: str) -> str:
    """Return the page without the word of its form, which is another each time."""
    parts = page.split(WORD)
    return parts[0] + "".join(part.split('"', 1)[1] for part in parts[1:])
