"""A second factor: set up, asked for, used up, lost; and required by role."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.codes import code_of
from tests.colleagues import post_as, sign_in

pytestmark = pytest.mark.usefixtures("served")

PASSWORD = "a long road to Ithaca"
SECRET = re.compile(r'class="shown-once" tabindex="0">([A-Z2-7 ]+)<')
Colleague = Callable[..., Any]


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def new_browser() -> Any:
    from django.test import Client  # noqa: PLC0415

    return Client(enforce_csrf_checks=True)


def somebody(db: Connection, *roles: Role) -> str:
    """Give Inès an account with a password; return her address."""
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    email = "ines@example.org"
    new = staff.New(
        name="Inès",
        email=email,
        roles=list(roles or (Role.ADVISER,)),
        password=make_password(PASSWORD),
    )
    staff.make(db, new)
    return email


def come_in(email: str, browser: Any = None) -> Any:
    """Type the address and the password."""
    browser = browser or new_browser()
    browser.answer = post_as(browser, "/sign-in", email=email, password=PASSWORD)
    return browser


def set_up_an_app(browser: Any) -> tuple[str, list[str]]:
    """Set an app up; return its secret and the codes for paper."""
    found = SECRET.search(text_of(browser.get("/second-factor/app")))
    assert found
    page = browser.get("/second-factor/app")
    found = SECRET.search(text_of(page))
    assert found
    word = page.content.decode().split('name="csrfmiddlewaretoken" value="')[-1].split('"')[0]
    form = {"csrfmiddlewaretoken": word, "code": code_of(found[1])}
    answer = browser.post("/second-factor/app", form)
    assert answer.status_code == 200, text_of(answer)
    return found[1], re.findall(r"<li><code>([\d ]+)</code>", text_of(answer))


@pytest.fixture
def ines(db: Connection) -> Any:
    """Return a browser in which Inès signed in with her password, and set up an app."""
    browser = come_in(somebody(db))
    browser.secret, browser.codes = set_up_an_app(browser)
    return browser


def is_in(browser: Any) -> bool:
    return bool(browser.get("/second-factor").status_code == 200)


def step(browser: Any, code: str) -> Any:
    return post_as(browser, "/sign-in/code", code=code)


def test_an_app_is_set_up_with_what_it_shows(ines: Any) -> None:
    assert len(ines.codes) == 10
    assert "set up" in text_of(ines.get("/second-factor"))
    assert "10 codes are left" in text_of(ines.get("/second-factor"))


def test_the_picture_needs_nobody_else(db: Connection) -> None:
    page = come_in(somebody(db)).get("/second-factor/app")

    assert 'src="data:image/svg+xml;base64,' in text_of(page)
    assert "http" not in text_of(page).split('class="square"')[1].split(">")[0]


def test_a_code_of_something_else_sets_nothing_up(db: Connection) -> None:
    browser = come_in(somebody(db))
    before = SECRET.search(text_of(browser.get("/second-factor/app")))
    answer = browser.post(
        "/second-factor/app",
        {"csrfmiddlewaretoken": browser.cookies["form"].value, "code": "000000"},
    )
    after = SECRET.search(text_of(answer))

    assert answer.status_code == 422
    assert before
    assert after
    assert before[1] == after[1]  # the app that has read it needs not read it again


def test_the_secret_is_not_in_the_record_as_it_is(ines: Any, db: Connection) -> None:
    rows = db.execute("SELECT data::text FROM mfa_authenticator").fetchall()
    kept = "".join(text for (text,) in rows)

    assert ines.secret.replace(" ", "") not in kept
    assert all(code.replace(" ", "") not in kept for code in ines.codes)


@pytest.mark.usefixtures("ines")
def test_the_password_alone_opens_no_room_any_more() -> None:
    browser = come_in("ines@example.org")

    assert browser.answer.headers["Location"].startswith("/sign-in/code")
    assert browser.get("/customers").status_code == 302
    assert not is_in(browser)


def test_the_code_opens_what_was_wanted(ines: Any) -> None:
    browser = new_browser()
    post_as(
        browser,
        "/sign-in?next=/customers",
        "/sign-in",
        email="ines@example.org",
        password=PASSWORD,
        next="/customers",
    )
    answer = step(browser, code_of(ines.secret, later=1))

    assert answer.headers["Location"] == "/customers"
    assert is_in(browser)


def test_a_code_opens_once(ines: Any) -> None:
    code = code_of(ines.secret, later=1)
    assert step(come_in("ines@example.org"), code).status_code == 302

    assert step(come_in("ines@example.org"), code).status_code == 422


def test_a_code_from_before_the_last_one_opens_no_more(ines: Any) -> None:
    assert step(come_in("ines@example.org"), code_of(ines.secret, later=1)).status_code == 302

    assert step(come_in("ines@example.org"), code_of(ines.secret)).status_code == 422


@pytest.mark.parametrize(
    "code", ["", "000000", "1", "abcdef", "٠١٢٣٤٥", "9" * 500, "'; DROP TABLE"]
)
@pytest.mark.usefixtures("ines")
def test_what_is_no_code_opens_nothing(code: str) -> None:
    browser = come_in("ines@example.org")

    assert step(browser, code).status_code == 422
    assert not is_in(browser)


def test_a_code_may_be_typed_with_spaces(ines: Any) -> None:
    code = code_of(ines.secret, later=1)

    assert step(come_in("ines@example.org"), f" {code[:3]} {code[3:]} ").status_code == 302


def test_a_code_on_paper_opens_once(ines: Any) -> None:
    assert step(come_in("ines@example.org"), ines.codes[3]).status_code == 302
    assert step(come_in("ines@example.org"), ines.codes[3]).status_code == 422

    assert "9 codes are left" in text_of(ines.get("/second-factor"))


def test_new_codes_on_paper_close_the_old_ones(ines: Any) -> None:
    answer = post_as(ines, "/second-factor/codes")
    new = re.findall(r"<li><code>([\d ]+)</code>", text_of(answer))

    assert len(new) == 10
    assert step(come_in("ines@example.org"), ines.codes[0]).status_code == 422
    assert step(come_in("ines@example.org"), new[0]).status_code == 302


def test_codes_are_tried_as_seldom_as_passwords(ines: Any) -> None:
    browser = come_in("ines@example.org")
    answers = [step(browser, "000000").status_code for _ in range(12)]

    assert answers[-1] == 429
    assert step(browser, code_of(ines.secret, later=1)).status_code == 429
    assert not is_in(browser)


@pytest.mark.usefixtures("ines")
def test_a_wrong_code_is_a_line_of_the_audit_log(db: Connection) -> None:
    step(come_in("ines@example.org"), "000000")
    rows = db.execute("SELECT name FROM audit WHERE what = 'second_factor_failed'").fetchall()

    assert rows == [("Inès",)]


def test_how_somebody_came_in_is_a_line_of_the_audit_log(ines: Any, db: Connection) -> None:
    step(come_in("ines@example.org"), code_of(ines.secret, later=1))
    rows = db.execute("SELECT details FROM audit WHERE what = 'signed_in' ORDER BY audit_id")

    assert rows.fetchall()[-1] == ({"by": ["password", "totp"]},)


def test_a_printed_address_is_no_password_in_the_log(db: Connection) -> None:
    number = staff.make(db, staff.New(name="Omar", email="omar@example.org", roles=[Role.OWNER]))
    token = entries.make(db, Kind.LINK, datetime.now(UTC), number)
    post_as(new_browser(), f"/enter/{token}")
    rows = db.execute("SELECT name, details FROM audit WHERE what = 'signed_in'").fetchall()

    assert rows == [("Omar", {"by": ["link"]})]


def test_nobody_begins_with_the_second_step() -> None:
    browser = new_browser()

    assert browser.get("/sign-in/code").headers["Location"] == "/sign-in"


@pytest.mark.usefixtures("ines")
def test_a_second_step_is_of_the_browser_that_took_the_first() -> None:
    come_in("ines@example.org")

    assert new_browser().get("/sign-in/code").headers["Location"] == "/sign-in"


def old(browser: Any) -> None:
    """Let this browser lie open for an hour."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


