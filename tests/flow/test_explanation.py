"""Léa may ask why; the answer is a few plain sentences, in her language."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import terrain
from terrain.core.act import AskBy, Assumption, Benefit, Moment, Reach, Undo, Waiting
from terrain.core.catalogue import Catalogue, FactKind
from terrain.core.decision import Decision
from terrain.core.explanation import REASONS
from terrain.core.fact import FactKey
from terrain.core.guard import decide, weigh
from terrain.core.matter import Matter
from terrain.flow.explanation import OTHERWISE, SAID, because, fact_named, sentences
from terrain.words import LANGUAGES, catalogue
from tests.people import NOON, YEAR, a_claim, a_customer, a_house
from tests.proposals import NOTICE, UPGRADE, a_fact, but

PARIS = ZoneInfo("Europe/Paris")
SOONER = FactKey("wants_sooner", "42")
NAMES = Catalogue(
    facts={
        "wants_sooner": FactKind(
            name="wants_sooner", words={"en": "wants it sooner", "fr": "le veut plus tôt"}
        )
    }
)
CORE = Path(terrain.__file__).parent / "core"
YES = True


def upgrade(**more: object) -> Decision:
    guess = a_claim(YES, "platform", fact=SOONER, confidence=0.34, ago=timedelta(days=2))
    home = but(UPGRADE, can_ask=False, assumes=(Assumption(key=SOONER),), **more)
    return weigh(home, a_customer(guess), a_house(NAMES), NOON)


def spoken(decision: Decision, language: str) -> list[str]:
    found = sentences(decision, NAMES, language, PARIS)
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in found]


def test_the_unrequested_upgrade_explains_itself_in_english() -> None:
    said = spoken(upgrade(), "en")

    assert said[:4] == [
        "Not sure enough: doing nothing costs the customer less.",
        "It waits until something it depends on changes.",
        "This act needs 89 % certainty; we have 34 %. The weakest: wants it sooner (42).",
        "Wants it sooner (42): yes. It was inferred (platform), since 20 November 2026; 34 % sure.",
    ]
    assert said[-1].startswith("If ")


def test_and_in_french() -> None:
    said = spoken(upgrade(), "fr")

    assert said[2] == (
        "Cet acte demande 89 % de certitude ; nous en avons 34 %. Le plus fragile : le veut plus tôt (42)."
    )


def test_without_any_benefit_no_certainty_is_enough() -> None:
    said = sentences(upgrade(benefit=Benefit.NONE), NAMES, "en", PARIS)

    assert any(one.startswith("No certainty would be enough") for one in said)


def test_what_nobody_said_is_not_dressed_up() -> None:
    decision = weigh(UPGRADE, a_customer(), a_house(NAMES), NOON)

    assert "Wants it sooner (42): nobody has told us." in sentences(decision, NAMES, "en", PARIS)


def test_a_hold_says_until_when_and_what_would_be_without_it() -> None:
    email = a_claim("lea@example.org", fact="email")

    decision = weigh(NOTICE, a_customer(email), a_house(NAMES), NOON.replace(hour=23))
    said = sentences(decision, NAMES, "en", PARIS)

    assert said[0] == "It is not the hour for it, where the customer is."
    assert said[1] == "It is weighed again on 23 November 2026, 07:00."
    assert said[-1] == (
        "Without the rule “It is not the hour for it, where the customer is” it would be: do it."
    )


def test_a_decision_explains_itself_years_later_from_the_record_alone() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(upgrade()), type=Decision)

    assert sentences(kept, NAMES, "fr", PARIS) == sentences(upgrade(), NAMES, "fr", PARIS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_has_words(code: str, language: str) -> None:
    assert because(code, language) != code
    assert catalogue(language).pgettext("because", code).endswith(".")


def test_every_reason_that_the_guard_can_give_is_known() -> None:
    given = set()
    for name in ("gates", "checks", "guard"):
        for node in ast.walk(ast.parse((CORE / f"{name}.py").read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _GIVERS:
                given |= {
                    each.value
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }

    assert {code for code in given if re.fullmatch("[a-z_]+", code)} - _VERDICTS <= REASONS
    assert len(given) > 20


_GIVERS = {"_say", "_hold_until", "_within", "_decision"}
_VERDICTS = {"ok", "hold", "hold_until", "hand", "forbid"}


@given(
    st.sampled_from(Reach),
    st.sampled_from(Undo),
    st.sampled_from(Moment),
    st.sampled_from(Benefit),
    st.sampled_from(Waiting),
    st.sampled_from(AskBy),
    st.floats(0, 1),
)
@settings(max_examples=200, deadline=None)
def test_whatever_was_decided_can_be_said(  # noqa: PLR0913, PLR0917 - one argument an input
    reach: Reach,
    undo: Undo,
    moment: Moment,
    benefit: Benefit,
    waiting: Waiting,
    ask_by: AskBy,
    sure: float,
) -> None:
    act = but(
        UPGRADE,
        reach=reach,
        undo=undo,
        moment=moment,
        benefit=benefit,
        waiting=waiting,
        ask_by=ask_by,
    )
    decision = decide(Matter(act, a_customer(), a_house(), NOON + YEAR), (a_fact("home", sure),))

    for language in LANGUAGES:
        assert all("{" not in said for said in sentences(decision, NAMES, language, PARIS))


def test_nothing_has_words_that_is_never_said() -> None:
    lines = (CORE / "explanation.py").read_text()

    assert [code for code in SAID if f'"{code}"' not in lines] == []
    assert {of for of, _ in OTHERWISE} == {"undo", "moment", "benefit", "waiting", "ask_by"}


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("2026-12-01", "1er décembre 2026"),
        ("2026-02-31", "2026-02-31"),
        ("A-2026-12-01", "A-2026-12-01"),
    ],
)
def test_what_a_fact_is_about_is_said_as_a_day_where_it_is_one(about: str, said: str) -> None:
    assert fact_named(FactKey("wants_sooner", about), NAMES, "fr") == f"le veut plus tôt ({said})"
