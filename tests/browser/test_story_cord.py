"""Story 9, in real browsers: Inès pulls the cord, what waited stays, Camille answers, and Inès reads it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import acts, entries, staff
from terrain.store.entries import Kind
from tests.reminded import ACT, DECISION, Reminded

pytestmark = pytest.mark.browser


@pytest.fixture
def comes_in(db: Connection, web: str, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Return what opens a browser in which somebody is signed in."""
    opened = []

    def come(name: str, *roles: Role, **more: Any) -> Any:
        now = datetime.now(UTC)
        email = f"{uuid4().hex}@example.org"
        new = staff.New(name=name, email=email, roles=list(roles), joined_at=now)
        context = chromium.new_context(base_url=web, locale="en", **more)
        opened.append(context)
        page = context.new_page()
        page.goto(f"/enter/{entries.make(db, Kind.LINK, now, staff.make(db, new))}")
        page.get_by_role("button", name="Come in").click()
        return page

    yield come
    for context in opened:
        context.close()


def still_leaves(lea: Reminded) -> bool:
    """Say whether the act that waited is still in the way out."""
    return ACT in {act.act_id for act in acts.waiting(lea.db) if act.key == lea.key}


@pytest.mark.parametrize("how", ["live", "without scripts"])
def test_ines_pulls_the_cord_and_reads_the_answer(
    comes_in: Callable[..., Any], lea: Reminded, how: str
) -> None:
    ines = comes_in("Inès", Role.ADVISER, java_script_enabled=how == "live")
    said = f"She gave it to her neighbour ({how})."
    ines.goto(f"/decisions/{lea.key.customer_id}/{DECISION}")
    assert ines.get_by_text("1 act that waits does not leave").is_visible()
    assert still_leaves(lea)

    ines.get_by_label("a wrong fact").check()
    ines.get_by_label("In a few words").fill(said)
    ines.get_by_role("button", name="This is wrong: hold it").click()
    assert ines.get_by_text("It is held, and the answer will come here.").is_visible()
    assert ines.get_by_text("1 act was stopped before it left.").is_visible()
    assert not still_leaves(lea)

    camille = comes_in("Camille", Role.OWNER, Role.MANAGER)
    camille.goto("/flags")
    camille.locator(".lines a", has_text=said).click()
    assert camille.get_by_text("12 rue des Lilas").is_visible()
    assert "Inès" not in camille.locator("main").inner_text()
    camille.get_by_label("Were they right").fill("You were right. It asks her first from now on.")
    camille.get_by_role("button", name="Send the answer").click()
    assert camille.get_by_text("Whoever said it reads your answer.").is_visible()

    if how != "live":
        ines.reload()
    ines.get_by_text("You were right. It asks her first from now on.").wait_for(timeout=10_000)
    assert ines.get_by_text("it stays held for this customer").is_visible()


def test_lea_says_so_on_her_phone_and_reads_the_answer_there(
    comes_in: Callable[..., Any], lea: Reminded, phone: Any
) -> None:
    phone.goto(f"{lea.page}/why")
    phone.locator("#wrong summary").click()
    phone.get_by_label("It is meant for somebody else").check()
    phone.get_by_label("Tell us more").last.fill("My mother has this filter.")
    phone.get_by_role("button", name="This is wrong: hold it").click()
    assert phone.get_by_text("It is held for you.").is_visible()
    assert not still_leaves(lea)

    camille = comes_in("Camille", Role.OWNER, Role.MANAGER)
    camille.goto("/flags")
    camille.locator(".lines a", has_text="My mother has this filter.").click()
    assert camille.get_by_text("By the customer").is_visible()
    camille.get_by_label("Were they right").fill("You are right, it goes to her from now on.")
    camille.get_by_label("It may go on for this customer").check()
    camille.get_by_role("button", name="Send the answer").click()

    phone.goto(lea.page)
    assert phone.get_by_text("You are right, it goes to her from now on.").is_visible()
    assert phone.get_by_text("It goes on for you.").is_visible()


def test_ines_tells_of_a_need_from_the_same_place(
    comes_in: Callable[..., Any], lea: Reminded
) -> None:
    ines = comes_in("Inès", Role.ADVISER)
    ines.goto(f"/customers/{lea.key.customer_id}")
    ines.get_by_text("There is a need here that nothing serves").click()
    ines.get_by_label("What would they have needed?").fill("Livrer les filtres le samedi")
    ines.get_by_role("button", name="Write it down").click()

    assert ines.get_by_text("Needs that are alike are counted together").is_visible()
    lea.work()
    (told,) = lea.db.execute(
        "SELECT words FROM need WHERE customer_id = %s", [lea.key.customer_id]
    ).fetchall()
    assert told == ("Livrer les filtres le samedi",)
