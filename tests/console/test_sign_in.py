"""How people come in: the first of all, by a password, by a link; and those who guess."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from terrain.store import entries, staff
from terrain.store.entries import Kind
from tests.colleagues import CAMILLE, come_in, is_in, number_of, post_as, without_words


@pytest.mark.usefixtures("camille")
def test_an_address_is_the_same_however_it_is_written(browser: Any) -> None:
    assert come_in(browser(), email=" Camille@EXAMPLE.org ").status_code == 302


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
    db: Connection, post: Any, typed: dict[str, str], said: str
) -> None:
    address = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"
    answer = post(address, **({"name": "Camille"} | CAMILLE | typed))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert staff.is_empty(db)


@pytest.mark.usefixtures("camille")
def test_the_first_address_is_closed_once_somebody_has_an_account(
    db: Connection, browser: Any
) -> None:
    late = f"/enter/{entries.make(db, Kind.FIRST, datetime.now(UTC))}"

    assert browser().get(late).status_code == 403


@pytest.mark.usefixtures("camille")
def test_a_link_of_the_terminal_signs_in_once(db: Connection, browser: Any) -> None:
    of = number_of(db, CAMILLE["email"])
    address = f"/enter/{entries.make(db, Kind.LINK, datetime.now(UTC), of)}"
    first, second = browser(), browser()
    post_as(first, address)

    assert is_in(first)
    assert second.get(address).status_code == 403


@pytest.mark.usefixtures("camille")
def test_a_newer_link_closes_the_older(db: Connection) -> None:
    of, now = number_of(db, CAMILLE["email"]), datetime.now(UTC)
    older, newer = (entries.make(db, Kind.LINK, now, of) for _ in range(2))

    assert entries.find(db, Kind.LINK, older, now) is None
    assert entries.find(db, Kind.LINK, newer, now) == of


@pytest.mark.usefixtures("camille")
def test_a_link_opens_only_what_it_was_made_for(db: Connection, browser: Any) -> None:
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
def test_nobody_is_led_elsewhere_after_signing_in(browser: Any, away: str) -> None:
    assert come_in(browser(), next=away).headers["Location"] == "/morning"


@pytest.mark.usefixtures("camille")
def test_the_session_gets_a_new_name_when_somebody_signs_in(browser: Any) -> None:
    stranger = browser()
    stranger.cookies["session"] = "a" * 32
    come_in(stranger)

    assert stranger.cookies["session"].value != "a" * 32
    assert is_in(stranger)


def test_whoever_is_in_speaks_their_own_language(camille: Any) -> None:
    post_as(camille, "/account", name="Camille", language="fr")

    assert camille.get("/account").headers["Content-Language"] == "fr"


@pytest.mark.parametrize("door", ["enter", "join", "password"])
def test_the_log_says_which_door_was_shut_and_not_what_opens_it(
    reader: Any, caplog: pytest.LogCaptureFixture, door: str
) -> None:
    assert reader.get(f"/{door}/a-way-in-of-somebody").status_code == 403

    assert f"/{door}/…" in caplog.text
    assert "a-way-in-of-somebody" not in caplog.text


@pytest.mark.usefixtures("camille")
def test_wrong_passwords_are_counted_and_it_is_said_when_to_try_again(browser: Any) -> None:
    answers = [come_in(browser(), password=f"wrong {n}") for n in range(12)]
    last = answers[-1]

    assert [each.status_code for each in answers] == [422] * 10 + [429] * 2
    assert "try again in 15 minutes" in last.content.decode()
    assert int(last.headers["Retry-After"]) == 15 * 60


@pytest.mark.usefixtures("camille")
def test_even_the_right_password_waits_then(browser: Any) -> None:
    for n in range(10):
        come_in(browser(), password=f"wrong {n}")

    assert come_in(browser()).status_code == 429


@pytest.mark.usefixtures("camille")
def test_an_address_nobody_has_is_answered_alike(browser: Any) -> None:
    guessed, unknown = (
        [come_in(browser(), email=email, password="no").content for _ in range(12)]
        for email in (CAMILLE["email"], "nobody@example.org")
    )
    told = [each.decode().replace(CAMILLE["email"], "nobody@example.org") for each in guessed]

    assert [without_words(each) for each in told] == [
        without_words(each.decode()) for each in unknown
    ]


@pytest.mark.usefixtures("camille")
def test_many_accounts_from_one_place_are_too_many(browser: Any) -> None:
    for n in range(40):
        come_in(browser(), email=f"guess{n}@example.org", password="no")

    assert come_in(browser()).status_code == 429


@pytest.mark.usefixtures("camille")
def test_what_a_request_says_of_its_own_address_is_not_believed(browser: Any) -> None:
    for n in range(40):
        guesser = browser()
        guesser.defaults |= {
            "HTTP_X_FORWARDED_FOR": f"203.0.113.{n}",
            "HTTP_X_REAL_IP": f"::{n}",
        }
        come_in(guesser, email=f"guess{n}@example.org", password="no")

    assert come_in(browser()).status_code == 429


@pytest.mark.usefixtures("camille")
def test_from_elsewhere_camille_comes_in_all_the_same(browser: Any) -> None:
    for n in range(41):
        come_in(browser(), email=f"guess{n}@example.org", password="no")
    elsewhere = browser()
    elsewhere.defaults["REMOTE_ADDR"] = "203.0.113.7"

    assert come_in(elsewhere).status_code == 302


@pytest.mark.usefixtures("camille")
def test_one_good_account_buys_no_tries_at_others(browser: Any) -> None:
    for n in range(40):
        come_in(browser(), email=f"guess{n}@example.org", password="no")
        if n % 10 == 0:
            come_in(browser())

    assert come_in(browser(), email="guess@example.org", password="no").status_code == 429


@pytest.mark.usefixtures("camille")
def test_a_right_password_forgets_the_wrong_ones(browser: Any) -> None:
    for _ in range(2):
        for n in range(9):
            come_in(browser(), password=f"wrong {n}")
        assert come_in(browser()).status_code == 302


@pytest.mark.usefixtures("camille")
def test_after_a_while_it_is_forgotten(browser: Any, db: Connection) -> None:
    for n in range(11):
        come_in(browser(), password=f"wrong {n}")
    db.execute("UPDATE attempt SET since = since - interval '15 minutes'")

    assert come_in(browser()).status_code == 302


@pytest.mark.usefixtures("camille")
def test_guesses_from_elsewhere_do_not_keep_camille_out_of_her_own_browser(
    camille: Any, browser: Any
) -> None:
    post_as(camille, "/account", "/left")
    come_in(camille)
    post_as(camille, "/account", "/left")
    for n in range(11):
        elsewhere = browser()
        elsewhere.defaults["REMOTE_ADDR"] = "203.0.113.7"
        come_in(elsewhere, password=f"wrong {n}")

    assert come_in(browser()).status_code == 429
    assert come_in(camille).status_code == 302


@pytest.mark.usefixtures("camille")
def test_a_known_browser_guesses_no_more_than_others_and_is_known_to_one_account(
    browser: Any,
) -> None:
    known, stranger = browser(), browser()
    come_in(known)
    post_as(known, "/account", "/left")
    assert [come_in(known, password="no").status_code for _ in range(11)][-1] == 429

    stranger.cookies["known"] = known.cookies["known"].value
    for _ in range(11):
        come_in(browser(), email="omar@example.org", password="no")
    assert come_in(stranger, email="omar@example.org", password="no").status_code == 429


def test_what_is_counted_names_nobody(browser: Any, db: Connection) -> None:
    come_in(browser(), password="wrong")
    kept = b"".join(bytes(row[0]) for row in db.execute("SELECT who FROM attempt"))

    assert b"camille" not in kept


@pytest.mark.usefixtures("camille")
def test_an_account_that_is_not_there_takes_as_long_as_one_that_is(browser: Any) -> None:
    def seconds(email: str) -> float:
        began = time.perf_counter()
        come_in(browser(), email=email, password="no")
        return time.perf_counter() - began

    there = min(seconds(CAMILLE["email"]) for _ in range(3))
    not_there = min(seconds(f"nobody{n}@example.org") for n in range(3))

    assert there / 2 < not_there < there * 2
