"""A refusal says what was wrong and what would be right, and never too much."""

from terrain.config import WrongSetting
from terrain.errors import did_you_mean
from terrain.words import refusal_in_words


def test_a_refusal_speaks_both_languages() -> None:
    told = refusal_in_words(WrongSetting(field="TERRAIN_PORT", value="http", right="1–65535"))

    assert told["code"] == "wrong_setting"
    assert told["message"] == {
        "en": "The setting TERRAIN_PORT cannot be “http”: it should be 1–65535.",
        "fr": "Le réglage TERRAIN_PORT ne peut pas valoir « http » : il faudrait 1–65535.",
    }


def test_a_long_value_is_shortened_and_a_password_left_out() -> None:
    assert len(WrongSetting(field="x", value="é" * 5000).value or "") == 80
    assert WrongSetting(field="x", value="smtp://lea:pw@host").value == "smtp://…@host"
    assert WrongSetting(field="write_key", value="abc").value is None


def test_bytes_that_are_no_text_can_be_refused_too() -> None:
    assert WrongSetting(field="x", value=b"caf\xe9").value == "caf�"


def test_the_word_that_was_meant_is_found_whatever_its_case() -> None:
    assert did_you_mean("Benifit", ["benefit", "bounds"]) == "benefit"
    assert did_you_mean("xyz", ["benefit", "bounds"]) is None
