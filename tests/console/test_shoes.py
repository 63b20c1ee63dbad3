"""Walk in her shoes: what would happen to one customer, shown, supposed, and never done."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from psycopg import Connection

from terrain.store import automations
from tests.journeys import example_catalogue, examples
from tests.reminded import Reminded

NOW = datetime.now(UTC)
TOMORROW = f"{NOW + timedelta(days=1):%Y-%m-%d}"
TABLES = ("event", "run", "decision", "act", "claim", "task", "question", "directory", "walk")


@pytest.fixture
def lea(db: Connection) -> Reminded:
    lea = Reminded(db)
    automations.keep_catalogue(db, example_catalogue(), NOW)
    for name in ("filter-reminder", "review-request", "order-delayed"):
        automations.add_version(db, examples()[name], "", NOW)
    return lea


def text_of(reader: Any, address: str, language: str = "en") -> str:
    return str(reader.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode())


def shoes_of(lea: Reminded, *supposed: str) -> str:
    asked = "&".join(f"if={quote(each)}" for each in supposed)
    return f"/customers/{lea.key.customer_id}/shoes?{asked}"


def counts(db: Connection) -> list[int]:
    return [len(db.execute(f"SELECT FROM {table}".encode()).fetchall()) for table in TABLES]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_to_come_is_said_kindly(operator: Any, lea: Reminded, language: str) -> None:
    page = text_of(operator, shoes_of(lea), language)

    assert {"en": "Ninety quiet days.", "fr": "Quatre-vingt-dix jours tranquilles."}[
        language
    ] in page
    assert '<svg class="calendar"' in page


def test_what_follows_from_an_order_is_shown_day_by_day_and_nothing_is_written(
    operator: Any, lea: Reminded
) -> None:
    before = counts(lea.db)
    page = text_of(operator, shoes_of(lea, f"order.delivered~{TOMORROW}~A-1~filter-a~3"))

    assert "review-request" in page
    assert "quiet day" in page
    assert "What decides it" in page
    assert "Later than that" in page  # the filters, in six months
    assert counts(lea.db) == before


def test_the_form_leads_to_an_address_that_can_be_kept(operator: Any, lea: Reminded) -> None:
    typed = f"when=order.delivered&day={TOMORROW}&about=A%7E1&sku=filter-a&units=2"
    answer = operator.get(f"{shoes_of(lea)}{typed}")

    assert answer.status_code == 302
    page = text_of(operator, answer.headers["Location"])
    assert "Supposing that" in page
    assert "A 1" in page
    assert "Take it back" in page


@pytest.mark.parametrize(
    "supposed",
    [
        *("nonsense", "order.delivered", "order.delivered~yesterday", "order.delivered~1999-01-01"),
        *("order.delivered~2099-01-01", f"no.such.event~{TOMORROW}~x", f"~{TOMORROW}"),
        *(
            f"order.delivered~{TOMORROW}~x~no-such-sku~1",
            "<script>",
            "~" * 400,
            "'; DROP TABLE run;--",
        ),
    ],
)
def test_what_cannot_happen_is_not_supposed(operator: Any, lea: Reminded, supposed: str) -> None:
    answer = operator.get(shoes_of(lea, supposed))

    assert answer.status_code == 422
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize("units", ["", "-1", "0", "9" * 30, "٣", "1e3", "x"])
def test_an_odd_number_of_units_is_some_number(operator: Any, lea: Reminded, units: str) -> None:
    answer = operator.get(shoes_of(lea, f"order.delivered~{TOMORROW}~A-1~filter-a~{units}"))

    assert answer.status_code == 200


def test_a_script_in_an_order_is_text(operator: Any, lea: Reminded) -> None:
    page = text_of(
        operator, shoes_of(lea, f"order.delivered~{TOMORROW}~<script>alert(1)~filter-a~1")
    )

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_thousand_suppositions_are_a_few(operator: Any, lea: Reminded) -> None:
    many = [f"order.delivered~{TOMORROW}~A-{n}~filter-a~1" for n in range(40)]
    page = text_of(operator, shoes_of(lea, *many))

    assert page.count("Take it back") == 6
    assert "What if" not in page


def test_the_page_only_reads(operator: Any, lea: Reminded) -> None:
    assert operator.post(shoes_of(lea)).status_code in {403, 405}
