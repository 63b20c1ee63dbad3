"""One decision as those who work here read it: a story, then the figures, then what came of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core import guard
from terrain.core.decision import Said, Verdict
from terrain.flow import customers, reference
from terrain.flow.customers import Word
from terrain.store import decisions
from tests.proposals import UPGRADE
from tests.reminded import ACT, DECISION, Reminded


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def text_of(reader: Any, address: str, language: str = "en") -> str:
    return str(reader.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def of(lea: Reminded) -> str:
    return f"/decisions/{lea.key.customer_id}/{DECISION}"


def test_the_story_comes_before_the_figures(operator: Any, lea: Reminded) -> None:
    page = text_of(operator, of(lea))

    assert page.index("Read aloud") < page.index("What it relied on") < page.index("The rules")
    story = page[page.index("Read aloud") : page.index("</section>", page.index("Read aloud"))]
    assert "<table" not in story
    assert "12 rue des Lilas" in story
    assert "Léa Martin" in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_act_that_followed_and_what_came_back_are_told(
    operator: Any, lea: Reminded, language: str
) -> None:
    lea.hear("message.bounced", act_id=str(ACT), source="mail", recipient="lea@example.org")
    page = text_of(operator, of(lea), language)

    expected = {
        "en": ("about to leave", "What came back of it"),
        "fr": ("sur le point de partir", "Ce qui en est revenu"),
    }
    for words in expected[language][1:]:
        assert words in page
    assert "filter-reminder" in page


def waiting(lea: Reminded, **until: float) -> None:
    """Let the act, a service that needs no consent, still stand in the outbox, due so long from now."""
    lea.db.execute(
        """
        UPDATE act SET state = 'queued', purpose = 'service', left_at = NULL, due_at = %s
         WHERE act_id = %s
        """,
        [lea.now + timedelta(**until), ACT],
    )


@pytest.mark.parametrize("address", ["decision", "customer"])
def test_what_waits_for_a_time_says_so_and_is_not_called_about_to_leave(
    operator: Any, lea: Reminded, address: str
) -> None:
    waiting(lea, days=3)
    page = text_of(
        operator, of(lea) if address == "decision" else f"/customers/{lea.key.customer_id}"
    )

    assert "waits until" in page
    assert "about to leave" not in page


@pytest.mark.parametrize("address", ["decision", "customer"])
def test_what_is_held_says_by_what_and_is_not_called_about_to_leave(
    operator: Any, lea: Reminded, address: str
) -> None:
    waiting(lea, minutes=-1)
    lea.hear("complaint.opened", source="desk", about="order-1")
    lea.work()
    page = text_of(
        operator, of(lea) if address == "decision" else f"/customers/{lea.key.customer_id}"
    )

    assert "held back for now" in page
    assert "about to leave" not in page


def test_nothing_is_made_up_where_nothing_was_done(operator: Any, lea: Reminded) -> None:
    lea.db.execute("DELETE FROM act")
    page = text_of(operator, of(lea))

    assert "Nothing was done on it." in page
    assert "What came back of it" not in page


def test_the_act_is_found_when_two_people_turn_out_to_be_one(
    operator: Any, db: Connection, lea: Reminded
) -> None:
    other = Reminded(db, user_id="lea-2")
    word = Word(one="user_id:lea", other="user_id:lea-2", by="Inès", because="same person")

    with db.transaction():
        customers.merge(db, word, reference.house(db, read()), lea.now)
    for each in (lea, other):
        assert "What followed" in text_of(operator, of(each))
        assert "Nothing was done on it." not in text_of(operator, of(each))


def test_what_was_weighed_is_drawn_and_said(operator: Any, lea: Reminded) -> None:
    decision = guard.weigh(UPGRADE, lea.work(), reference.house(lea.db, read()), lea.now)
    assert decision.weighing
    decisions.save(lea.db, [decision])
    page = text_of(operator, f"/decisions/{lea.key.customer_id}/{decision.decision_id}")

    assert '<figure class="losses">' in page
    assert "What each way would have cost" in page
    assert 'class="scale"' in page


@pytest.mark.parametrize("because", ["held_out", "canary", "open_complaint"])
def test_what_no_weighing_decided_does_not_say_that_the_smallest_cost_was_taken(
    operator: Any, lea: Reminded, because: str
) -> None:
    decision = guard.weigh(UPGRADE, lea.work(), reference.house(lea.db, read()), lea.now)
    decisions.save(lea.db, [replace(decision, verdict=Verdict.HOLD, because=because)])
    page = text_of(operator, f"/decisions/{lea.key.customer_id}/{decision.decision_id}")

    assert 'class="scale"' in page
    assert "Were every figure a little off" not in page
    assert "What each way would have cost" not in page


def test_somebody_elses_decision_is_not_found_under_her_name(operator: Any, lea: Reminded) -> None:
    for address in (f"/decisions/{lea.key.customer_id}/1", f"/decisions/1/{DECISION}"):
        assert operator.get(address).status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
def test_rules_and_suppositions_are_said_in_words(
    operator: Any, lea: Reminded, language: str
) -> None:
    decision = decisions.find(lea.db, lea.key, DECISION)
    assert decision is not None
    gates = (
        Said(rule="paused", version="guard:3", verdict="hold", because="paused"),
        Said(rule="fr-hours", version="fr:2", verdict="ok", because="allowed"),
    )
    facts = tuple(replace(one, source="prior", assumed=True) for one in decision.facts)
    lea.db.execute("DELETE FROM decision")
    decisions.save(lea.db, [replace(decision, gates=gates, facts=facts)])
    page = re.sub(r"<[^>]+>", " ", text_of(operator, of(lea), language))

    for raw in ("guard:3", "paused guard", " prior", "fr:2"):
        assert raw not in page
    said = {"en": "a rule of the house, version 3", "fr": "une règle de la maison, version 3"}
    assert said[language] in page


def test_a_name_in_a_decision_is_never_a_script(operator: Any, db: Connection) -> None:
    lea = Reminded(db, name="<img src=x onerror=alert(1)>")

    assert "<img src=x" not in text_of(operator, of(lea))
