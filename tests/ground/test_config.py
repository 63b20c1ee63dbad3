"""What is set is understood or refused, in both languages."""

import stat
from pathlib import Path

import pytest

from terrain import config, words


def test_every_setting_has_a_sentence_in_both_languages() -> None:
    for each in config.descriptions():
        assert all(each.sentences[language].endswith(".") for language in words.LANGUAGES)


def test_what_is_set_is_read() -> None:
    settings = config.read({"TERRAIN_PORT": "9000", "TERRAIN_DATA": "~/t", "HOME": "/"})

    assert settings.port == 9000
    assert settings.data == Path.home() / "t"


def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(config.UnknownSetting) as caught:
        config.read({"TERRAIN_SMPT_URL": "smtp://here"})

    assert caught.value.right == "TERRAIN_SMTP_URL"
    assert "TERRAIN_SMTP_URL" in words.refusal_sentence("fr", caught.value)


@pytest.mark.parametrize(
    ("variable", "text", "right"),
    [
        ("TERRAIN_PORT", "http", "1–65535"),
        ("TERRAIN_PORT", "0", "1–65535"),
        ("TERRAIN_LANGUAGE", "de", "en, fr"),
        ("TERRAIN_COUNTRY", "France", "FR"),
        ("TERRAIN_TIME_ZONE", "Europe/Pari", "Europe/Paris"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    variable: str, text: str, right: str
) -> None:
    with pytest.raises(config.WrongSetting) as caught:
        config.read({variable: text})

    assert (caught.value.field, caught.value.value, caught.value.right) == (variable, text, right)


def test_a_refusal_never_repeats_a_secret() -> None:
    with pytest.raises(config.WrongSetting) as caught:
        config.read({"TERRAIN_SMTP_URL": "htp://ines:hunter2@mail"})

    assert "hunter2" not in str(words.refusal_in_words(caught.value))


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = config.Settings(data=tmp_path / "data")

    assert config.secret_of(settings) == config.secret_of(settings)
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
