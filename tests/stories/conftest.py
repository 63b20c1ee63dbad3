"""A shop that opens on a database, a mail server and a warehouse of its own."""

from collections.abc import Iterator

import pytest

from terrain.demo.shop import EXAMPLES
from terrain.flow.carry_out import hang_up
from terrain.store.connection import Record
from tests.outside import PostOffice, Receiving
from tests.stories.shop import Shop


@pytest.fixture
def shop(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with PostOffice() as post_office, Receiving() as warehouse:
        monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(EXAMPLES))
        monkeypatch.setenv("TERRAIN_SMTP_URL", post_office.url)
        monkeypatch.setenv("TERRAIN_MAIL_FROM", "hello@shop.example")
        monkeypatch.setenv("TERRAIN_MAIL_PER_MINUTE", "0")
        with Record(fresh_database).opened() as record:
            yield Shop(record, post_office, warehouse)
        hang_up()