def test_an_open_browser_alone_removes_nothing(ines: Any, db: Connection) -> None:
    (number,) = db.execute("SELECT id FROM mfa_authenticator WHERE type = 'totp'").fetchone() or ()
    old(ines)
    address = f"/second-factor/{number}/remove"

    assert ines.get(address).headers["Location"].startswith("/sign-in/again?next=")
    word = ines.cookies["form"].value
    assert ines.post(address, {"csrfmiddlewaretoken": word}).status_code == 302
    assert db.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (2,)


def test_with_the_password_once_more_it_is_removed(ines: Any, db: Connection) -> None:
    (number,) = db.execute("SELECT id FROM mfa_authenticator WHERE type = 'totp'").fetchone() or ()
    old(ines)
    post_as(ines, "/sign-in/again", password=PASSWORD, next="/second-factor")

    assert post_as(ines, f"/second-factor/{number}/remove").status_code == 302
    assert db.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)
    assert come_in("ines@example.org").answer.headers["Location"] == "/morning"


@pytest.mark.usefixtures("ines")
def test_a_factor_of_somebody_else_is_not_there(db: Connection, signed_in: Colleague) -> None:
    (number,) = db.execute("SELECT id FROM mfa_authenticator WHERE type = 'totp'").fetchone() or ()

    assert signed_in(Role.ADMINISTRATOR).get(f"/second-factor/{number}/remove").status_code == 404


