"""A message as a customer gets it: in her language, handsome, and with every way out."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import read
from terrain.core.consent import Channel
from terrain.core.house import Company
from terrain.core.identifier import key_of
from terrain.core.message import Message
from terrain.flow.letters import Desk, address_of, message_of
from terrain.flow.links import links_of
from terrain.flow.messages import Frame, UnknownMessage, compose, names, words_named
from terrain.flow.template import Speech
from tests.flow.conftest import a_letter
from tests.people import NOON, a_claim, a_customer, a_house
from tests.reminded import Reminded

PAGE = "https://shop.example/my/abc"
SHOP = Company(name="L’Eau claire", address="1 rue du Port, Brest")
BODY = """Subject: Votre filtre
# Bonjour {{ name }}

C’est le moment. [Voir comment](https://shop.example/video)

[Recommander]({{ reorder }})

- un
- deux
"""


@pytest.fixture
def automations(tmp_path: Path) -> Path:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "filter.fr.md").write_text(BODY, encoding="utf-8")
    return tmp_path


def written(automations: Path, name: str = "Léa", lead: str = "") -> Message:
    words = words_named(automations, "filter")["fr"]
    frame = Frame(SHOP, PAGE, (lambda _: lead) if lead else str)
    values = {"name": name, "reorder": "https://shop.example/r?a=1&b=2"}
    return compose(words, values, Speech("fr"), frame)


def test_lea_reads_it_as_text_with_its_links_written_out(automations: Path) -> None:
    text = written(automations).text

    assert text.startswith("Bonjour Léa\n\nC’est le moment. Voir comment (https://shop")
    assert "Recommander (https://shop.example/r?a=1&b=2)\n\n- un\n- deux\n" in text


def test_every_message_says_who_why_how_to_stop_and_how_to_reach_a_person(
    automations: Path,
) -> None:
    message = written(automations)

    for part in (message.text, message.html):
        assert "C’est L’Eau claire, 1 rue du Port, Brest qui vous écrit." in part
        assert PAGE in part
    for place in ("#date", "#stop", "#stop-all", "#person"):
        assert f'href="{PAGE}{place}"' in message.html


def test_no_html_of_a_customer_gets_through(automations: Path) -> None:
    html = written(automations, name="<script>alert(1)</script><img src=x onerror=alert(1)>").html

    assert "<script" not in html
    assert "<img" not in html
    assert "Bonjour &lt;script&gt;alert(1)" in html  # escaped once, not twice


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
def test_a_link_leads_to_the_web_or_nowhere(automations: Path, address: str) -> None:
    words = words_named(automations, "filter")["fr"]
    message = compose(words, {"name": "Léa", "reorder": address}, Speech("fr"), Frame(SHOP, PAGE))

    assert f'href="{address}' not in message.html


def test_links_lead_through_us_in_html_and_straight_on_in_text(automations: Path) -> None:
    message = written(automations, lead="https://shop.example/to/xyz")

    assert message.html.count("https://shop.example/to/xyz") == 2
    assert "https://shop.example/to/xyz" not in message.text


def test_the_letter_needs_no_table_and_bears_the_dark(automations: Path) -> None:
    html = written(automations).html

    assert "<table" not in html
    assert "prefers-color-scheme: dark" in html


def test_words_changed_on_disk_are_read_anew(automations: Path) -> None:
    words_named(automations, "filter")
    file = automations / "messages" / "filter.fr.md"
    file.write_text("Subject: Autre\nAutre", encoding="utf-8")

    assert words_named(automations, "filter")["fr"].subject == "Autre"


def test_words_may_lie_next_to_the_automations(automations: Path) -> None:
    assert words_named(automations / "automations", "filter")["fr"].subject == "Votre filtre"


@pytest.mark.parametrize("name", ["filtre", "../filter", "", "a" * 1000])
def test_unknown_words_are_refused(automations: Path, name: str) -> None:
    with pytest.raises(UnknownMessage):
        words_named(automations, name)


def test_our_own_words_speak_every_language(tmp_path: Path) -> None:
    assert all(set(words_named(tmp_path, name)) == {"en", "fr"} for name in names(tmp_path))


def test_a_postal_address_is_written_a_part_a_line() -> None:
    address = {"street": "3 quai Rambaud", "floor": "", "city": "69002 Lyon"}
    letter = a_letter(key_of(1), channel=Channel.POST, recipient="address")

    found = address_of(letter, a_customer(a_claim(address)), a_house(), NOON)

    assert found == "3 quai Rambaud\n69002 Lyon"


@pytest.mark.parametrize(
    ("offers", "times"),
    [(["stop_these", "a_person"], 0), (["move_the_date", "a_person"], 1), (None, 1)],
)
def test_only_a_letter_that_offers_it_leads_to_her_dates(
    db: Connection, automations: Path, offers: list[str] | None, times: int
) -> None:
    reminded = Reminded(db).buys_a_filter()
    values = {"name": "Léa", "reorder": "https://shop.example/r"}
    content = {"template": "filter", "values": values} | ({"offers": offers} if offers else {})
    desk = Desk(replace(read(), automations=automations), links_of(read()))
    letter = a_letter(reminded.key, content=content)
    message = message_of(letter, reminded.work(), reminded.house, desk)

    assert message.text.count("Changer la date") == times


def test_a_message_that_may_ask_whether_it_helped_asks_with_one_tap(automations: Path) -> None:
    words = words_named(automations, "filter")["fr"]
    values = {"name": "Léa", "reorder": "https://shop.example/r"}
    message = compose(words, values, Speech("fr"), Frame(SHOP, PAGE, surveys=True))

    for place in ("/why?helped=yes#help", "/why?helped=no#help", "/why#tell-us"):
        assert f'href="{PAGE}{place}"' in message.html
    assert f"{PAGE}/why#tell-us" in message.text


def test_one_that_may_not_says_nothing_of_it(automations: Path) -> None:
    message = written(automations)

    assert "helped=" not in message.html
    assert "#tell-us" not in message.text
