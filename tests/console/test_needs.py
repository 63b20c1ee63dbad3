"""Needs that nothing serves, before managers: gathered, counted over time, put together and parted by hand."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.identifier import CustomerKey, new_id
from terrain.core.need import Need
from terrain.core.staff import Role
from terrain.flow.needs import gather
from terrain.store import needs
from tests.colleagues import post_as
from tests.oversight import customers
from tests.reminded import Reminded

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
EVENING = ("Delivery in the evening", "deliveries on evenings", "an evening delivery slot")
BATTERY = "Replace the battery of the scale"


def told(db: Connection, *words: str, ago: timedelta = DAY, who: int = 1) -> list[Need]:
    """Let so many needs be told, each by the next customer, and gather them."""
    keys = customers(db, who + len(words))[who:]
    said = [_need(key, text, NOW - ago) for key, text in zip(keys, words, strict=True)]
    needs.keep(db, said)
    with db.transaction():
        gather(db, NOW)
    return said


def _need(key: CustomerKey, words: str, at: datetime) -> Need:
    return Need(node=key, need_id=new_id(at), at=at, words=words)


def groups(db: Connection) -> list[int]:
    return [group.group_id for group in needs.groups(db, NOW - 400 * DAY)]


def text_of(browser: Any, address: str, language: str = "en") -> str:
    return str(browser.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def step(browser: Any, group: int, what: str, **fields: Any) -> Any:
    return post_as(browser, f"/needs/{group}", f"/needs/{group}/{what}", **fields)


def test_alike_ones_are_counted_together_with_the_words_that_say_so(
    signed_in: Any, db: Connection
) -> None:
    told(db, *EVENING, BATTERY)
    page = text_of(signed_in(Role.MANAGER), "/needs")

    assert "2 kinds of need" in page
    assert "3 customers, 3 times" in page
    assert "they share: delivery, evening" in page
    assert page.index("evening") < page.index(BATTERY)


def test_in_french_too(signed_in: Any, db: Connection) -> None:
    told(db, *EVENING)
    page = text_of(signed_in(Role.MANAGER), "/needs", "fr")

    assert "3 clients, 3 fois" in page
    assert "Besoins non servis" in page


def test_counts_are_shown_over_time(signed_in: Any, db: Connection) -> None:
    told(db, EVENING[0], ago=20 * DAY)
    told(db, *EVENING[1:], ago=DAY, who=5)
    page = text_of(signed_in(Role.MANAGER), "/needs")

    assert "Week by week: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2" in page


def test_what_is_long_ago_is_not_shown_unless_it_is_asked_for(
    signed_in: Any, db: Connection
) -> None:
    told(db, BATTERY, ago=60 * DAY)
    manager = signed_in(Role.MANAGER)

    assert BATTERY in text_of(manager, "/needs")
    assert BATTERY not in text_of(manager, "/needs?days=30")
    for odd in ("0", "7", "x", "-1", "9" * 30):
        assert BATTERY in text_of(manager, f"/needs?days={odd}")


def test_without_needs_it_says_so(signed_in: Any) -> None:
    assert "No need was told that nothing serves." in text_of(signed_in(Role.MANAGER), "/needs")


def test_one_kind_is_read_in_their_words_with_links_to_them(signed_in: Any, db: Connection) -> None:
    said = told(db, *EVENING)
    (group,) = groups(db)
    page = text_of(signed_in(Role.MANAGER), f"/needs/{group}")

    for need in said:
        assert need.words in page
        assert f"/customers/{need.node.customer_id}" in page
    assert "shares delivery, evening" in page


def test_what_was_said_is_text(signed_in: Any, db: Connection) -> None:
    told(db, "<script>alert(1)</script> delivery")
    (group,) = groups(db)
    for address in ("/needs", f"/needs/{group}"):
        assert "<script>alert" not in text_of(signed_in(Role.MANAGER), address)


def test_a_person_puts_two_kinds_together_and_that_stays(signed_in: Any, db: Connection) -> None:
    told(db, *EVENING, BATTERY)
    evening, battery = groups(db)
    manager = signed_in(Role.MANAGER)

    sent = step(manager, battery, "merge", into=evening)
    with db.transaction():
        gather(db, NOW)

    assert sent.headers["Location"] == f"/needs/{evening}#said"
    page = text_of(manager, f"/needs/{evening}")
    assert "They stand together now" in page
    assert BATTERY in page
    assert "put here by hand" in page
    assert groups(db) == [evening]
    assert manager.get(f"/needs/{battery}").status_code == 404


def test_a_person_parts_what_is_another_need(signed_in: Any, db: Connection) -> None:
    first, *_ = told(db, *EVENING)
    (group,) = groups(db)
    manager = signed_in(Role.MANAGER)

    led_to = step(manager, group, "part", need=first.need_id).headers["Location"]
    with db.transaction():
        gather(db, NOW)

    assert "It stands by itself now" in text_of(manager, led_to.split("#")[0])
    assert first.words not in text_of(manager, f"/needs/{group}").split("merge-title")[0]
    assert len(groups(db)) == 2


def test_what_was_done_is_written_down(signed_in: Any, db: Connection) -> None:
    first, *_ = told(db, *EVENING)
    (group,) = groups(db)
    manager = signed_in(Role.MANAGER)
    step(manager, group, "part", need=first.need_id)

    rows = db.execute("SELECT staff_id, about, details FROM audit WHERE what = 'need_step'")
    assert rows.fetchall() == [(manager.person.pk, {"group": group, "step": "part"}, {})]


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("merge", {"into": 77}),
        ("merge", {"into": ""}),
        ("merge", {}),
        ("merge", {"into": "9" * 40}),
        ("part", {"need": 77}),
        ("part", {}),
        ("no-such-step", {"need": 77}),
    ],
)
def test_wrong_numbers_move_nothing(
    signed_in: Any, db: Connection, what: str, fields: dict[str, Any]
) -> None:
    told(db, *EVENING)
    (group,) = groups(db)

    assert step(signed_in(Role.MANAGER), group, what, **fields).status_code == 404
    assert groups(db) == [group]


def test_a_need_of_another_kind_is_not_parted_from_this_one(signed_in: Any, db: Connection) -> None:
    *_, other = told(db, *EVENING, BATTERY)
    evening, battery = groups(db)

    refused = step(signed_in(Role.MANAGER), evening, "part", need=other.need_id)
    assert refused.status_code == 404
    assert groups(db) == [evening, battery]


@pytest.mark.parametrize("number", [0, 1, 2**63 - 1])
def test_a_number_nobody_gave(signed_in: Any, number: int) -> None:
    assert signed_in(Role.MANAGER).get(f"/needs/{number}").status_code == 404


def test_looking_moves_nothing(signed_in: Any, db: Connection) -> None:
    told(db, *EVENING, BATTERY)
    evening, battery = groups(db)
    led = signed_in(Role.MANAGER).get(f"/needs/{battery}/merge?into={evening}")

    assert led.headers["Location"] == f"/needs/{battery}"
    assert groups(db) == [evening, battery]


@pytest.mark.parametrize(
    ("role", "sees", "moves"),
    [
        (Role.VIEWER, 403, 403),
        (Role.ADMINISTRATOR, 403, 403),
        (Role.ADVISER, 200, 403),
        (Role.OWNER, 200, 302),
        (Role.MANAGER, 200, 302),
    ],
)
def test_who_sees_and_who_moves(
    signed_in: Any, db: Connection, role: Role, sees: int, moves: int
) -> None:
    told(db, *EVENING, BATTERY)
    evening, battery = groups(db)
    browser = signed_in(role)

    assert browser.get("/needs").status_code == sees
    assert browser.get(f"/needs/{evening}").status_code == sees
    sent = post_as(browser, "/account", f"/needs/{battery}/merge", into=evening)
    assert sent.status_code == moves


def test_whoever_may_not_move_them_is_shown_no_form(signed_in: Any, db: Connection) -> None:
    told(db, *EVENING, BATTERY)
    page = text_of(signed_in(Role.ADVISER), f"/needs/{groups(db)[0]}")

    assert "It is another need" not in page
    assert "Put them together" not in page


def test_what_lea_said_on_her_page_arrives_here(signed_in: Any, db: Connection, post: Any) -> None:
    lea = Reminded(db)
    post(lea.page, f"{lea.page}/need", text="Livrer le soir")
    lea.work()
    with db.transaction():
        gather(db, lea.now)
    page = text_of(signed_in(Role.MANAGER), f"/needs/{groups(db)[0]}")

    assert "Livrer le soir" in page
    assert "Léa Martin" in page


def test_many_kinds_ask_the_record_no_more_often_than_one(
    signed_in: Any, db: Connection, statements: Any
) -> None:
    manager = signed_in(Role.MANAGER)
    told(db, *EVENING)
    (group,) = groups(db)
    addresses = ("/needs", f"/needs/{group}")
    before = [statements(manager, address) for address in addresses]
    told(db, BATTERY, "An invoice for my company", "Smaller bottles for children", who=5)

    assert len(groups(db)) == 4
    assert [statements(manager, address) for address in addresses] == before


def test_others_to_put_it_to_are_called_by_what_was_said_first(
    signed_in: Any, db: Connection
) -> None:
    told(db, EVENING[1], ago=9 * DAY)
    told(db, EVENING[0], EVENING[2], BATTERY, who=1)
    evening, battery = groups(db)
    page = text_of(signed_in(Role.MANAGER), f"/needs/{battery}")
    chosen = page.rpartition("merge-title")[2]

    assert re.search(rf'<option value="{evening}"[^>]*>{EVENING[1]} \(3\)</option>', chosen)
    assert BATTERY not in chosen


def test_a_large_kind_is_shown_by_its_first(signed_in: Any, db: Connection) -> None:
    told(db, *[EVENING[0]] * 60)
    page = text_of(signed_in(Role.MANAGER), f"/needs/{groups(db)[0]}")

    assert "60 customers, 60 times" in page
    assert "The first 50 are shown." in page