def test_whoever_has_no_password_shows_the_factor_once_more(db: Connection) -> None:
    omar = sign_in(db, new_browser(), "Omar", Role.ADVISER)
    secret, _ = set_up_an_app(omar)
    session = omar.session
    session.pop("account_authentication_methods", None)
    session.save()

    address = omar.get("/second-factor/codes").headers["Location"]
    assert address.startswith("/sign-in/again/code")
    answer = post_as(
        omar, address, "/sign-in/again/code", code=code_of(secret, 1), next="/second-factor/codes"
    )
    assert answer.headers["Location"] == "/second-factor/codes"
    assert omar.get("/second-factor/codes").status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"id": "a", "rawId": "YQ", "type": "public-key", "response": {}}',
        '{"id": 1, "rawId": null, "response": []}',
        '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"YQ","signature":"YQ","userHandle":"MQ"}}',
        "{" * 30_000,
    ],
)
def test_what_no_passkey_ever_said_opens_nothing(answer: str) -> None:
    browser = new_browser()

    assert post_as(browser, "/sign-in/passkey", credential=answer).status_code == 422
    assert not is_in(browser)


def test_passkeys_are_not_tried_without_end() -> None:
    browser = new_browser()
    answers = [post_as(browser, "/sign-in/passkey", credential="{}").status_code for _ in range(12)]

    assert (answers[0], answers[-1]) == (422, 429)


def test_what_no_device_ever_made_is_not_kept(db: Connection) -> None:
    browser = come_in(somebody(db))
    for answer in (
        "",
        "{}",
        '{"id":"YQ","rawId":"YQ","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    ):
        assert post_as(browser, "/second-factor/passkey", credential=answer).status_code == 422

    assert db.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)


def test_codes_on_paper_need_something_they_stand_in_for(db: Connection) -> None:
    browser = come_in(somebody(db))

    assert (
        post_as(browser, "/second-factor", "/second-factor/codes").headers["Location"]
        == "/second-factor"
    )
    assert db.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)


def require(boss: Any, *roles: Role) -> Any:
    form: dict[str, Any] = {"roles": [role.value for role in roles]}
    return post_as(boss, "/second-factor/required", because="the auditors asked for it", **form)


