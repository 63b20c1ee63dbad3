"""What differs between two versions is said in words; nothing that acts can change unsaid."""

from collections.abc import Callable, Iterator
from datetime import time
from enum import StrEnum
from typing import Any

import msgspec
import pytest

from terrain.core import automation as nouns
from terrain.core.act import AskBy, Lane, Moment, Undo, Waiting
from terrain.core.aspects import ASPECTS, SAYS_NOTHING, SIGNALS
from terrain.core.automation import Automation, Declared, Offer
from terrain.core.condition import All, AnyOf, Holds, NoneOf
from terrain.core.difference import difference, is_cosmetic
from terrain.core.duration import Span
from terrain.core.name import Name
from terrain.core.promise import every_step
from terrain.core.retelling import CALLED, Tongue
from terrain.flow import grammar
from tests.journeys import PROMISE, example_catalogue, examples, written

SEND = "{send: hello, by: email, reach: inbox}"
BOUNDS = "{complaint: 1 in 1000, wrong_assumption: 5 in 1000, stop: 5 in 1000}"


def told(old: str, new: str, language: str = "en") -> tuple[str, ...]:
    """Return the difference between two bodies, each under a good head."""
    starts = "starts: {when: order.placed}\n"
    one, other = (written(f"{starts}steps: {body}\n") for body in (old, new))
    said = difference(one, other, language, example_catalogue())
    return tuple(line.replace("\u00a0", " ") for line in said)


CHANGES = [
    (
        f"[{{wait: 6 months}}, {SEND}]",
        f"[{{wait: 5 months}}, {SEND}]",
        "The wait before the message “hello”: 6 months → 5 months.",
        "L’attente avant le message « hello » : 6 mois → 5 mois.",
    ),
    (
        "[{send: hello, by: email, reach: inbox}]",
        "[{send: hello, by: sms, reach: phone}]",
        "Reach: their inbox → their phone.",
        "Portée : leur boîte de réception → leur téléphone.",
    ),
    (
        f"[{SEND}]",
        "[{send: hello, by: email, reach: inbox, assumes: customer.wants_news}]",
        "It newly relies on: wants to hear from us.",
        "Elle s’appuie désormais aussi sur : veut de nos nouvelles.",
    ),
    (
        "[{send: hello, by: email, reach: inbox, assumes: customer.country}]",
        f"[{SEND}]",
        "It no longer relies on: country.",
        "Elle ne s’appuie plus sur : pays.",
    ),
    (f"[{SEND}]", f"[{SEND}, {{wait: 1 day}}]", "New: wait 1 day.", "Nouveau : attendre 1 jour."),
    (
        f"[{{wait: 1 day}}, {SEND}]",
        f"[{SEND}]",
        "No longer there: wait 1 day.",
        "N’y est plus : attendre 1 jour.",
    ),
    (
        f"[{{wait: 1 day}}, {SEND}, {{end: over}}]",
        f"[{SEND}, {{wait: 1 day}}, {{end: over}}]",
        "The message “hello” stands elsewhere now.",
        "Le message « hello » a changé de place.",
    ),
    (
        "[{task: {en: Call her, fr: L’appeler}}]",
        "[{task: {en: Call her, fr: La rappeler}}]",
        "The task “task”, title (in French): “L’appeler” → “La rappeler”.",
        "La tâche « task », intitulé (en français) : « L’appeler » → « La rappeler ».",
    ),
    (
        "[{branch: [{if: {country: FR}, then: [{end: a}]}]}]",
        "[{branch: [{if: {country: BE}, then: [{end: a}]}]}]",
        "The choice “branch”, ways: country is FR → country is BE.",
        "Le choix « branch », chemins : pays vaut FR → pays vaut BE.",
    ),
    (
        "[{split: {a: {share: 50 %, steps: []}, b: {share: 50 %, steps: []}}}]",
        "[{split: {a: {share: 90 %, steps: []}, b: {share: 10 %, steps: []}}}]",
        "The sharing out “split”, parts: removed: 50 % go to “a”, 50 % go to “b”.",
        "La répartition « split », parts, retiré : 50 % vers « a », 50 % vers « b ».",
    ),
]


