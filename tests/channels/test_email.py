"""Letters given to a real mail server: what arrives, and what is known when it does not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from terrain.channels.email import GREYLISTED, Mailer
from terrain.channels.mime import HeaderBroken, as_bytes
from terrain.core.message import Drawing, Letter, Message
from terrain.core.outbox import How
from tests.outside import PostOffice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = Message(
    subject="C’est l’heure, Léa",
    text="Bonjour Léa,\n.\nÀ bientôt\n",
    html="<p>Bonjour Léa</p>",
    language="fr",
)
TO_LEA = Letter(
    message=WORDS,
    sender="bonjour@shop.example",
    sender_name="L’Eau claire",
    to="lea@example.org",
    message_id="<t.1.2.abc@shop.example>",
    thread="<t.thread.9@shop.example>",
    unsubscribe="https://shop.example/stop/" + "x" * 200,
)


@pytest.fixture
def mailer(post_office: PostOffice) -> Iterator[Mailer]:
    mailer = Mailer(post_office.url)
    yield mailer
    mailer.close()


def test_lea_gets_text_and_html_in_her_language(mailer: Mailer, post_office: PostOffice) -> None:
    assert mailer.send(TO_LEA, NOON).how is How.LEFT
    mailer.close()

    message = post_office.messages[0]
    text, html = message.iter_parts()
    assert message["Subject"] == "C’est l’heure, Léa"
    assert message["From"].addresses[0].display_name == "L’Eau claire"
    assert text.get_content().replace("\r\n", "\n") == WORDS.text
    assert html.get_content().strip() == "<p>Bonjour Léa</p>"


def test_it_bears_the_names_by_which_mail_clients_know_it(
    mailer: Mailer, post_office: PostOffice
) -> None:
    mailer.send(TO_LEA, NOON)
    mailer.close()

    message = post_office.messages[0]
    assert message["Message-ID"] == "<t.1.2.abc@shop.example>"
    assert message["References"] == "<t.thread.9@shop.example>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_one_click_stops_it_and_the_address_stays_whole(
    mailer: Mailer, post_office: PostOffice
) -> None:
    mailer.send(TO_LEA, NOON)
    mailer.close()

    head = post_office.mail[0].split(b"\r\n\r\n")[0].decode()
    assert f"List-Unsubscribe: <{TO_LEA.unsubscribe}>\r\n" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head


def test_what_nobody_repeats_has_no_list_to_leave() -> None:
    assert b"List-Unsubscribe" not in as_bytes(replace(TO_LEA, unsubscribe=""), NOON)


def test_the_same_letter_is_the_same_bytes() -> None:
    assert as_bytes(TO_LEA, NOON) == as_bytes(TO_LEA, NOON)
    assert all(len(line) < 998 for line in as_bytes(TO_LEA, NOON).split(b"\r\n"))


@pytest.mark.parametrize(
    "changes",
    [
        {"sender_name": "Shop\r\nBcc: all@example.org"},
        {"to": "lea@example.org\nBcc: all@example.org"},
        {"message_id": "<a@b>\r\n\r\nHello"},
        {"message": replace(WORDS, subject="Hi\nBcc: all@example.org")},
    ],
)
def test_no_value_starts_a_header_of_its_own(changes: dict[str, Any]) -> None:
    with pytest.raises(HeaderBroken):
        as_bytes(replace(TO_LEA, **changes), NOON)


def test_one_connection_serves_many(mailer: Mailer, post_office: PostOffice) -> None:
    for _ in range(5):
        assert mailer.send(TO_LEA, NOON).how is How.LEFT
    mailer.close()

    assert (len(post_office.mail), post_office.connections) == (5, 1)


def test_an_address_in_any_script_is_reached(mailer: Mailer, post_office: PostOffice) -> None:
    mailer.send(replace(TO_LEA, to="lea@müller.example"), NOON)
    mailer.send(replace(TO_LEA, to="léa@example.org"), NOON)
    mailer.close()

    assert post_office.recipients == ["lea@xn--mller-kva.example", "léa@example.org"]


def test_the_head_names_an_address_as_it_is_and_only_its_domain_in_ascii() -> None:
    letter = as_bytes(replace(TO_LEA, to="léa@müller.example"), NOON)

    assert "\r\nTo: léa@xn--mller-kva.example\r\n".encode() in letter


def test_a_server_that_does_not_speak_the_script_is_not_given_the_letter() -> None:
    with PostOffice(hears_utf8=False) as office:
        mailer = Mailer(office.url)
        result = mailer.send(replace(TO_LEA, to="léa@example.org"), NOON)
        after = mailer.send(TO_LEA, NOON)
        mailer.close()

    assert (result.how, result.because) == (How.REFUSED, "address_not_spoken")
    assert after.how is How.LEFT


@pytest.mark.parametrize("to", ["", "lea", "lea@", "lea@example.org, omar@example.org", "a@b\nc"])
def test_what_is_no_address_is_evidence_that_it_is_wrong(mailer: Mailer, to: str) -> None:
    result = mailer.send(replace(TO_LEA, to=to), NOON)

    assert (result.how, result.address_is_wrong) == (How.REFUSED, True)


@pytest.mark.parametrize(
    ("answer", "how", "wrong"),
    [
        ("550 5.1.1 <lea@example.org> unknown", How.REFUSED, True),
        ("550 no such user", How.REFUSED, True),
        ("552 5.2.2 mailbox full", How.REFUSED, True),
        ("550 5.7.515 not authenticated", How.REFUSED, False),
        ("450 4.2.0 greylisted", How.NOT_YET, False),
    ],
)
def test_a_refusal_of_the_recipient_is_understood(
    mailer: Mailer, post_office: PostOffice, answer: str, how: How, *, wrong: bool
) -> None:
    post_office.answers_to_rcpt = [answer]

    result = mailer.send(TO_LEA, NOON)
    after = mailer.send(TO_LEA, NOON)
    mailer.close()

    assert (result.how, result.address_is_wrong) == (how, wrong)
    assert "lea@" not in result.detail
    assert after.how is How.LEFT


def test_a_greylisted_letter_goes_a_little_later(mailer: Mailer, post_office: PostOffice) -> None:
    post_office.answers_to_data = ["451 4.7.1 try again"]

    assert mailer.send(TO_LEA, NOON).again_after == GREYLISTED == timedelta(minutes=5)


def test_a_letter_refused_for_its_content_says_nothing_about_the_address(
    mailer: Mailer, post_office: PostOffice
) -> None:
    post_office.answers_to_data = ["554 5.7.1 spam"]

    result = mailer.send(TO_LEA, NOON)

    assert (result.how, result.address_is_wrong) == (How.REFUSED, False)


def test_a_line_that_breaks_after_the_last_word_leaves_it_open(
    mailer: Mailer, post_office: PostOffice
) -> None:
    post_office.answers_to_data = ["hang up"]

    assert mailer.send(TO_LEA, NOON).how is How.UNKNOWN
    assert mailer.send(TO_LEA, NOON).how is How.LEFT
    mailer.close()
    assert len(post_office.mail) == 2


def test_without_a_server_it_certainly_did_not_leave() -> None:
    with PostOffice() as office:
        url = office.url

    mailer = Mailer(url)
    assert mailer.send(TO_LEA, NOON).how is How.NOT_YET
    assert mailer.send(TO_LEA, NOON).detail == "rests"


# -- pictures ----------------------------------------------------------------------------------------


def with_a_drawing() -> Letter:
    drawing = Drawing(name="meter-1@shop.example", png=b"\x89PNG" + bytes(range(256)) * 3)
    html = '<p><img src="cid:meter-1@shop.example" alt="12 sur 800"></p>'
    return replace(TO_LEA, message=replace(WORDS, html=html), drawings=(drawing,))


def test_a_picture_travels_with_the_html_that_shows_it(
    mailer: Mailer, post_office: PostOffice
) -> None:
    assert mailer.send(with_a_drawing(), NOON).how is How.LEFT

    message = post_office.messages[0]
    plain, related = message.iter_parts()
    assert message.get_content_type() == "multipart/alternative"
    assert plain.get_content_type() == "text/plain"
    assert related.get_content_type() == "multipart/related"
    html, picture = related.iter_parts()
    assert html.get_content().strip().endswith('alt="12 sur 800"></p>')
    assert picture["Content-ID"] == "<meter-1@shop.example>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_filename() == "meter-1.png"
    assert picture.get_content() == with_a_drawing().drawings[0].png


def test_every_line_of_a_letter_with_pictures_is_short_enough_for_any_server() -> None:
    lines = as_bytes(with_a_drawing(), NOON).split(b"\r\n")

    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line for line in lines)


def test_the_name_of_a_picture_starts_no_header_of_its_own() -> None:
    drawing = Drawing(name="a\r\nBcc: all@example.org", png=b"")

    with pytest.raises(HeaderBroken):
        as_bytes(replace(TO_LEA, drawings=(drawing,)), NOON)
