"""How people come in, stay in and go: passwords, invitations, sessions, and those who try what is not theirs."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.colleagues import post_as

PASSWORD = "au fil de l'eau, toujours"
CAMILLE = {"email": "camille@example.org", "password": PASSWORD}
INES = {"name": "Inès", "email": "ines@example.org"}


@pytest.fixture
def browser(served: str) -> Callable[[], Any]:  # noqa: ARG001 - Django works on it
    """Return what opens one more browser."""
    from django.test import Client  # noqa: PLC0415

    return lambda: Client(enforce_csrf_checks=True)


@pytest.fixture
def camille(db: Connection, reader: Any, post: Any) -> Any:
    """Return the browser in which Camille made the first account."""
    address = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"
    assert post(address, name="Camille", **CAMILLE).status_code == 302
    return reader


def sign_in(browser: Any, **changed: str) -> Any:
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


class TestComingIn:
    @pytest.mark.usefixtures("camille")
    def test_an_address_is_the_same_however_it_is_written(self, browser: Any) -> None:
        assert sign_in(browser(), email=" Camille@EXAMPLE.org ").status_code == 302

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"name": " "}, "Please tell your name."),
            ({"name": "x" * 81}, "At most eighty characters"),
            ({"email": "camille"}, "This is not an e-mail address."),
            ({"password": "short"}, "At least ten characters, please."),
            ({"password": "password123"}, "Many people use this password"),
            ({"password": "31415926535"}, "Please not only digits."),
            ({"password": "camille@example"}, "too close to your name"),
            ({"password": "x" * 1001}, "At most a thousand characters"),
        ],
    )
    def test_what_is_wrong_with_the_first_account_is_said(
        self, db: Connection, post: Any, typed: dict[str, str], said: str
    ) -> None:
        address = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"
        answer = post(address, **({"name": "Camille"} | CAMILLE | typed))

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert staff.is_empty(db)

    @pytest.mark.usefixtures("camille")
    def test_the_first_address_is_closed_once_somebody_has_an_account(
        self, db: Connection, browser: Any
    ) -> None:
        late = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"

        assert browser().get(late).status_code == 403

    @pytest.mark.usefixtures("camille")
    def test_a_link_of_the_terminal_signs_in_once(self, db: Connection, browser: Any) -> None:
        of = number_of(db, CAMILLE["email"])
        address = f"/enter/{entries.make(db, Kind.LINK, datetime.now(UTC), of)}"
        first, second = browser(), browser()
        post_as(first, address)

        assert is_in(first)
        assert second.get(address).status_code == 403

    @pytest.mark.usefixtures("camille")
    def test_a_newer_link_closes_the_older(self, db: Connection) -> None:
        of, now = number_of(db, CAMILLE["email"]), datetime.now(UTC)
        older, newer = (entries.make(db, Kind.LINK, now, of) for _ in range(2))

        assert entries.find(db, Kind.LINK, older, now) is None
        assert entries.find(db, Kind.LINK, newer, now) == of

    @pytest.mark.usefixtures("camille")
    def test_a_link_opens_only_what_it_was_made_for(self, db: Connection, browser: Any) -> None:
        of = number_of(db, CAMILLE["email"])
        token = entries.make(db, Kind.RESET, datetime.now(UTC), of)

        assert browser().get(f"/enter/{token}").status_code == 403
        assert browser().get(f"/join/{token}").status_code == 403

    @pytest.mark.parametrize(
        "away",
        [
            "https://evil.example",
            "//evil.example/x",
            "/\\evil.example",
            "javascript:alert(1)",
            "/sign-in",
            "/nowhere",
            "http:evil.example",
            "\t//evil.example",
        ],
    )
    @pytest.mark.usefixtures("camille")
    def test_nobody_is_led_elsewhere_after_signing_in(self, browser: Any, away: str) -> None:
        assert sign_in(browser(), next=away).headers["Location"] == "/"

    @pytest.mark.usefixtures("camille")
    def test_the_session_gets_a_new_name_when_somebody_signs_in(self, browser: Any) -> None:
        stranger = browser()
        stranger.cookies["session"] = "a" * 32
        sign_in(stranger)

        assert stranger.cookies["session"].value != "a" * 32
        assert is_in(stranger)

    def test_whoever_is_in_speaks_their_own_language(self, camille: Any) -> None:
        post_as(camille, "/account", name="Camille", language="fr")

        assert camille.get("/account").headers["Content-Language"] == "fr"


@pytest.mark.parametrize("door", ["enter", "join", "password"])
def test_the_log_says_which_door_was_shut_and_not_what_opens_it(
    reader: Any, caplog: pytest.LogCaptureFixture, door: str
) -> None:
    assert reader.get(f"/{door}/a-way-in-of-somebody").status_code == 403

    assert f"/{door}/…" in caplog.text
    assert "a-way-in-of-somebody" not in caplog.text


class TestGuessing:
    @pytest.mark.usefixtures("camille")
    def test_wrong_passwords_are_counted_and_it_is_said_when_to_try_again(
        self, browser: Any
    ) -> None:
        answers = [sign_in(browser(), password=f"wrong {n}") for n in range(12)]
        last = answers[-1]

        assert [each.status_code for each in answers] == [422] * 10 + [429] * 2
        assert "try again in 15 minutes" in last.content.decode()
        assert int(last.headers["Retry-After"]) == 15 * 60

    @pytest.mark.usefixtures("camille")
    def test_even_the_right_password_waits_then(self, browser: Any) -> None:
        for n in range(10):
            sign_in(browser(), password=f"wrong {n}")

        assert sign_in(browser()).status_code == 429

    @pytest.mark.usefixtures("camille")
    def test_an_address_nobody_has_is_answered_alike(self, browser: Any) -> None:
        guessed, unknown = (
            [sign_in(browser(), email=email, password="no").content for _ in range(12)]
            for email in (CAMILLE["email"], "nobody@example.org")
        )
        told = [each.decode().replace(CAMILLE["email"], "nobody@example.org") for each in guessed]

        assert [_without_words(each) for each in told] == [
            _without_words(each.decode()) for each in unknown
        ]

    @pytest.mark.usefixtures("camille")
    def test_many_accounts_from_one_place_are_too_many(self, browser: Any) -> None:
        for n in range(40):
            sign_in(browser(), email=f"guess{n}@example.org", password="no")

        assert sign_in(browser()).status_code == 429

    @pytest.mark.usefixtures("camille")
    def test_what_a_request_says_of_its_own_address_is_not_believed(self, browser: Any) -> None:
        for n in range(40):
            guesser = browser()
            guesser.defaults |= {
                "HTTP_X_FORWARDED_FOR": f"203.0.113.{n}",
                "HTTP_X_REAL_IP": f"::{n}",
            }
            sign_in(guesser, email=f"guess{n}@example.org", password="no")

        assert sign_in(browser()).status_code == 429

    @pytest.mark.usefixtures("camille")
    def test_from_elsewhere_camille_comes_in_all_the_same(self, browser: Any) -> None:
        for n in range(41):
            sign_in(browser(), email=f"guess{n}@example.org", password="no")
        elsewhere = browser()
        elsewhere.defaults["REMOTE_ADDR"] = "203.0.113.7"

        assert sign_in(elsewhere).status_code == 302

    @pytest.mark.usefixtures("camille")
    def test_one_good_account_buys_no_tries_at_others(self, browser: Any) -> None:
        for n in range(40):
            sign_in(browser(), email=f"guess{n}@example.org", password="no")
            if n % 10 == 0:
                sign_in(browser())

        assert sign_in(browser(), email="guess@example.org", password="no").status_code == 429

    @pytest.mark.usefixtures("camille")
    def test_a_right_password_forgets_the_wrong_ones(self, browser: Any) -> None:
        for _ in range(2):
            for n in range(9):
                sign_in(browser(), password=f"wrong {n}")
            assert sign_in(browser()).status_code == 302

    @pytest.mark.usefixtures("camille")
    def test_after_a_while_it_is_forgotten(self, browser: Any, db: Connection) -> None:
        for n in range(11):
            sign_in(browser(), password=f"wrong {n}")
        db.execute("UPDATE attempt SET since = since - interval '15 minutes'")

        assert sign_in(browser()).status_code == 302

    @pytest.mark.usefixtures("camille")
    def test_guesses_from_elsewhere_do_not_keep_camille_out_of_her_own_browser(
        self, camille: Any, browser: Any
    ) -> None:
        post_as(camille, "/account", "/left")
        sign_in(camille)
        post_as(camille, "/account", "/left")
        for n in range(11):
            elsewhere = browser()
            elsewhere.defaults["REMOTE_ADDR"] = "203.0.113.7"
            sign_in(elsewhere, password=f"wrong {n}")

        assert sign_in(browser()).status_code == 429
        assert sign_in(camille).status_code == 302

    @pytest.mark.usefixtures("camille")
    def test_a_known_browser_guesses_no_more_than_others_and_is_known_to_one_account(
        self, browser: Any
    ) -> None:
        known, stranger = browser(), browser()
        sign_in(known)
        post_as(known, "/account", "/left")
        assert [sign_in(known, password="no").status_code for _ in range(11)][-1] == 429

        stranger.cookies["known"] = known.cookies["known"].value
        for _ in range(11):
            sign_in(browser(), email="omar@example.org", password="no")
        assert sign_in(stranger, email="omar@example.org", password="no").status_code == 429

    def test_what_is_counted_names_nobody(self, browser: Any, db: Connection) -> None:
        sign_in(browser(), password="wrong")
        kept = b"".join(bytes(row[0]) for row in db.execute("SELECT who FROM attempt"))

        assert b"camille" not in kept

    @pytest.mark.usefixtures("camille")
    def test_an_account_that_is_not_there_takes_as_long_as_one_that_is(self, browser: Any) -> None:
        def seconds(email: str) -> float:
            began = time.perf_counter()
            sign_in(browser(), email=email, password="no")
            return time.perf_counter() - began

        there = min(seconds(CAMILLE["email"]) for _ in range(3))
        not_there = min(seconds(f"nobody{n}@example.org") for n in range(3))

        assert there / 2 < not_there < there * 2


class TestInvitations:
    def test_ines_comes_in_by_her_invitation_and_no_further_than_her_role(
        self, camille: Any, browser: Any
    ) -> None:
        ines = browser()
        post_as(ines, invited(camille), name="Inès", password=PASSWORD)

        assert ines.get("/tasks").status_code == 200
        assert ines.get("/staff").status_code == 403

    def test_it_works_once(self, camille: Any, browser: Any) -> None:
        address = invited(camille)
        post_as(browser(), address, name="Inès", password=PASSWORD)

        assert browser().get(address).status_code == 403

    def test_a_weak_password_does_not_use_it_up(self, camille: Any, browser: Any) -> None:
        ines, address = browser(), invited(camille)

        assert post_as(ines, address, name="Inès", password="short").status_code == 422
        assert post_as(ines, address, name="Inès", password=PASSWORD).status_code == 302

    def test_after_seven_days_it_is_closed(
        self, camille: Any, browser: Any, db: Connection
    ) -> None:
        address = invited(camille)
        db.execute("UPDATE entry SET good_until = good_until - interval '7 days'")

        assert browser().get(address).status_code == 403

    def test_invited_again_the_old_address_is_closed(
        self, camille: Any, browser: Any, db: Connection
    ) -> None:
        old, of = invited(camille), number_of(db, INES["email"])
        said = post_as(camille, f"/staff/{of}", f"/staff/{of}/again").content.decode()
        new = "/join/" + said.split("/join/")[1].split("<")[0]

        assert browser().get(old).status_code == 403
        assert browser().get(new).status_code == 200

    def test_withdrawn_it_is_closed_and_the_account_is_gone(
        self, camille: Any, browser: Any, db: Connection
    ) -> None:
        address, of = invited(camille), number_of(db, INES["email"])
        post_as(camille, f"/staff/{of}", f"/staff/{of}/withdraw")

        assert browser().get(address).status_code == 403
        assert staff.by_email(db, INES["email"]) is None

    def test_an_invitation_that_was_accepted_cannot_be_withdrawn(
        self, camille: Any, browser: Any, db: Connection
    ) -> None:
        post_as(browser(), invited(camille), name="Inès", password=PASSWORD)
        of = number_of(db, INES["email"])

        assert post_as(camille, f"/staff/{of}", f"/staff/{of}/withdraw").status_code == 409
        assert staff.by_email(db, INES["email"]) is not None

    def test_without_a_password_nobody_signs_in(self, camille: Any, browser: Any) -> None:
        invited(camille)

        assert sign_in(browser(), email=INES["email"], password="!").status_code == 422

    def test_it_is_said_that_the_letter_could_not_be_sent(self, camille: Any) -> None:
        said = post_as(camille, "/staff", roles=["adviser"], **INES).content.decode()

        assert "could not be sent" in said  # nobody listens on the port of the sink

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
        self, camille: Any, typed: dict[str, Any], code: str
    ) -> None:
        answer = post_as(camille, "/staff", **({"roles": ["adviser"]} | INES | typed))

        assert answer.status_code == 422
        assert code in answer.content.decode()


class TestRoles:
    def test_a_role_given_holds_at_once(self, camille: Any, signed_in: Any) -> None:
        ines = signed_in(Role.VIEWER)
        of = ines.person.pk
        post_as(camille, f"/staff/{of}", roles=["adviser"])

        assert ines.get("/tasks").status_code == 200

    def test_the_last_administrator_stays_one(self, camille: Any, db: Connection) -> None:
        of = number_of(db, CAMILLE["email"])

        assert post_as(camille, f"/staff/{of}", roles=["viewer"]).status_code == 409
        assert camille.get("/staff").status_code == 200

    def test_nobody_locks_themselves_out(
        self, camille: Any, signed_in: Any, db: Connection
    ) -> None:
        signed_in(Role.ADMINISTRATOR)
        of = number_of(db, CAMILLE["email"])

        assert post_as(camille, f"/staff/{of}", roles=["viewer"]).status_code == 409
        assert post_as(camille, f"/staff/{of}", f"/staff/{of}/let-go").status_code == 409
        assert is_in(camille)

    def test_an_administrator_who_never_came_is_none_that_remains(
        self, camille: Any, signed_in: Any, db: Connection
    ) -> None:
        invited(camille, Role.ADMINISTRATOR)
        other = signed_in(Role.ADMINISTRATOR)
        db.execute("UPDATE staff SET is_active = false WHERE id = %s", [other.person.pk])
        of = number_of(db, CAMILLE["email"])

        said = post_as(camille, f"/staff/{of}", roles=["viewer"]).content.decode()
        assert "make another administrator first" in said

    def test_whoever_is_let_go_is_out_at_once(self, camille: Any, browser: Any, db: Any) -> None:
        ines = browser()
        post_as(ines, invited(camille), name="Inès", password=PASSWORD)
        of = number_of(db, INES["email"])
        post_as(camille, f"/staff/{of}", f"/staff/{of}/let-go")

        assert ines.get("/tasks").status_code == 302
        assert sign_in(browser(), email=INES["email"]).status_code == 422

    def test_brought_back_she_signs_in_again(self, camille: Any, browser: Any, db: Any) -> None:
        post_as(browser(), invited(camille), name="Inès", password=PASSWORD)
        of = number_of(db, INES["email"])
        post_as(camille, f"/staff/{of}", f"/staff/{of}/let-go")
        post_as(camille, f"/staff/{of}", f"/staff/{of}/bring-back")

        assert sign_in(browser(), email=INES["email"]).status_code == 302

    def test_looking_at_a_step_takes_none(self, camille: Any, signed_in: Any) -> None:
        ines = signed_in(Role.VIEWER)
        assert camille.get(f"/staff/{ines.person.pk}/let-go").status_code == 302
        assert is_in(ines)

    def test_a_step_that_is_none_is_not_found(self, camille: Any, signed_in: Any) -> None:
        of = signed_in(Role.VIEWER).person.pk
        assert post_as(camille, f"/staff/{of}", f"/staff/{of}/promote").status_code == 404
        assert camille.get("/staff/999999").status_code == 404


class TestSessions:
    def test_camille_sees_where_she_is_signed_in_and_signs_out_there(
        self, camille: Any, browser: Any
    ) -> None:
        phone = browser()
        phone.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Version/17 Safari/604.1"
        sign_in(phone)
        page = camille.get("/account").content.decode()
        assert "Safari, iPhone" in page
        number = page.split('name="session" value="')[1].split('"')[0]
        post_as(camille, "/account", "/account/sessions", session=number)

        assert not is_in(phone)
        assert is_in(camille)

    def test_she_signs_out_everywhere_else(self, camille: Any, browser: Any) -> None:
        others = [browser(), browser()]
        for each in others:
            sign_in(each)
        post_as(camille, "/account", "/account/sessions", session="others")

        assert [is_in(each) for each in others] == [False, False]
        assert is_in(camille)

    def test_nobody_ends_the_session_of_another(
        self, camille: Any, signed_in: Any, db: Connection
    ) -> None:
        row = db.execute("SELECT id FROM usersessions_usersession").fetchone()
        assert row
        post_as(signed_in(*Role), "/account", "/account/sessions", session=str(row[0]))

        assert is_in(camille)

    def test_a_new_password_ends_the_other_sessions_and_the_old_password(
        self, camille: Any, browser: Any
    ) -> None:
        stolen = browser()
        sign_in(stolen)
        new = "une autre phrase, plus longue"
        post_as(camille, "/account/password", old=PASSWORD, password=new)

        assert is_in(camille)
        assert not is_in(stolen)
        assert sign_in(browser()).status_code == 422
        assert sign_in(browser(), password=new).status_code == 302

    def test_a_stolen_cookie_is_worth_nothing_after_a_new_password(
        self, camille: Any, browser: Any
    ) -> None:
        thief = browser()
        thief.cookies["session"] = camille.cookies["session"].value
        assert is_in(thief)
        post_as(camille, "/account/password", old=PASSWORD, password="une autre phrase, longue")

        assert not is_in(thief)
        assert is_in(camille)

    @pytest.mark.parametrize(
        ("typed", "status"),
        [({"old": "wrong"}, 422), ({"password": "short"}, 422), ({"old": ""}, 422)],
    )
    def test_whoever_does_not_know_the_old_password_changes_nothing(
        self, camille: Any, browser: Any, typed: dict[str, str], status: int
    ) -> None:
        given = {"old": PASSWORD, "password": "une autre phrase, longue"} | typed

        assert post_as(camille, "/account/password", **given).status_code == status
        assert sign_in(browser()).status_code == 302

    def test_guessing_the_old_password_is_counted_too(self, camille: Any) -> None:
        guesses = [
            post_as(camille, "/account/password", old="no", password=PASSWORD) for _ in range(11)
        ]

        assert guesses[-1].status_code == 429

    def test_a_session_ends_a_week_after_it_began(self, camille: Any) -> None:
        _set(camille, began=datetime.now(UTC) - timedelta(days=7, minutes=1))

        assert not is_in(camille)

    def test_a_session_that_is_used_goes_on_and_one_left_alone_ends(
        self, camille: Any, db: Connection
    ) -> None:
        _set(camille, seen=datetime.now(UTC) - timedelta(minutes=6))
        before = db.execute("SELECT expire_date FROM django_session").fetchone()
        assert is_in(camille)
        assert db.execute("SELECT expire_date FROM django_session").fetchone() > before  # type: ignore[operator]
        db.execute("UPDATE django_session SET expire_date = now() - interval '1 second'")

        assert not is_in(camille)

    def test_whoever_is_in_already_is_led_on(self, camille: Any) -> None:
        assert camille.get("/sign-in?next=/demo").headers["Location"] == "/demo"

    def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(self, browser: Any) -> None:
        asking = {"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/demo?x=1"}
        answer = browser().get("/trays", headers=asking)

        assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fdemo"
        assert answer.content == b""

    def test_signing_out_takes_a_form(self, camille: Any) -> None:
        camille.get("/left")
        assert is_in(camille)
        post_as(camille, "/account", "/left")
        assert not is_in(camille)

    def test_the_cookie_is_closed_to_scripts_and_to_other_sites(self, camille: Any) -> None:
        cookie = camille.cookies["session"]

        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_a_page_costs_two_small_questions_for_who_is_there(self, camille: Any) -> None:
        from django.db import connection  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        with CaptureQueriesContext(connection) as asked:
            camille.get("/demo")
        about = [each["sql"] for each in asked if "SELECT" in each["sql"]]

        assert len(about) == 2


class TestLostPassword:
    @pytest.mark.usefixtures("camille")
    def test_it_is_answered_alike_whether_or_not_there_is_an_account(self, browser: Any) -> None:
        known, unknown = (
            post_as(browser(), "/lost-password", email=email).content.decode()
            for email in (CAMILLE["email"], "nobody@example.org")
        )

        assert _without_words(known) == _without_words(unknown)

    def test_the_link_takes_a_new_password_and_ends_every_session(
        self, camille: Any, browser: Any, db: Connection
    ) -> None:
        token = entries.make(db, Kind.RESET, datetime.now(UTC), number_of(db, CAMILLE["email"]))
        new = "une autre phrase, longue"
        answer = post_as(browser(), f"/password/{token}", password=new)

        assert answer.status_code == 302
        assert not is_in(camille)
        assert sign_in(browser(), password=new).status_code == 302
        assert browser().get(f"/password/{token}").status_code == 403

    @pytest.mark.usefixtures("camille")
    def test_a_weak_one_is_refused_and_the_link_still_works(
        self, browser: Any, db: Connection
    ) -> None:
        token = entries.make(db, Kind.RESET, datetime.now(UTC), number_of(db, CAMILLE["email"]))

        assert post_as(browser(), f"/password/{token}", password="short").status_code == 422
        assert browser().get(f"/password/{token}").status_code == 200

    @pytest.mark.usefixtures("camille")
    def test_asking_is_counted(self, browser: Any) -> None:
        asked = [post_as(browser(), "/lost-password", email="a@example.org") for _ in range(11)]

        assert asked[-1].status_code == 429


def _without_words(page: str) -> str:
    """Return the page without the word of its form, which is another each time."""
    parts = page.split('name="csrfmiddlewaretoken" value="')
    return parts[0] + "".join(part.split('"', 1)[1] for part in parts[1:])


def _set(browser: Any, **moments: datetime) -> None:
    session = browser.session
    for name, at in moments.items():
        session[name] = int(at.timestamp())
    session.save()
