"""The names that mail servers know an act by."""

import pytest

from terrain.core.identifier import key_of
from terrain.core.message import (
    LONGEST_FILE,
    MessageTooLong,
    NoSubject,
    act_behind,
    language_for,
    message_id_of,
    words_of,
)

SECRET = "a secret that only the tests know"
LEA = key_of(3_503_345_872_043_008)


def test_the_same_act_always_has_the_same_message_id() -> None:
    assert message_id_of(SECRET, LEA, 77, "shop.example") == message_id_of(
        SECRET, LEA, 77, "shop.example"
    )


def test_what_comes_back_leads_to_the_act() -> None:
    name = message_id_of(SECRET, LEA, 77, "shop.example")

    assert act_behind(SECRET, f"In-Reply-To: <other@x>\nReferences: {name}") == (LEA, 77)


def test_nobody_else_can_name_an_act() -> None:
    name = message_id_of(SECRET, LEA, 77, "shop.example")

    assert act_behind(SECRET, name.replace(".4d.", ".4e.")) is None
    assert act_behind("another secret, not ours at all...", name) is None


def test_the_first_line_of_the_words_is_the_subject() -> None:
    words = words_of("Subject: Time for your filter\nHello", "filter", "en")

    assert words.subject == "Time for your filter"
    assert words.body == "\nHello"


@pytest.mark.parametrize("text", ["Hello", "Subject:   \nHello", ""])
def test_words_without_a_subject_are_refused(text: str) -> None:
    with pytest.raises(NoSubject):
        words_of(text, "filter", "en")


def test_a_book_is_not_a_message() -> None:
    with pytest.raises(MessageTooLong):
        words_of("Subject: a\n" + "x" * LONGEST_FILE, "filter", "en")


def test_lea_is_written_to_in_her_language_where_there_are_words_in_it() -> None:
    assert language_for("fr-CA", ["en", "fr"], "en") == "fr"
    assert language_for("de", ["en", "fr"], "en") == "en"
    assert language_for(None, ["fr"], "en") == "fr"
