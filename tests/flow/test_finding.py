"""What a meter found is said in figures that were computed, in French and in English."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from terrain.core import alike, arms, aspects, contrast
from terrain.core import watch as watching
from terrain.core.blindness import Blindness, blindness
from terrain.core.cohorts import Cohorts, Day
from terrain.core.explanation import Line
from terrain.core.finding import CODES, blind, false_reds, one_year_in, pilot, told
from terrain.core.signal import Signal
from terrain.core.watch import Watch
from terrain.flow.finding import SAID, SIGNALS, sentence, sentences
from terrain.words import say
from tests.core.test_watch import MARCH, NOON, a_watch

PARIS = ZoneInfo("Europe/Paris")
BEFORE = [Day(MARCH - timedelta(days=n), 1_000, 0) for n in range(40, 0, -1)]


def said(watch: Watch, days: list[Day], language: str = "en", deaf: datetime | None = None) -> str:
    reading = watching.read(watch, Cohorts(open=tuple(days)), deaf)
    text = " ".join(sentences(told(watch, reading, days), language, PARIS))
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def spoken(line: Line, language: str = "en") -> str:
    return sentence(line, language, PARIS).replace("\u00a0", " ").replace("\u202f", " ")


def test_the_sentence_of_the_design() -> None:
    days = [Day(MARCH, 800, 12)]

    assert said(a_watch(), days, "fr") == (
        "Depuis le 3 mars : 12 sur 800 (réclamations) ; on en attendait au plus 2,4 (0,3 %). "
        "Une automatisation dans les clous donnerait cela moins d’une année sur 1 600."
    )
    assert said(a_watch(), days) == (
        "Since 3 March: 12 of 800 (complaints); at most 2.4 expected (0.3 %). "
        "An automation within its bounds would show this in fewer than one year of 1,600."
    )


def test_it_says_since_when_after_healthy_weeks() -> None:
    assert said(a_watch(), [*BEFORE, Day(MARCH, 800, 16)]).startswith("Since 3 March: 16 of 800")


def test_luck_is_never_called_rarer_than_one_year_in_ten_thousand() -> None:
    assert "one year of 10,000." in said(a_watch(), [Day(MARCH, 800, 800)])


@pytest.mark.parametrize(
    ("strength", "years"),
    [(1, 1), (26, 26), (99.9, 99), (375.7, 370), (1_640, 1_600), (9_999, 9_900), (1e300, 10_000)],
)
def test_years_are_rounded_down(strength: float, years: int) -> None:
    assert one_year_in(strength) == years
    assert one_year_in(float("inf")) == 10_000


def test_what_is_within_its_bound_is_said_without_alarm() -> None:
    assert said(a_watch(), [Day(MARCH, 800, 1)]) == (
        "Complaints: 1 of 800; at most 2.4 expected (0.3 %)."
    )


def test_a_little_is_not_said_to_be_nothing() -> None:
    assert "at most 0.06 expected (0.3 %)" in said(a_watch(), [Day(MARCH, 20, 3)])


def test_where_none_is_allowed_the_one_is_said() -> None:
    days = [Day(MARCH, 800, 1)]

    assert "one is too many" in said(a_watch(share=0), days)
    assert said(a_watch(share=0), [Day(MARCH, 800, 0)]) == (
        "Complaints: 0 of 800; at most 0 expected (0 %)."
    )


def test_a_silent_feed_is_said_and_so_is_what_was_proven_before() -> None:
    assert said(a_watch(), [Day(MARCH, 800, 0)], "fr", NOON) == (
        "Réclamations : plus rien ne peut nous parvenir depuis le 10 mars, 13:00. "
        "Ne rien entendre n’est pas une bonne nouvelle."
    )
    both = said(a_watch(), [Day(MARCH, 800, 12)], deaf=NOON)
    assert both.startswith("Since 3 March: 12 of 800")
    assert "nothing can come in since 10 March, 13:00" in both


def test_before_the_first_act_there_is_nothing_to_see() -> None:
    assert said(a_watch(), []) == "Complaints: nothing was done yet, so there is nothing to see."


def test_what_needs_no_statistics_is_said() -> None:
    assert "without counting" in spoken(Line("enough_once"))


def test_blindness_is_said_in_time() -> None:
    _, tripling, _ = blindness(0.003)

    assert spoken(blind(tripling, 200)) == (
        "At 200 acts a month, 3 times the bound (0.9 %) takes about 8 months to prove."
    )
    assert spoken(blind(tripling, 20_000), "fr") == (
        "À 20 000 actes par mois, il faut environ 3 jours pour prouver 3 fois la limite (0,9 %)."
    )


def test_a_pilot_is_sized_by_what_it_is_to_see() -> None:
    *_, tenfold = blindness(0.003)

    assert spoken(pilot(tenfold)) == (
        "To see 10 times the bound, a pilot takes 145 acts in one of two cases, 333 in nine of ten."
    )


def test_what_cannot_be_proven_is_said_plainly() -> None:
    never = Blindness(times=2, share=2e-8, half=None, nearly_all=None)

    assert "cannot be proven" in spoken(blind(never, 200))
    assert "cannot be proven" in spoken(pilot(never))
    assert "cannot be proven" in spoken(blind(blindness(0.003)[0], 0))


def test_false_pauses_are_said_beside_the_budget() -> None:
    assert spoken(false_reds(2.4, 3)) == (
        "At most 2.4 pauses a year may be mistakes; 3 are accepted."
    )
    assert "more than the 3 accepted" in spoken(false_reds(7, 3))


def test_what_differs_about_the_people_hit_is_said() -> None:
    cases = [
        contrast.Case({"version": "7"}, hit=True, people=9),
        contrast.Case({"version": "6"}, hit=True, people=1),
        contrast.Case({"version": "7"}, hit=False, people=100),
        contrast.Case({"version": "6"}, hit=False, people=900),
    ]
    (line,) = contrast.told(contrast.contrast(cases), cases)

    assert spoken(line) == (
        "Version 7: 90 % of those hit, 10 % of the others. "
        "Luck alone does so much in at most 0.1 % of cases."
    )
    assert spoken(contrast.told((), cases)[0], "fr") == (
        "Rien ne ressort : les 10 personnes touchées à tort ressemblent aux autres parmi les 1 010 atteintes."
    )


def test_what_an_automation_brought_is_said_with_how_far_off_it_may_be() -> None:
    one, other = (
        arms.Arm(name=name, kinds={"": arms.Group(people=1_000, did={"visit": did})})
        for name, did in (("mail", 180), ("none", 100))
    )
    (line,) = arms.told(arms.report([one], other))

    assert spoken(line) == (
        "“mail”, visit: 18 % beside 10 % of those held out, a difference of 8 % (from 5 % to 11 %)."
    )


def test_money_is_said_with_its_cents() -> None:
    values = {"arm": "mail", "what": "spend", "treated": 1.42, "held_out": 0.65}

    assert spoken(Line("arm_too_few", values), "fr") == (
        "« mail », spend : 1,42 par personne contre 0,65 ; trop peu de personnes portent ce chiffre "
        "pour un intervalle honnête."
    )


def test_every_code_and_every_signal_has_its_words() -> None:
    assert {*SAID} == CODES | contrast.CODES | arms.CODES | alike.CODES
    assert {*SIGNALS} == {*Signal}
    assert datetime(2026, 3, 10, 12, tzinfo=UTC) == NOON


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_change_of_a_bound_calls_its_signal_as_its_watch_does(language: str) -> None:
    called = {signal: label[language == "fr"] for signal, label in aspects.SIGNALS.items()}

    assert called == {signal: say(language, SIGNALS[signal]) for signal in called}
