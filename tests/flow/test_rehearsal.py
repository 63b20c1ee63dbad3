"""What a version would have done last month, on a few customers, with nothing written."""

from datetime import timedelta

import msgspec
import pytest
from psycopg import Connection

from terrain.config import read
from terrain.core.automation import Automation
from terrain.flow import reference, rehearsal
from terrain.flow.rehearsal import Rehearsal, last_month
from tests.journeys import written
from tests.people import NOON
from tests.reminded import Reminded

SOON = "starts: {when: order.delivered}\nsteps: [{send: hello, by: email, reach: inbox}]\n"
LATER = SOON.replace("[{send", "[{wait: 1 year}, {send")


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db).buys_a_filter()


def told(lea: Reminded, old: Automation | None, new: Automation) -> Rehearsal:
    house = reference.house(lea.db, read())
    # A moment later: what she said just now has happened.
    return last_month(lea.db, old, new, house, lea.now + timedelta(minutes=5))


def test_it_is_lived_with_both_versions_side_by_side(lea: Reminded) -> None:
    found = told(lea, written(LATER), written(SOON))

    assert found.customers == 1
    assert sum(found.before.values()) == 0
    assert sum(found.now.values()) == 1


def test_a_first_version_stands_alone(lea: Reminded) -> None:
    found = told(lea, None, written(SOON))

    assert found.before == {}
    assert set(found.now) == {"act", "ask", "hold", "hand"}


def test_nothing_is_written(lea: Reminded) -> None:
    before = lea.db.execute("SELECT count(*) FROM decision").fetchone()
    told(lea, None, written(SOON))

    assert lea.db.execute("SELECT count(*) FROM decision").fetchone() == before


def test_no_more_are_looked_at_than_was_promised(
    lea: Reminded, monkeypatch: pytest.MonkeyPatch
) -> None:
    Reminded(lea.db, user_id="omar", name="Omar Diallo")
    monkeypatch.setattr(rehearsal, "CUSTOMERS", 1)

    assert told(lea, None, written(SOON)).customers == 1


def test_nobody_is_a_sample_too(db: Connection) -> None:
    new = msgspec.structs.replace(written(SOON), name="nobody-met-it")
    found = last_month(db, None, new, reference.house(db, read()), NOON)

    assert (found.customers, sum(found.now.values())) == (0, 0)
