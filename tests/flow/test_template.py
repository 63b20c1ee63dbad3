"""Words with gaps: filled, or refused with the line where it stands; never a way into Python."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from terrain.core.message import MessageTooLong, Words, words_of
from terrain.errors import Refusal
from terrain.flow.template import (
    MessageGap,
    NotSpeakable,
    Speech,
    TemplateBroken,
    TemplateForbids,
    check,
    fill,
    variables_of,
)

FRENCH = Speech("fr", ZoneInfo("Europe/Paris"))
LEA: Mapping[str, Any] = {"customer": {"name": "Léa"}}


def written(body: str) -> Words:
    return words_of(f"Subject: For you\n{body}", "filter", "fr")


def filled(body: str, values: Mapping[str, Any] = LEA) -> str:
    return fill(written(body), values, FRENCH)[1].strip()


def test_lea_is_called_by_her_name() -> None:
    assert filled("Bonjour {{ customer.name }},") == "Bonjour Léa,"


def test_a_gap_is_refused_with_its_name_and_line() -> None:
    with pytest.raises(MessageGap) as refused:
        filled("Bonjour,\n{{ customer.first_name }}")

    assert refused.value.field == "customer.first_name"
    assert refused.value.values["place"] == "filter.fr.md:3"


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_name_is_a_gap_too(nothing: str | None) -> None:
    with pytest.raises(MessageGap):
        filled("Bonjour {{ customer.name }}", {"customer": {"name": nothing}})


def test_what_is_not_known_can_be_asked_about() -> None:
    assert filled("Bonjour{% if customer.title %} {{ customer.title }}{% endif %}") == "Bonjour"


def test_dates_and_amounts_are_said_as_people_say_them() -> None:
    values = {"order": {"at": "2026-11-22", "sent": "2026-11-22T23:30:00Z", "total": 1234.5}}

    assert filled("{{ order.at|date }}", values) == "22 novembre 2026"
    assert filled("{{ order.sent|date }} {{ order.sent|time }}", values) == (
        "23 novembre 2026 00\\:30"
    )
    assert filled("{{ order.total|money }}", values).replace("\\", "") == "1\u202f234,50\xa0€"


def test_no_value_becomes_markup() -> None:
    values = {"customer": {"name": "[gratis](http://evil.example)\n# <b>*Léa*"}}

    assert filled("{{ customer.name }}", values) == (
        r"\[gratis\]\(http\:\/\/evil\.example\) \# \<b\>\*Léa\*"
    )


def test_a_subject_is_one_line_whatever_stands_in_it() -> None:
    words = words_of("Subject: For {{ customer.name }}\n.", "filter", "fr")

    subject, _ = fill(words, {"customer": {"name": "Léa\r\nBcc: all@x"}}, FRENCH)

    assert subject == "For Léa Bcc: all@x"


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ customer._private }}",
        "{{ customer.name.upper() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% set a = 1 %}",
        "{% macro a() %}{% endmacro %}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ customer.name|center(100000000) }}",
        "{{ customer.name|attr('x') }}",
        "{{ range(100000000) }}",
        "{% for a in b %}{% for c in b %}{% for d in b %}{% endfor %}{% endfor %}{% endfor %}",
    ],
)
def test_a_template_that_reaches_further_is_refused_when_it_is_read(body: str) -> None:
    with pytest.raises(TemplateForbids) as refused:
        check(written("Bonjour\n" + body))

    assert refused.value.field == "filter.fr.md:3"


@pytest.mark.parametrize("body", ["{{ customer.name", "{% if %}", "{{ (" + "(" * 5000])
def test_a_template_that_cannot_be_read_is_refused(body: str) -> None:
    with pytest.raises(TemplateBroken):
        check(written(body))


def test_a_misspelt_filter_is_met_with_the_right_one() -> None:
    with pytest.raises(TemplateForbids) as refused:
        check(written("{{ order.total|mony }}"))

    assert refused.value.right == "money"


@pytest.mark.parametrize("body", ["{{ 'a' * 1000000000 }}", "{{ customer.name|date }}"])
def test_what_cannot_be_worked_out_is_refused(body: str) -> None:
    with pytest.raises(TemplateBroken):
        filled(body)


def test_a_method_is_no_part_of_a_value() -> None:
    with pytest.raises(MessageGap):
        filled("{{ order.items }}", {"order": {"sku": "a"}})


def test_a_whole_order_cannot_be_said() -> None:
    with pytest.raises(NotSpeakable):
        filled("{{ customer }}")


@pytest.mark.parametrize("items", [["x" * 300] * 900, ["x"] * 1_001])
def test_endless_lists_are_refused(items: list[str]) -> None:
    with pytest.raises(MessageTooLong):
        filled("{% for a in all %}{{ a }}{% endfor %}", {"all": items})


def test_the_names_that_the_words_need_are_known_with_their_lines() -> None:
    words = words_of(
        "Subject: {{ customer.name }}\n{% for line in order.items %}\n{{ line.sku }}\n{% endfor %}",
        *("filter", "en"),
    )

    assert [(each.name, each.line) for each in variables_of(words)] == [
        ("customer.name", 1),
        ("order.items", 2),
        ("order.items.sku", 3),
    ]


def test_every_refusal_of_a_template_is_a_refusal() -> None:
    assert issubclass(TemplateBroken, Refusal)