def test_a_role_that_needs_one_is_led_to_set_one_up(signed_in: Colleague, db: Connection) -> None:
    boss, adviser = signed_in(Role.ADMINISTRATOR), come_in(somebody(db, Role.ADVISER))
    assert require(boss, Role.ADVISER).status_code == 302

    for room in ("/customers", "/tasks", "/"):
        assert adviser.get(room).headers["Location"] == "/second-factor"
    assert "Your role needs a second factor" in text_of(adviser.get("/second-factor"))
    set_up_an_app(adviser)
    assert adviser.get("/demo").status_code == 200


def test_nothing_is_done_before_it_is_set_up(signed_in: Colleague, db: Connection) -> None:
    boss = signed_in(Role.ADMINISTRATOR)
    require(boss, Role.ADMINISTRATOR)
    word = boss.cookies["form"].value
    answer = boss.post("/keys", {"csrfmiddlewaretoken": word, "source": "shop", "scopes": "write"})

    assert answer.status_code == 403
    assert "second_factor_first" in answer.content.decode()
    assert db.execute("SELECT count(*) FROM access_key").fetchone() == (0,)


def test_other_roles_come_in_as_before(signed_in: Colleague) -> None:
    viewer = signed_in(Role.VIEWER)
    require(signed_in(Role.ADMINISTRATOR), Role.ADVISER, Role.MANAGER)

    assert viewer.get("/demo").status_code == 200


def test_codes_on_paper_alone_are_no_second_factor(
    ines: Any, signed_in: Colleague, db: Connection
) -> None:
    require(signed_in(Role.ADMINISTRATOR), Role.ADVISER)
    db.execute("DELETE FROM mfa_authenticator WHERE type = 'totp'")

    assert ines.get("/customers").headers["Location"] == "/second-factor"


def test_who_required_it_and_why_can_be_read(signed_in: Colleague) -> None:
    boss = signed_in(Role.ADMINISTRATOR, name="Camille")
    require(boss, Role.OWNER)
    page = text_of(boss.get("/second-factor/required"))

    assert "Camille · the auditors asked for it" in page


@pytest.mark.parametrize("because", ["", "x", "         .        "])
def test_a_rule_needs_a_reason(signed_in: Colleague, db: Connection, because: str) -> None:
    boss = signed_in(Role.ADMINISTRATOR)
    answer = post_as(boss, "/second-factor/required", roles=["adviser"], because=because)

    assert answer.status_code == 422
    assert db.execute("SELECT count(*) FROM second_factor_rule").fetchone() == (0,)


@pytest.mark.usefixtures("ines")
def test_those_who_still_have_to_are_named(signed_in: Colleague) -> None:
    signed_in(Role.ADVISER, name="Omar")
    boss = signed_in(Role.ADMINISTRATOR)
    require(boss, Role.ADVISER)
    page = text_of(boss.get("/second-factor/required"))

    assert "1 person has still to set one up" in page
    assert "<li>Omar</li>" in page


@pytest.mark.usefixtures("ines")
def test_a_lost_factor_is_taken_away_by_an_administrator(
    signed_in: Colleague, db: Connection
) -> None:
    boss = signed_in(Role.ADMINISTRATOR)
    (number,) = db.execute("SELECT id FROM staff WHERE email = 'ines@example.org'").fetchone() or ()
    assert post_as(boss, f"/second-factor/of/{number}/forget").status_code == 302

    assert come_in("ines@example.org").answer.headers["Location"] == "/morning"
    assert db.execute(
        "SELECT about, details FROM audit WHERE what = 'factor_forget'"
    ).fetchone() == ({"person": number}, {"factors": 2})


def test_a_factor_of_nobody_cannot_be_taken_away(signed_in: Colleague) -> None:
    assert signed_in(Role.ADMINISTRATOR).get("/second-factor/of/999999/forget").status_code == 404


def test_somebody_who_was_let_go_has_no_second_step(ines: Any, db: Connection) -> None:
    browser = come_in("ines@example.org")
    db.execute("UPDATE staff SET is_active = false")

    step(browser, code_of(ines.secret, later=1))
    assert not is_in(browser)
