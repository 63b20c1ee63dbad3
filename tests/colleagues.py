"""Those who work here, in browsers of their own: Inès of the front line, Camille who owns automations."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import staff

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
