"""Files read aloud; every mistake is told with its file, its line and what was likely meant."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from ruamel.yaml import YAML

from terrain.core.automation import Automation, StartOnDate, StartOnSchedule, StartOnSegment
from terrain.errors import Refusal
from terrain.flow import catalogue, grammar
from terrain.flow.automations import digest, draft_of, drafts_of
from terrain.flow.catalogue import catalogue_of, products_of
from terrain.words import LANGUAGES, refusal_sentence
from tests.journeys import EXAMPLES, PROMISE, example_catalogue, examples, written

MANUAL = EXAMPLES.parent / "docs" / "reference"
STARTS = "starts: {when: order.placed}\n"


def refusals(text: str) -> list[Refusal]:
    draft = draft_of(text, "a-promise.yaml", example_catalogue())
    assert (draft.automation is None) is bool(draft.problems)
    return draft.problems


def told(body: str) -> list[tuple[str, str, Any, Any]]:
    return [
        (each.code, each.values["line"], each.value, each.right)
        for each in refusals(PROMISE.lstrip() + body)
    ]


SEND = "steps: [{send: hello, by: email, reach: inbox}]\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("start: {when: order.placed}\n" + SEND, ("unknown_key", "8", "start", "starts")),
        (
            "starts: {when: order.placd}\n" + SEND,
            ("unknown_name", "8", "order.placd", "order.placed"),
        ),
        (STARTS + "steps:\n  - sned: hello\n", ("unknown_name", "10", "sned", "send")),
        (
            STARTS + "steps: [{send: hello, by: emial, reach: inbox}]\n",
            ("wrong_value", "9", "emial", "email"),
        ),
        (
            STARTS + "steps: [{send: hello, by: email, reach: inbox, assumes: [customer.emial]}]\n",
            ("unknown_name", "9", "customer.emial", "customer.email"),
        ),
        (
            "starts: {when: order.placed, if: {order.totl: {over: 5}}}\n" + SEND,
            ("unknown_name", "8", "order.totl", "order.total"),
        ),
        (
            "starts: {when: order.placed, if: {order.total: {above: 5}}}\n" + SEND,
            ("unknown_name", "8", "above", None),
        ),
        (
            STARTS + "steps: [{wait: 6 moths}]\n",
            ("wrong_value", "9", "6 moths", "6 months, 90 days, 6 hours"),
        ),
        (STARTS + "steps: [{do: upgrade_shiping, reach: home}]\n", None),
        (STARTS + "steps: [{send: hello, by: email}]\n", ("missing_key", "9", None, None)),
    ],
)
def test_a_misspelt_word_is_told_with_its_line_and_what_was_meant(
    body: str, expected: tuple[str, str, str, str | None] | None
) -> None:
    [(code, line, value, right), *_] = told(body)

    if expected is None:
        assert (code, right) == ("unknown_name", "upgrade_shipping")
        return
    assert (code, line, value) == expected[:3]
    assert expected[3] is None or right == expected[3]


def test_what_it_is_worth_to_the_customer_has_to_be_said() -> None:
    [refusal] = refusals(PROMISE.replace("benefit: useful\n", "") + STARTS + SEND)

    assert refusal.code == "no_benefit"
    assert "useful" in refusal_sentence("en", refusal)
    assert "ce qu’elle vaut" in refusal_sentence("fr", refusal)


@pytest.mark.parametrize("key", ["owner", "mandate", "purpose", "bounds"])
def test_what_every_promise_needs_has_to_be_there(key: str) -> None:
    head = "\n".join(line for line in PROMISE.split("\n") if not line.startswith(key))

    assert [each.field for each in refusals(head + STARTS + SEND)] == [key]


def test_a_mandate_in_one_language_only_is_half_a_mandate() -> None:
    head = PROMISE.replace(", fr: Une promesse.", "")

    assert [each.field for each in refusals(head + STARTS + SEND)] == ["mandate.fr"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [1]\nb: *a\n", "yaml_alias"),
        ("a: !!python/object:os.system ls\n", "yaml_alias"),
        ("[" * 100 + "]" * 100, "too_much_yaml"),
        ("a: " + "x" * 300_000, "too_much_yaml"),
        (r'automation: "\ud800"', "not_yaml"),
        (r'a: "what \0 ends"', "not_yaml"),
        ("a: [1, 2\n", "not_yaml"),
        ("a: 1\n---\nb: 2\n", "not_yaml"),
        ("a: \x00\n", "not_yaml"),
        ("? [a, b]\n: c\n", "not_yaml"),
        (PROMISE + "owner: twice\n" + STARTS + SEND, "said_twice"),
        ("- a\n- list\n", "wrong_value"),
        ("", "missing_key"),
        ("automation: A Promise!\n", "wrong_value"),
    ],
)
def test_odd_files_are_refused_without_harm(text: str, code: str) -> None:
    found = refusals(text)

    assert code in {each.code for each in found}
    for refusal in found:
        for language in LANGUAGES:
            assert "a-promise.yaml" in refusal_sentence(language, refusal)


def test_a_bomb_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )

    assert [each.code for each in refusals(bomb)] == ["yaml_alias"]


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    for file in ("one.yaml", "two.yaml"):
        (tmp_path / file).write_text(PROMISE + STARTS + SEND)

    first, second = drafts_of(tmp_path, example_catalogue())

    assert first.automation
    assert [each.code for each in second.problems] == ["same_name"]


def test_comments_and_the_order_of_keys_make_no_new_version() -> None:
    plain = written(STARTS + SEND)
    edited = written("# a comment\n" + SEND + "\n" + STARTS)

    assert plain.digest == edited.digest
    assert digest(plain) != digest(written(STARTS + "steps: [{wait: 1 day}]\n"))


def test_an_automation_comes_out_of_the_record_as_it_went_in() -> None:
    for automation in examples().values():
        kept = msgspec.json.encode(automation)
        assert msgspec.json.decode(kept, type=Automation) == automation


def test_other_starts_are_read() -> None:
    weekly = written("starts: {every: monday, at: '8:30', for: {country: FR}}\n" + SEND).starts[0]
    dated = written("starts: {on: birth_date, yearly: yes, before: 3 days}\n" + SEND).starts[0]
    segment = written("starts: {segment: {tags: vip}, again_after: 1 year}\n" + SEND).starts[0]

    assert isinstance(weekly, StartOnSchedule)
    assert (weekly.at.hour, weekly.at.minute) == (8, 30)
    assert isinstance(dated, StartOnDate)
    assert (dated.yearly, dated.before.days) == (True, 3)
    assert isinstance(segment, StartOnSegment)
    assert segment.again_after.months == 12


def test_a_foreign_name_of_an_event_is_understood() -> None:
    start = written("starts: {when: Order Completed}\n" + SEND).starts[0]

    assert msgspec.to_builtins(start)["when"] == "order.placed"


def test_the_address_a_message_goes_to_is_always_an_assumption() -> None:
    [step] = written(STARTS + SEND).steps

    assert [one["name"]["text"] for one in msgspec.to_builtins(step)["terms"]["assumes"]] == [
        "customer.email"
    ]


def test_a_file_read_and_written_back_keeps_its_comments() -> None:
    text = (EXAMPLES / "automations" / "filter-reminder.yaml").read_text()
    yaml = YAML(typ="rt")
    yaml.width = 1000
    read, out = yaml.load(text), StringIO()

    read["owner"] = "omar.diallo@example.org"
    yaml.dump(read, out)

    assert "it cancels none" in out.getvalue()
    again = draft_of(out.getvalue(), "filter-reminder.yaml", example_catalogue()).automation
    assert again
    assert again.owner == "omar.diallo@example.org"


# -- the catalogue -----------------------------------------------------------------------------------


def test_choices_are_a_list_or_each_with_its_words(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text(
        "facts:\n"
        "  size: {type: choice, choices: [small, large]}\n"
        "  pet: {type: choice, choices: {cat: {en: a cat, fr: un chat}, no: {en: none, fr: aucun}}}\n"
    )

    found, problems = catalogue_of(file)

    assert problems == []
    assert found.facts["size"].choices == ("small", "large")
    assert found.facts["pet"].choices == ("cat", "no")
    assert found.facts["pet"].said["no"] == {"en": "none", "fr": "aucun"}


def test_a_choice_whose_words_are_none_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("facts:\n  pet:\n    type: choice\n    choices:\n      cat: [miaow]\n")

    _, problems = catalogue_of(file)

    assert {each.values["line"] for each in problems} == {"5"}


def test_a_catalogue_with_a_mistake_says_where(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("facts:\n  pet: {typ: text}\nproducts:\n  a: {lifetime: 6 moons, how_to: no}\n")

    _, problems = catalogue_of(file)

    assert [(each.code, each.values["line"]) for each in problems] == [
        ("unknown_key", "2"),
        ("wrong_value", "4"),
        ("wrong_value", "4"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("products.csv", "sku,lifetime,reorder,colour\nf,6 months,https://shop.example/f,blue\n"),
        ("products.jsonl", '{"sku": "f", "lifetime": "6 months", "colour": "blue"}\n'),
        ("products.yaml", "products:\n  f: {lifetime: 6 months, colour: blue}\n"),
    ],
)
def test_products_come_from_yaml_csv_or_json_lines(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    found, problems = products_of(tmp_path / name)

    assert not problems
    assert found["f"].lifetime
    assert (found["f"].lifetime.months, found["f"].properties["colour"]) == (6, "blue")


def test_a_product_line_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"sku": "f"}\nnot json\n{"name": "no sku"}\n')

    found, problems = products_of(tmp_path / "p.jsonl")

    assert list(found) == ["f"]
    assert [each.values["line"] for each in problems] == ["2", "3"]


# -- the schema and the manual -----------------------------------------------------------------------


def test_the_schema_accepts_every_example_and_refuses_a_misspelt_key() -> None:
    validator = jsonschema.Draft202012Validator(grammar.schema())
    for file in sorted((EXAMPLES / "automations").glob("*.yaml")):
        said = json.loads(json.dumps(YAML(typ="safe").load(file.read_text()), default=str))
        assert not list(validator.iter_errors(said)), file.name
        assert list(validator.iter_errors(said | {"stps": []}))


def test_the_schema_in_the_docs_is_the_one_that_holds() -> None:
    kept = json.loads((MANUAL / "automation.schema.json").read_text())

    assert kept == grammar.schema()


@pytest.mark.parametrize("page", ["automations.md", "automations.fr.md"])
def test_every_key_is_in_the_manual_with_its_sentence(page: str) -> None:
    manual = (MANUAL / page).read_text(encoding="utf-8")
    plain = manual.replace("\u00a0", " ").replace("\u202f", " ")
    for section, keys in grammar.table().items():
        for key in keys:
            assert f"`{key.name}`" in manual, f"{section}: {key.name}"
            assert (key.fr if page.endswith(".fr.md") else key.en) in plain, key.name


@pytest.mark.parametrize("page", ["catalogue.md", "catalogue.fr.md"])
def test_every_key_of_a_catalogue_is_in_its_manual(page: str) -> None:
    manual = (MANUAL / page).read_text(encoding="utf-8")
    for key in (*catalogue.SECTIONS, *catalogue.KEYS, *catalogue.TYPES):
        assert f"`{key}`" in manual, key


@pytest.mark.parametrize("ending", ["md", "fr.md"])
def test_the_examples_of_the_manual_can_be_read(ending: str, tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text(example_in(MANUAL / f"catalogue.{ending}"))
    found, problems = catalogue_of(tmp_path / "catalogue.yaml")
    draft = draft_of(example_in(MANUAL / f"automations.{ending}"), "a.yaml", found)

    assert problems == []
    assert draft.problems == []
    assert draft.automation is not None


def example_in(page: Path) -> str:
    return page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]


def test_every_key_says_in_both_languages_what_it_is_for() -> None:
    for keys in grammar.table().values():
        for key in keys:
            assert key.en.endswith((".", "?"))
            assert key.fr.endswith((".", "?"))
