"""What staff do is written down: taken or refused, and who came, went, or could not come in."""

import csv
import html
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from structlog.testing import capture_logs

from terrain.config import Settings
from terrain.core.staff import Role
from terrain.flow.desk_says import SAYINGS
from terrain.flow.housekeeping import Housekeeping
from terrain.store import audit, keys, sources
from terrain.store.audit import Line
from terrain.store.connection import connect
from terrain.store.sources import Source
from tests.colleagues import post_as
from tests.reminded import Reminded

Post = Callable[..., Any]
SIGNED_IN = "signed_in"
A_KEY = {"source": "shop", "scopes": "write"}


def lines(db: Connection, *but: str) -> list[Any]:
    """Return what stands in the log, oldest first, less what only the test's own coming and going left."""
    rows = db.execute(
        "SELECT staff_id, name, what, outcome, about, details FROM audit"
        " WHERE what <> ALL(%s) ORDER BY audit_id",
        [[SIGNED_IN, *but]],
    )
    return rows.fetchall()


def test_what_somebody_did_is_written_down_with_who_they_are(
    operator: Any, post: Post, db: Connection
) -> None:
    assert post("/keys", **A_KEY).status_code == 200
    ((staff_id, name, what, outcome, about, details),) = lines(db)
    (made,) = keys.every(db)

    assert (staff_id, name) == (operator.person.pk, "Camille")
    assert (what, outcome, about) == ("keys", 200, {})
    assert details == {"key": made.key_id, "source": "shop", "scopes": ["write"]}


def test_the_line_holds_nothing_that_opens_a_door(
    operator: Any, post: Post, db: Connection
) -> None:
    shown = post("/keys", **A_KEY).content.decode()
    key = shown.split('class="shown-once" tabindex="0">')[1].split("<")[0]
    row = db.execute("SELECT string_agg(a::text, '') FROM audit a").fetchone()

    assert key.startswith("terrain_")
    assert row
    assert key.rsplit("_", 1)[1] not in row[0]
    assert operator.person.email not in row[0]


def test_what_the_page_refused_is_written_down_though_it_was_undone(
    operator: Any,  # noqa: ARG001 - signed in
    post: Post,
    db: Connection,
) -> None:
    post("/keys", **A_KEY)
    (made,) = keys.every(db)
    answer = post(f"/keys/{made.key_id}", days="3650")
    (_, refused) = lines(db)

    assert answer.status_code == 422
    assert refused[2:] == ("key", 422, {"key": made.key_id}, {"refused": "wrong_overlap"})
    assert len(keys.every(db)) == 1


def test_who_posts_what_their_role_may_not_is_written_down(
    signed_in: Callable[..., Any], db: Connection
) -> None:
    viewer = signed_in(Role.VIEWER, name="Inès")
    word = word_of(viewer.get("/demo").content.decode())
    answer = viewer.post("/keys", {"csrfmiddlewaretoken": word, **A_KEY})

    assert answer.status_code == 403
    assert lines(db) == [(viewer.person.pk, "Inès", "keys", 403, {}, {"refused": "role_needed"})]


def test_a_form_without_our_word_is_written_down(operator: Any, db: Connection) -> None:
    assert operator.post("/keys", A_KEY).status_code == 403

    assert [(line[2], line[5]) for line in lines(db)] == [("keys", {"refused": "form_not_ours"})]


def test_a_form_of_a_stranger_is_not_staffs_deed(reader: Any, post: Post, db: Connection) -> None:
    reader.post("/keys", A_KEY)
    post("/sign-in", email="nobody@example.org", password="wrong")

    assert [line[2] for line in lines(db)] == ["sign_in_failed"]


def test_looking_is_no_deed(operator: Any, db: Connection) -> None:
    for room in ("/keys", "/customers", "/audit"):
        operator.get(room)

    assert lines(db) == []