@pytest.mark.parametrize(("old", "new", "english", "french"), CHANGES)
def test_a_change_is_said_in_both_languages(old: str, new: str, english: str, french: str) -> None:
    assert english in told(old, new)
    assert french in told(old, new, "fr")


def test_no_line_begins_with_a_french_sign() -> None:
    [said] = list(
        difference(
            written("starts: {when: order.placed}\nsteps: [{task: {en: Call, fr: L’appeler}}]\n"),
            written("starts: {when: order.placed}\nsteps: [{task: {en: Call, fr: La voir}}]\n"),
            "fr",
            example_catalogue(),
        )
    )

    assert " :" not in said
    assert "« " not in said
    assert "«\u00a0La voir\u00a0»" in said


def test_a_message_put_behind_a_choice_has_moved_and_is_not_a_new_one() -> None:
    said = told(f"[{SEND}]", f"[{{branch: [{{if: {{country: FR}}, then: [{SEND}]}}]}}]")

    assert said == (
        "It newly relies on: country.",
        "New: choose a way.",
        "The message “hello” stands elsewhere now.",
    )


def test_a_wait_put_first_leaves_the_others_as_they_were() -> None:
    old = f"[{{wait: 2 days}}, {SEND}, {{wait: 6 months}}, {{end: over}}]"

    said = told(
        old,
        old.replace(
            "[{wait: 2 days}", "[{wait: 1 day}, {task: {en: Call, fr: Appeler}}, {wait: 2 days}"
        ),
    )

    assert said == ("New: wait 1 day.", "New: for a person: “Call”.")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("owner: camille@example.org -> owner: ines@example.org", "Owner: camille@example.org → ines@example.org."),
        ("benefit: useful -> benefit: vital", "Benefit to the customer: useful → vital."),
        ("purpose: service -> purpose: safety", "Purpose: service → safety."),
        ("Une promesse. -> Notre promesse.", "What it is for (in French): “Une promesse.” → “Notre promesse.”."),
        ("complaint: 1 in 1000 -> complaint: 2 in 1000", "Bound for complaints: 1 in 1000 → 2 in 1000."),
        ("offers: [ -> holdout: 10 %\noffers: [", "Held out, to compare with: nothing → 10 in 100."),
        (", stop: 5 in 1000 -> ", "Bound for stops: 5 in 1000 → nothing."),
        ("[a_person, stop_these] -> [a_person]", "What the customer may do: removed: stop these."),
    ],
)  # fmt: skip
def test_a_change_of_the_head_is_said(head: str, said: str) -> None:
    old, _, new = head.partition(" -> ")
    body = f"starts: {{when: order.placed}}\nsteps: [{SEND}]\n"

    changed = written(body, PROMISE.replace(old, new))

    assert said in difference(written(body), changed, "en", example_catalogue())


def test_whoever_is_held_out_is_said_to_be_fewer_or_nobody() -> None:
    body = f"starts: {{when: order.placed}}\nsteps: [{SEND}]\n"
    tenth, fifth = (written(f"holdout: {share}\n{body}") for share in ("10 %", "20 %"))

    assert difference(fifth, tenth, "en", example_catalogue()) == (
        "Held out, to compare with: 20 in 100 → 10 in 100.",
    )
    assert "Groupe témoin" in difference(tenth, written(body), "fr", example_catalogue())[0]
    assert not is_cosmetic(tenth, fifth)  # other people get it: its meter begins anew


def test_a_start_is_said_by_what_of_it_changed() -> None:
    one, other = (
        written(f"starts: {{every: {day}, at: 09:00}}\nsteps: [{SEND}]\n")
        for day in ("monday", "friday")
    )

    assert difference(one, other, "en", example_catalogue()) == (
        "What starts it, every: monday → friday.",
    )


def test_all_of_a_new_automation_is_new() -> None:
    said = difference(None, examples()["filter-reminder"], "fr", example_catalogue())

    assert said[0] == "Tout y est nouveau."
    assert "utilise toujours" in said[1]
    assert said[1].startswith("Elle s’appuie sur")


# -- what is nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(examples()))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_change_yields_no_words(name: str, language: str) -> None:
    again = msgspec.structs.replace(examples()[name], version=7, digest="another")

    assert difference(examples()[name], again, language, example_catalogue()) == ()
    assert is_cosmetic(examples()[name], again)


