"""The README, followed to the letter: the file, the two messages, the letter that comes of them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from terrain.config import read
from terrain.flow import reference
from terrain.flow.carry_out import hang_up, send_some
from terrain.flow.rules import keep_shipped
from terrain.flow.take_in import Message, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.flow.versions import publish
from terrain.store.connection import Record
from tests.docs.pages import ROOT, blocks, files
from tests.outside import PostOffice
from tests.stories.shop import EVERY_BUCKET, EVERY_LANE

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)


@pytest.fixture
def post_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with PostOffice() as office:
        monkeypatch.setenv("TERRAIN_SMTP_URL", office.url)
        monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(tmp_path / "automations"))
        yield office
        hang_up()


@pytest.mark.parametrize("page", ["README.md", "LISEZMOI.md"])
def test_the_letter_of_the_readme_arrives(
    page: str, tmp_path: Path, fresh_database: str, post_office: PostOffice
) -> None:
    for name, text in files(ROOT / page).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    with Record(fresh_database).opened() as record:
        with record.local() as db, db.transaction():
            keep_shipped(db, NOON)
            publish(db, tmp_path / "automations", NOON)
            house = reference.house(db, read())
            take_in(db, messages_of(page), "shop", NOON)
        busy = True
        while busy:
            with record.local() as db, db.transaction():
                busy = turn(db, house, EVERY_BUCKET, NOON) != NOTHING
            busy |= send_some(record, house, EVERY_BUCKET, EVERY_LANE, NOON) > 0

    (letter,) = post_office.messages
    assert letter["To"] == "nadia@example.org"
    assert "A-1001" in str(letter.get_body(("plain",)))


def messages_of(page: str) -> list[Message]:
    """Return the messages that the page tells people to post."""
    (said,) = (block.text for block in blocks(ROOT / page) if "--data" in block.text)
    found = re.search(r"--data '(.*)'", said, re.DOTALL)
    assert found is not None
    return [Message(raw=json.dumps(each).encode()) for each in json.loads(found[1])["batch"]]
