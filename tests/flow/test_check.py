"""What reads well and must not go out all the same."""

from pathlib import Path

import msgspec
import pytest

from terrain.cli import run
from terrain.core.settings import GuardSettings
from terrain.errors import Refusal
from terrain.flow.automations import draft_of
from terrain.flow.check import check_folder, problems_of
from terrain.words import LANGUAGES, refusal_sentence
from tests.journeys import EXAMPLES, PROMISE, example_catalogue

STARTS = "starts: {when: order.placed}\n"


def problems(body: str, head: str = PROMISE, starts: str = STARTS) -> list[Refusal]:
    catalogue = example_catalogue()
    draft = draft_of(head + starts + body, "a-promise.yaml", catalogue)
    assert draft.automation, draft.problems
    return list(problems_of(draft, draft.automation, catalogue, GuardSettings()))


def codes(body: str, head: str = PROMISE) -> list[str]:
    return [each.code for each in problems(body, head)]


def test_a_good_promise_is_let_go() -> None:
    assert not codes("steps: [{send: hello, by: email, reach: inbox}]\n")


def test_a_bound_looser_than_usual_needs_a_reason_in_the_file() -> None:
    head = PROMISE.replace("stop: 5 in 1000", "stop: 1 in 100")
    steps = "steps: [{send: hello, by: email, reach: inbox}]\n"

    [refusal] = problems(steps, head)
    assert (refusal.code, refusal.field, refusal.value) == ("looser_bound", "stop", "1 %")
    assert "looser_because: {stop: …}" in refusal_sentence("fr", refusal)

    assert not codes(
        steps + "looser_because: {stop: Newcomers may say no once and for all.}\n", head
    )


def test_a_reason_for_a_signal_that_nobody_knows_is_refused() -> None:
    said = PROMISE + STARTS + "steps: [{send: hello, by: email, reach: inbox}]\n"
    draft = draft_of(said + "looser_because: {stops: no}\n", "a-promise.yaml", example_catalogue())

    assert [each.code for each in draft.problems] == ["unknown_key"]


def test_a_bound_of_everything_watches_nothing() -> None:
    head = PROMISE.replace("complaint: 1 in 1000", "complaint: 1 in 1")

    assert codes("steps: [{send: hello, by: email, reach: inbox}]\n", head) == [
        "bound_watches_nothing"
    ]


def test_what_nobody_can_know_cannot_be_assumed() -> None:
    steps = "steps: [{send: hello, by: email, reach: inbox, assumes: [customer.wants_news]}]\n"

    [refusal] = problems(steps)

    assert (refusal.code, refusal.value) == ("nobody_knows", "customer.wants_news")


def test_what_is_asked_about_can_be_known() -> None:
    steps = """steps:
  - {ask: {about: customer.wants_news, en: News?, fr: Des nouvelles ?}, by: email}
  - {send: hello, by: email, reach: inbox, assumes: [customer.wants_news]}
"""
    assert not codes(steps)


def test_every_act_leaves_a_way_to_a_person() -> None:
    head = PROMISE.replace("offers: [a_person, stop_these]", "offers: [stop_these]")

    assert codes("steps: [{send: hello, by: email, reach: inbox}]\n", head) == [
        "no_way_to_a_person"
    ]


@pytest.mark.parametrize(
    ("benefit", "reach", "too_far"),
    [
        ("none", "inbox", True),
        ("pleasant", "inbox", False),
        ("pleasant", "account", False),
        ("pleasant", "home", True),
        ("useful", "home", False),
    ],
)
def test_a_reach_must_be_justified_by_a_benefit(
    benefit: str,
    reach: str,
    too_far: bool,  # noqa: FBT001 - one of a table
) -> None:
    head = PROMISE.replace("benefit: useful", f"benefit: {benefit}")

    found = codes(f"steps: [{{do: upgrade_shipping, reach: {reach}}}]\n", head)

    assert ("reaches_too_far" in found) is too_far


def test_the_best_case_of_what_depends_on_facts_counts() -> None:
    head = PROMISE.replace("benefit: useful", "benefit: {none: {country: FR}, useful: otherwise}")

    assert not codes("steps: [{do: upgrade_shipping, reach: home}]\n", head)


def test_a_channel_reaches_at_least_as_far_as_it_does() -> None:
    text = PROMISE + STARTS + "steps: [{send: hello, by: sms, reach: inbox}]\n"

    [refusal] = draft_of(text, "a-promise.yaml", example_catalogue()).problems

    assert (refusal.code, refusal.value, refusal.right) == ("wrong_value", "inbox", "phone")


def test_each_bound_that_is_needed_is_asked_for() -> None:
    head = PROMISE.replace("bounds: {complaint: 1 in 1000, ", "bounds: {")
    head = head.replace("wrong_assumption: 5 in 1000, stop: 5 in 1000", "override: 1 in 100")
    head = head.replace("purpose: service", "purpose: prospecting")

    found = problems("steps: [{send: hello, by: email, reach: inbox}]\n", head)

    assert [each.right for each in found] == ["complaint", "wrong_assumption", "stop"]


