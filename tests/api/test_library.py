"""The official library, unmodified, pointed at Terrain: what people already have goes on working."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from segment.analytics.client import Client
from segment.analytics.request import APIError

if TYPE_CHECKING:
    from tests.api.conftest import WebProcess


def speak(client: Client) -> None:
    client.identify("lea", {"email": "lea@example.org", "name": "Léa"}, message_id="1")
    client.track("lea", "order.placed", {"total": 12.5}, message_id="2")
    client.page("lea", "shop", "filters", message_id="3")
    client.screen("lea", "shop", "filters", message_id="4")
    client.group("lea", "acme", {"name": "Acme"}, message_id="5")
    client.alias("visitor-7", "lea", message_id="6")


SPOKEN = [
    ("1", "customer.identified", "web shop"),
    ("2", "order.placed", "web shop"),
    ("3", "page.viewed", "web shop"),
    ("4", "screen.viewed", "web shop"),
    ("5", "account.joined", "web shop"),
    ("6", "identity.linked", "web shop"),
]


@pytest.mark.parametrize("gzip", [False, True])
def test_all_six_calls_arrive(web: "WebProcess", gzip: bool) -> None:  # noqa: FBT001 - a case
    failed: list[object] = []
    client = Client(
        web.key(source="web shop"),
        host=web.address,
        gzip=gzip,
        on_error=lambda *why: failed.append(why),
    )
    speak(client)
    client.shutdown()

    assert failed == []
    assert web.events() == SPOKEN


def test_five_hundred_events_arrive_once_each(web: "WebProcess") -> None:
    client = Client(web.key(), host=web.address + "/", upload_size=100)
    for n in range(500):
        client.track(f"customer-{n % 7}", "order.placed", message_id=f"m-{n}")
    client.shutdown()

    assert len(web.events()) == 500


def test_the_time_the_library_gives_is_kept(web: "WebProcess") -> None:
    client = Client(web.key(), host=web.address, sync_mode=True)
    client.track("lea", "order.placed", timestamp=datetime(2026, 1, 2, 3, tzinfo=UTC))

    with web.db() as db:
        (at,) = db.execute("SELECT at FROM event").fetchall()[0]
    assert at == datetime(2026, 1, 2, 3, tzinfo=UTC)


def test_a_wrong_key_is_told_in_words_the_library_shows(web: "WebProcess") -> None:
    with pytest.raises(APIError) as refused:
        Client("wrong", host=web.address, sync_mode=True).track("lea", "order.placed")

    assert refused.value.status == 401
    assert "terrain keys make" in str(refused.value)
