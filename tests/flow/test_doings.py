"""What was done is called as those called it whom it reached; where the words are gone, by its name."""

from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core.act import Act, ActKind
from terrain.demo.shop import EXAMPLES
from terrain.flow.doings import in_words
from terrain.store import acts
from tests.reminded import ACT, Reminded


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db).buys_a_filter()


def called(lea: Reminded, language: str = "en", **more: Any) -> str:
    act: Act = acts.of_customer(lea.db, [lea.key], [ACT])[ACT]
    own = replace(read(), automations=EXAMPLES)
    return in_words(replace(act, **more), lea.house, own, language)


def test_a_message_is_called_by_its_subject(lea: Reminded) -> None:
    values = {"product": {"name": "Spring water filter"}}
    content = {"values": values, "language": "en"}

    assert called(lea, content=content) == "Time to change your Spring water filter"


def test_a_question_is_called_as_it_was_asked(lea: Reminded) -> None:
    asked = {"question": {"en": "Shall we?", "fr": "On le fait ?"}}

    assert called(lea, "fr", kind=ActKind.ASK, content=asked) == "On le fait ?"
    assert called(lea, "de", kind=ActKind.ASK, content=asked) == "Shall we?"


def test_an_action_has_the_name_that_the_catalogue_gives_it(lea: Reminded) -> None:
    done = {"kind": ActKind.DO, "name": "upgrade_shipping"}

    assert called(lea, "fr", **done) == "envoyer le colis plus tôt"


def test_words_that_are_gone_break_nothing(lea: Reminded) -> None:
    assert called(lea, name="gone-for-good", content={}) == "gone-for-good"