def a_folder(tmp_path: Path, words: str, language: str = "en") -> Path:
    (tmp_path / "messages").mkdir(exist_ok=True)
    (tmp_path / "messages" / f"hello.{language}.md").write_text(words)
    text = PROMISE + STARTS + "steps: [{send: hello, by: email, reach: inbox}]\n"
    (tmp_path / "a-promise.yaml").write_text(text)
    return tmp_path


def found_in(folder: Path) -> list[tuple[str, str | None]]:
    found = check_folder(folder, GuardSettings()).all_problems
    return [(each.code, each.value) for each in found]


def test_words_are_needed_in_both_languages(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "Subject: Hello\n\nHello {{ customer.first_name }}\n")

    assert found_in(folder) == [("no_template", "hello.fr")]


def test_a_hole_in_the_words_is_found_before_anybody_reads_them(tmp_path: Path) -> None:
    a_folder(tmp_path, "Subject: Bonjour\n\nBonjour\n", "fr")
    folder = a_folder(tmp_path, "Subject: Hello\n\nHello {{ custmer.name }} {{ customer.nmae }}\n")

    assert found_in(folder) == [
        ("template_gap", "custmer.name"),
        ("template_gap", "customer.nmae"),
    ]


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("automation: [")
    (tmp_path / "good.yaml").write_text(PROMISE + STARTS + "steps: [{wait: 1 day}]\n")

    good = [
        draft.name for draft in check_folder(tmp_path, GuardSettings()).drafts if draft.automation
    ]

    assert good == ["a-promise"]


def test_terrain_check_says_it_and_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-promise.yaml").write_text(PROMISE + STARTS + "steps: [{sned: hello}]\n")

    assert run(["check", str(tmp_path)]) == 1
    assert "did you mean send?" in capsys.readouterr().out

    assert run(["check", str(EXAMPLES), "--json"]) == 0
    said = msgspec.json.decode(capsys.readouterr().out)
    assert {one["automation"] for one in said["automations"]} >= {"filter-reminder", "birthday"}
    assert run(["check", str(tmp_path / "nowhere")]) == 1


def test_every_refusal_is_said_in_both_languages(tmp_path: Path) -> None:
    head = PROMISE.replace("offers: [a_person, stop_these]", "").replace("useful", "none")
    (tmp_path / "messages").mkdir()
    (tmp_path / "catalogue.yaml").write_text("facts: {wants_news: {type: yes_no}}\n")
    (tmp_path / "a-promise.yaml").write_text(
        head
        + STARTS
        + "steps: [{send: hi, by: email, reach: home, assumes: [customer.wants_news]}]\n"
    )

    found = check_folder(tmp_path, GuardSettings()).all_problems

    assert {each.code for each in found} == {
        *("nobody_knows", "no_way_to_a_person", "reaches_too_far", "no_template"),
    }
    for refusal in found:
        for language in LANGUAGES:
            assert "a-promise.yaml, a-promise, li" in refusal_sentence(language, refusal)


# -- held out --------------------------------------------------------------------------------------

HOLDS_OUT = "holdout: 10 %\nsteps: [{send: hello, by: email, reach: inbox}]\n"


def test_a_tenth_may_be_held_out_of_a_useful_letter() -> None:
    assert not codes(HOLDS_OUT)


def test_no_more_than_half_are_held_out() -> None:
    [refusal] = problems(HOLDS_OUT.replace("10 %", "60 %"))

    assert (refusal.code, refusal.right) == ("holdout_too_large", "50%")
    assert "50%" in refusal_sentence("fr", refusal)


def test_nobody_is_held_out_of_what_they_asked_for() -> None:
    [refusal] = problems(HOLDS_OUT.replace("inbox}", "inbox, solicited: yes}"))

    assert (refusal.code, refusal.value) == ("holdout_keeps_away", "hello")
    assert "« hello »" in refusal_sentence("fr", refusal)


def test_nobody_is_held_out_of_what_is_vital() -> None:
    assert codes(HOLDS_OUT, PROMISE.replace("benefit: useful", "benefit: vital")) == [
        "holdout_keeps_away"
    ]


def test_nobody_is_held_out_of_the_answer_to_what_they_came_with() -> None:
    [refusal] = problems(HOLDS_OUT, starts="starts: {when: return.requested}\n")

    assert refusal.code == "holdout_leaves_unanswered"
    assert "s’adresse à nous" in refusal_sentence("fr", refusal)


def test_complaints_need_no_bound_where_they_are_compared() -> None:
    head = PROMISE.replace("bounds: {complaint: 1 in 1000, ", "bounds: {")

    assert not codes(HOLDS_OUT, head)


def test_a_holdout_that_is_no_share_is_refused() -> None:
    said = PROMISE + STARTS + HOLDS_OUT.replace("10 %", "some")
    draft = draft_of(said, "a-promise.yaml", example_catalogue())

    assert [each.field for each in draft.problems] == ["holdout"]