def test_a_bug_is_written_down_as_one(
    operator: Any, post: Post, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(keys, "save", break_)
    operator.raise_request_exception = False
    assert post("/keys", **A_KEY).status_code == 500

    assert [line[3] for line in lines(db)] == [500]


def test_coming_in_is_written_down(operator: Any, db: Connection) -> None:
    row = db.execute("SELECT staff_id, name, outcome FROM audit WHERE what = 'signed_in'")

    assert row.fetchall() == [(operator.person.pk, "Camille", 200)]


def test_leaving_is_written_down(operator: Any, post: Post, db: Connection) -> None:
    post("/demo", "/left")

    assert [(line[0], line[2]) for line in lines(db)] == [(operator.person.pk, "signed_out")]


def test_a_wrong_password_is_written_down_at_the_account_it_was_tried_for(
    signed_in: Callable[..., Any], post: Post, db: Connection
) -> None:
    ines = signed_in(Role.ADVISER, name="Inès").person
    post("/sign-in", email=ines.email.upper(), password="wrong")

    assert lines(db) == [(ines.pk, "Inès", "sign_in_failed", 403, {}, {})]


def test_a_strange_address_is_kept_only_as_something_to_know_it_again_by(
    post: Post, db: Connection
) -> None:
    for typed in ("spy@example.org", "Spy@example.org ", "other@example.org"):
        post("/sign-in", email=typed, password="wrong")
    first, again, other = (line[5]["address_hash"] for line in lines(db))

    assert first == again != other
    row = db.execute("SELECT string_agg(a::text, '') FROM audit a").fetchone()
    assert row
    assert "spy" not in row[0].lower()


def test_who_looks_at_a_customer_is_said_in_the_log_in_ids(operator: Any, db: Connection) -> None:
    lea = Reminded(db)
    with capture_logs() as told:
        operator.get(f"/customers/{lea.key.customer_id}")
    (line,) = [each for each in told if each["event"] == "looked_at"]

    assert (line["staff_id"], line["customer_id"]) == (operator.person.pk, lea.key.customer_id)
    assert "Camille" not in str(line)


def test_who_may_not_look_did_not_look(signed_in: Callable[..., Any], db: Connection) -> None:
    lea, viewer = Reminded(db), signed_in(Role.VIEWER)
    with capture_logs() as told:
        assert viewer.get(f"/customers/{lea.key.customer_id}").status_code == 403

    assert [each for each in told if each["event"] == "looked_at"] == []


def word_of(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"', maxsplit=1)[0]


def noted(db: Connection, number: int = 1, **parts: Any) -> None:
    for minute in range(number):
        at = datetime.now(UTC) - timedelta(minutes=minute + 1)
        given: dict[str, Any] = {"at": at, "what": "task", "name": "Inès"} | parts
        audit.note(db, Line(outcome=302, **given))


def rows(page: Any) -> list[str]:
    return str(page.content.decode()).split("<tr>")[2:]


def test_the_room_shows_the_newest_first_and_leads_on(operator: Any, db: Connection) -> None:
    noted(db, 130)
    page = operator.get("/audit")
    earlier = (
        page.content.decode().split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    )
    second = operator.get(f"/audit{earlier}")
    third = (
        second.content.decode().split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    )

    assert "came in" in rows(page)[0]
    assert [len(rows(page)), len(rows(second))] == [60, 60]
    assert len(rows(operator.get(f"/audit{third}"))) == 11  # 130 and the coming in


def test_the_room_shows_what_one_person_did(operator: Any, db: Connection) -> None:
    noted(db, 3, staff_id=77)
    page = operator.get(f"/audit?who={operator.person.pk}")

    assert len(rows(page)) == 1
    assert len(rows(operator.get("/audit?who=77"))) == 3


def test_the_room_shows_what_was_done_about_one_customer(operator: Any, db: Connection) -> None:
    noted(db, customer_id=123456789)

    assert len(rows(operator.get("/audit?customer=123456789"))) == 1
    assert len(rows(operator.get("/audit?customer=123456780"))) == 0


@pytest.mark.parametrize(
    "odd",
    [
        "who=x",
        "who=-1",
        f"who={2**64}",
        "what=<b>",
        "customer=%00",
        "since=yesterday",
        "since=2026-13-01",
        "before=x-y",
        "before=99999999999999999999-1",
        "who=1&who=2",
    ],
)
def test_an_odd_wish_narrows_nothing_and_breaks_nothing(operator: Any, odd: str) -> None:
    assert operator.get(f"/audit?{odd}").status_code in {200, 400}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_deed_has_its_words(operator: Any, db: Connection, language: str) -> None:
    from terrain.console import audit_phrases  # noqa: PLC0415
    from terrain.words import say  # noqa: PLC0415

    for what in audit_phrases.DEEDS:
        noted(db, what=what)
    page = html.unescape(operator.get(f"/audit?language={language}").content.decode())

    assert all(say(language, words) in page for words in audit_phrases.DEEDS.values())


def test_the_log_is_for_those_who_may_audit(signed_in: Callable[..., Any]) -> None:
    may = {role: signed_in(role).get("/audit").status_code for role in Role}

    assert {role for role, status in may.items() if status == 200} == {
        Role.MANAGER,
        Role.ADMINISTRATOR,
    }


def test_a_name_is_shown_as_text(operator: Any, db: Connection) -> None:
    noted(db, name="<script>alert(1)</script>", staff_id=5, details={"automation": "<i>x"})
    page = operator.get("/audit").content.decode()

    assert "<script>alert" not in page
    assert "<i>x" not in page


def test_taken_along_it_is_a_table_and_a_line_of_its_own(
    operator: Any, post: Post, db: Connection
) -> None:
    noted(db, 3, staff_id=77, name='=HYPERLINK("http://evil")', about={"task": 7})
    answer = post("/audit", who="77")
    taken = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(taken) == 4
    assert taken[1][1:4] == ["77", '\'=HYPERLINK("http://evil")', "task"]
    assert lines(db, "task")[0][2:] == ("audit", 200, {}, {"who": "77", "lines": 3})
    assert operator.person.email not in answer.content.decode()


def test_the_worker_lets_go_of_lines_that_are_old_enough(db: Connection, served: str) -> None:
    now = datetime.now(UTC)
    noted(db, at=now - timedelta(days=31))
    noted(db, at=now - timedelta(days=29))
    with connect(Settings(database_url=served, audit_days=30)) as record:
        housekeeping = Housekeeping(record, Settings(database_url=served, audit_days=30))
        gone = [housekeeping.tidy_the_audit(now) for _ in range(3)]

    assert gone == [1, 0, 0]
    assert len(lines(db)) == 1


def test_a_house_may_keep_its_log_for_ever(db: Connection, served: str) -> None:
    noted(db, at=datetime.now(UTC) - timedelta(days=9000))
    with connect(Settings(database_url=served, audit_days=0)) as record:
        housekeeping = Housekeeping(record, Settings(database_url=served, audit_days=0))

        assert housekeeping.tidy_the_audit(datetime.now(UTC)) == 0


@pytest.mark.usefixtures("served")
def test_whatever_staff_can_do_has_words_in_the_log() -> None:
    from terrain.console import audit_phrases  # noqa: PLC0415
    from terrain.console.urls import PAGES  # noqa: PLC0415

    deeds = {page.name for page in PAGES if page.act and page.for_staff}

    assert deeds - set(audit_phrases.DEEDS) == set()


def test_what_was_done_for_a_customer_is_found_by_their_number(
    operator: Any, db: Connection
) -> None:
    lea = Reminded(db)
    number = lea.key.customer_id
    word = word_of(operator.get("/demo").content.decode())
    answer = operator.post(f"/customers/{number}/say/nonsense", {"csrfmiddlewaretoken": word})

    assert answer.status_code in {404, 422}
    assert len(rows(operator.get(f"/audit?customer={number}"))) == 1


def test_a_detail_is_said_in_words_and_once(operator: Any, post: Post, db: Connection) -> None:
    post("/keys", **A_KEY)
    sources.declare(db, Source(name="shop"))
    post("/sources/shop/belief", kind="third_party", every="", because="They only pass it on.")
    shown = operator.get("/audit", headers={"Accept-Language": "en"}).content.decode()

    assert "a third party says so" in shown
    assert "third_party" not in shown
    assert "say what happened" in shown
    assert shown.count("source: shop") == 2
    assert "name: shop" not in shown


def test_no_code_is_shown_where_there_are_words_for_it(
    operator: Any, signed_in: Callable[..., Any], db: Connection
) -> None:
    post_as(signed_in(Role.VIEWER), "/account", "/keys", **A_KEY)
    noted(db, what="customer_say", about={"saying": "complaint_closed"})
    noted(db, what="customer_rights", details={"do": "export"})
    noted(db, what="colleague_step", about={"step": "let-go"})
    noted(db, what="factor_forget", details={"factors": ["totp"]})
    noted(db, what="sign_in_failed", details={"by": "openid", "refused": "oidc_not_invited"})
    shown = html.unescape(operator.get("/audit?language=en").content.decode())

    said = ("may not do this.", "complaint is settled", "data along", "let somebody go")
    assert [words for words in (*said, "of an app", "own sign-in") if words not in shown] == []
    codes = ("role_needed", "complaint_closed", "let-go", "openid", "oidc_not")
    assert [code for code in codes if code in shown] == []


@pytest.mark.usefixtures("_django")
def test_what_can_be_said_and_done_by_one_form_has_words() -> None:
    from terrain.console import audit_phrases  # noqa: PLC0415
    from terrain.console.pages.rights import _ACTS  # noqa: PLC0415
    from terrain.console.pages.staff import STEPS  # noqa: PLC0415

    assert set(SAYINGS) - set(audit_phrases.SAID_FOR) == set()
    assert {*_ACTS, *STEPS, "export", "retry", "close"} - set(audit_phrases.DONE_THERE) == set()
