"""Léa's page as an attacker would use it: facts, days, texts and links that are not what they should be."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from terrain.core.link import LinkKind
from tests.reminded import QUESTION, Reminded

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


@pytest.mark.parametrize(
    "fact", ["complaint", "in_charge", "wish.stop", "../../x", "", "told_at_collection", "a" * 5000]
)
def test_facts_that_are_not_hers_to_correct_are_not_corrected(
    lea: Reminded, post: Any, fact: str
) -> None:
    lea.hear("complaint.opened", source="desk", complaint_id="c-1")
    lea.work()

    for saying in ("correct", "confirm"):
        done = post(lea.page, f"{lea.page}/{saying}", fact=fact, about="c-1", to="closed")
        assert done.status_code == 409
    assert lea.said() == []


def test_a_saying_that_does_not_exist_is_nowhere(lea: Reminded, post: Any) -> None:
    for saying in ("why2", "__class__", "tell", "%2e%2e"):
        assert post(lea.page, f"{lea.page}/{saying}").status_code in {404, 405}
    assert lea.said() == []


def test_the_pages_that_only_show_take_no_form(lea: Reminded, post: Any) -> None:
    for where in ("", "/why", "/history", "/why/12"):
        assert post(lea.page, lea.page + where, automation="all").status_code == 405
    assert lea.said() == []


def test_ten_megabytes_are_refused_unread(lea: Reminded, post: Any) -> None:
    done = post(lea.page, f"{lea.page}/person", text="x" * 10_000_000)

    assert done.status_code == 413
    assert lea.said() == []


@pytest.mark.parametrize(
    ("text", "status"),
    [("x" * 2_000, 302), ("x" * 2_001, 422), ("  ", 302), ("שלום \u202e 🐱 \u0001", 302)],
)
def test_texts_are_taken_as_they_are_up_to_their_length(
    lea: Reminded, post: Any, text: str, status: int
) -> None:
    assert post(lea.page, f"{lea.page}/person", text=text).status_code == status
    assert len(lea.said()) == (status == 302)


def test_a_text_that_no_database_can_hold_is_refused(lea: Reminded, post: Any) -> None:
    assert post(lea.page, f"{lea.page}/person", text="a\0b").status_code == 400
    assert post(lea.page, f"{lea.page}/correct", fact="name", to="\0").status_code == 400
    assert lea.said() == []


def test_a_name_may_be_written_from_right_to_left_or_be_a_picture(
    lea: Reminded, reader: Any, post: Any
) -> None:
    post(lea.page, f"{lea.page}/correct", fact="name", about="", to="ليا 🐱")

    assert "ليا 🐱" in reader.get(lea.page).content.decode()


def test_a_correction_of_two_thousand_and_one_letters_is_refused(lea: Reminded, post: Any) -> None:
    done = post(lea.page, f"{lea.page}/correct", fact="address", about="", to="x" * 2_001)

    assert done.status_code == 422
    assert lea.said() == []


@pytest.mark.parametrize(
    "day", ["0000-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "1", "", "2027-1-1", "x" * 3000]
)
def test_days_that_no_calendar_or_plan_has_are_refused(lea: Reminded, post: Any, day: str) -> None:
    lea.buys_a_filter()
    subject = own_subject(lea)

    away = post(lea.page, f"{lea.page}/away", **{"from": day, "until": NEXT_WEEK})
    moved = {"automation": "filter-reminder", "subject": subject, "to": day}
    move = post(lea.page, f"{lea.page}/move", **moved)

    assert (away.status_code, move.status_code) == (422, 422)
    assert lea.said() == []


def own_subject(lea: Reminded) -> str:
    return lea.work().runs[0].subject


def test_the_day_it_is_is_that_of_her_own_clock(lea: Reminded, reader: Any, post: Any) -> None:
    lea.hear("customer.identified", time_zone="Pacific/Kiritimati")  # a day begins there first
    lea.work()
    there = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()

    assert f'min="{there}"' in reader.get(lea.page).content.decode()
    day = {"from": there.isoformat(), "until": there.isoformat()}
    assert post(lea.page, f"{lea.page}/away", **day).status_code == 302
    before = (there - timedelta(days=1)).isoformat()
    gone = post(lea.page, f"{lea.page}/away", **{"from": before, "until": there.isoformat()})
    assert gone.status_code == 422


def test_in_two_tabs_the_second_answer_says_that_it_was_given(lea: Reminded, post: Any) -> None:
    form = {"question": str(QUESTION), "answer": "yes"}
    post(lea.page, f"{lea.page}/answer", **form, once="tab one")
    second = post(lea.page, f"{lea.page}/answer", **form | {"answer": "no"}, once="tab two")

    assert second.status_code == 409
    assert [said["answer"] for _, said in lea.said()] == ["yes"]


def test_a_form_that_is_sent_again_by_going_back_is_said_once(lea: Reminded, post: Any) -> None:
    for _ in range(3):
        post(lea.page, f"{lea.page}/person", text="Once", once="the nonce of the form")

    assert len(lea.said()) == 1


def test_a_nonce_of_a_megabyte_or_of_odd_letters_breaks_nothing(lea: Reminded, post: Any) -> None:
    for once in ("x" * 50_000, "\u202e🐱", "'; DROP TABLE event; --"):
        assert post(lea.page, f"{lea.page}/person", text="Hello", once=once).status_code == 302

    assert len(lea.said()) == 3


def test_a_page_of_one_kind_is_not_opened_by_a_link_of_another(lea: Reminded, reader: Any) -> None:
    for kind in (LinkKind.UNSUBSCRIBE, LinkKind.CLICK):
        for where in ("", "/why", "/history", "/why/12"):
            assert reader.get(f"/my/{lea.link(kind)}{where}").status_code == 404


def test_every_page_of_hers_is_hers_alone(lea: Reminded, reader: Any) -> None:
    for where in ("", "/why", "/history", "/why/12"):
        answer = reader.get(lea.page + where)
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"] or (
            "default-src 'none'" in answer.headers["Content-Security-Policy"]
        )
        assert "<script" not in answer.content.decode()


def test_a_script_in_a_source_or_an_answer_stays_text(lea: Reminded, reader: Any) -> None:
    lea.hear("fact.stated", source="customer-page", fact="favourite", value="<script>x()</script>")
    lea.hear("customer.identified", source="<b>shop</b>", language="<i>")
    lea.work()

    for where in ("", "/why", "/history"):
        page = reader.get(lea.page + where).content.decode()
        assert "<script>" not in page
        assert "<b>shop" not in page


def test_whoever_is_refused_finds_the_way_back_to_their_page(lea: Reminded, post: Any) -> None:
    refused = post(lea.page, f"{lea.page}/away", **{"from": "2026-12-10", "until": "2026-12-01"})

    assert f'href="{lea.page}"' in refused.content.decode()


def test_a_forged_link_is_shown_no_way_back(reader: Any) -> None:
    assert 'href="/my/' not in reader.get("/my/forged").content.decode()


def test_a_day_that_cannot_be_is_said_as_people_say_days(lea: Reminded, post: Any) -> None:
    away = {"from": "2020-01-01", "until": "2020-01-02"}

    shown = post(lea.page, f"{lea.page}/away", **away).content.decode()

    assert "1 January 2020" in shown
    assert shown.count("2020-01-01") == shown.count('value="2020-01-01"')


def test_a_day_left_out_is_not_quoted(lea: Reminded, post: Any) -> None:
    assert "“—”" in post(lea.page, f"{lea.page}/away").content.decode()