def test_a_comment_and_the_order_of_keys_are_nothing_that_acts() -> None:
    old = written(f"starts: {{when: order.placed}}\nsteps: [{SEND}]\n")
    new = written(
        "# a comment\nsteps: [{reach: inbox, by: email, send: hello}]\nstarts: {when: order.placed}\n"
    )

    assert is_cosmetic(old, new)
    assert difference(old, new, "en", example_catalogue()) == ()


def test_who_answers_for_it_is_said_and_still_changes_no_act() -> None:
    old = examples()["filter-reminder"]
    new = msgspec.structs.replace(old, owner="ines@example.org", mandate={"en": "x", "fr": "y"})

    assert is_cosmetic(old, new)
    assert len(difference(old, new, "en", example_catalogue())) == 3


# -- nothing can change unsaid ---------------------------------------------------------------------

STRUCTS = tuple(ASPECTS)


@pytest.mark.parametrize("noun", STRUCTS)
def test_every_field_has_words_or_is_known_to_say_nothing(noun: type) -> None:
    silent = SAYS_NOTHING.get(noun, frozenset())

    assert {*noun.__struct_fields__} == {*ASPECTS[noun], *silent}  # type: ignore[attr-defined]
    assert not silent & {*ASPECTS[noun]}


def test_every_kind_of_step_and_start_has_words() -> None:
    kinds = {*nouns.Step.__args__, *nouns.Start.__args__}

    assert kinds <= {*ASPECTS}


# Something else of the same kind, for each kind of value; the first that fits is taken.
OTHERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (bool, lambda value: not value),
    (StrEnum, lambda value: next(each for each in type(value) if each != value)),
    (str, lambda value: "friday" if value in grammar.EVERY else "another"),
    (int | float, lambda value: value + 1),
    (time, lambda _: time(3, 33)),
    (dict, lambda value: {**value, "fr": "autre"} if "fr" in value else {}),
    (tuple, lambda value: value[:-1]),
    (Span, lambda value: Span(days=value.days + 1)),
    (Name, lambda value: msgspec.structs.replace(value, path=("another",), about=None)),
    (Declared, lambda _: Declared(otherwise="another")),
    (All | AnyOf | NoneOf | Holds, lambda value: AnyOf((All(), value))),
)


def _others(value: Any) -> Iterator[Any]:
    yield from [other(value) for kind, other in OTHERS if isinstance(value, kind)][:1]


def _changed(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield the thing with one field changed, for each field that can be, deep down."""
    for field in thing.__struct_fields__:
        value = getattr(thing, field)
        if type(value) in ASPECTS:
            for path, other in _changed(value):
                yield f"{field}.{path}", msgspec.structs.replace(thing, **{field: other})
        elif isinstance(value, tuple):
            for place, each in enumerate(value):
                for path, other in _changed(each) if type(each) in ASPECTS else ():
                    whole = (*value[:place], other, *value[place + 1 :])
                    yield f"{field}.{path}", msgspec.structs.replace(thing, **{field: whole})
        for other in _others(value):
            yield field, msgspec.structs.replace(thing, **{field: other})


@pytest.mark.parametrize("name", sorted(examples()))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_whatever_of_an_example_changes_is_said(name: str, language: str) -> None:
    old = examples()[name]
    unsaid = [
        path
        for path, new in _changed(old)
        if path not in ("name", "version", "digest")
        and new != old
        and not difference(old, new, language, example_catalogue())
    ]

    # The waits of a file are numbered, and nobody says which number one has.
    assert [path for path in unsaid if not path.endswith("steps.name")] == []


def test_every_word_of_a_file_is_called_something() -> None:
    kinds = (*grammar.CHOICES.values(), *grammar.DEPENDS.values())
    more: tuple[type[StrEnum], ...] = (*kinds, Offer, AskBy, Lane, Moment, Undo, Waiting)
    words = {str(word) for kind in more for word in kind}

    assert words <= {*CALLED}
    assert {*SIGNALS} == {*grammar.SIGNALS}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_step_of_the_examples_is_said_in_one_line(language: str) -> None:
    tongue = Tongue(language, example_catalogue())
    said = [tongue.step(step) for each in examples().values() for step in every_step(each)]

    assert all(line and "\n" not in line for line in said)
    assert isinstance(examples()["birthday"], Automation)
