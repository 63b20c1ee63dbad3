"""What comes back is an event of the act's customer; a stop holds at once."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from psycopg import Connection

from terrain.config import read, secret_of
from terrain.core import returned
from terrain.core.act import Act
from terrain.core.consent import Purpose
from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.message import message_id_of
from terrain.core.outbox import ActState
from terrain.flow import inbound
from terrain.flow.stop import Stop, stop_at_once
from terrain.store import acts, suppressions, trays
from terrain.store.identifiers import resolve
from tests.core.test_returned import OURS, a_bounce, a_reply, a_report
from tests.flow.conftest import a_letter
from tests.people import NOON


@pytest.fixture
def secret() -> str:
    return secret_of(read())


@pytest.fixture
def lea(db: Connection) -> CustomerKey:
    address = Identifier(Kind.EMAIL, "lea@example.org")
    return resolve(db, [address], NOON)[address]


def sent(db: Connection, key: CustomerKey, **changes: object) -> Act:
    act = a_letter(key, **changes)
    acts.queue(db, [act], NOON)
    return act


def take(db: Connection, raw: bytes, act: Act, secret: str) -> None:
    name = message_id_of(secret, act.key, act.act_id, "shop.example")
    raw = raw.replace(OURS.encode(), name.encode())
    inbound.take(db, returned.read(raw, secret), raw, secret, NOON)


def told(db: Connection) -> list[tuple[str, dict[str, str]]]:
    rows = db.execute("SELECT name, payload FROM event ORDER BY name").fetchall()
    return [(name, msgspec.json.decode(payload)["properties"]) for name, payload in rows]


def test_a_bounce_is_an_event_about_her_address(
    db: Connection, lea: CustomerKey, secret: str
) -> None:
    act = sent(db, lea)
    take(db, a_bounce(), act, secret)
    take(db, a_bounce(), act, secret)

    [(name, said)] = told(db)
    assert name == "message.bounced"
    assert (said["act_id"], said["type"]) == (str(act.act_id), "hard")
    assert said["recipient"] == "lea@example.org"


def test_a_complaint_stops_what_is_still_queued(
    db: Connection, lea: CustomerKey, secret: str
) -> None:
    first, second = sent(db, lea, purpose=Purpose.PROSPECTING), sent(db, lea, run_id=2)
    take(db, a_report("feedback-report", "Feedback-Type: abuse\r\n"), first, secret)

    assert [name for name, _ in told(db)] == [
        *("automation.stopped", "consent.withdrawn", "message.complained")
    ]
    standing = acts.find(db, lea, second.act_id)
    assert standing is not None
    assert standing.state is ActState.STOPPED
    assert (
        "email:prospecting"
        in suppressions.scopes(db, secret, ["lea@example.org"])["lea@example.org"]
    )


def test_a_reply_reaches_a_person_in_her_own_words(
    db: Connection, lea: CustomerKey, secret: str
) -> None:
    text = "Le filtre fuit.\n\nLe 22 nov. 2026 à 12:00, Shop <a@b.example> a écrit :\n> Bonjour\n"
    take(db, a_reply(text), sent(db, lea), secret)

    events = dict(told(db))
    assert set(events) == {"message.replied", "person.wanted"}
    assert events["person.wanted"]["text"] == "Le filtre fuit."


@pytest.mark.parametrize(
    "word",
    [
        *("STOP", "stop.", "Unsubscribe", "unsubscribe me!", "Remove me"),
        *("désabonner", "Désinscription", "Désabonnez-moi !", "desinscrivez moi", "arrêtez"),
    ],
)
def test_the_one_word_stop_stops_everything(
    db: Connection, lea: CustomerKey, secret: str, word: str
) -> None:
    take(db, a_reply(word), sent(db, lea), secret)

    assert ("automation.stopped", "all") in [
        (name, said.get("automation")) for name, said in told(db)
    ]


def test_mail_that_answers_nothing_waits_in_the_tray(db: Connection, secret: str) -> None:
    raw = b"From: omar@example.org\r\nSubject: Hello\r\n\r\nAnybody there?"
    inbound.take(db, returned.read(raw, secret), raw, secret, NOON)

    assert trays.waiting(db)[0].payload == raw


def test_who_is_on_holiday_disturbs_nobody(db: Connection, lea: CustomerKey, secret: str) -> None:
    take(db, a_reply(Auto_Submitted="auto-replied"), sent(db, lea), secret)

    assert told(db) == []
    assert trays.count(db) == {}


# -- one click ------------------------------------------------------------------------------------


def test_one_click_stops_a_reminder_its_consent_and_its_address_at_once(
    db: Connection, lea: CustomerKey, secret: str
) -> None:
    act, queued = sent(db, lea, purpose=Purpose.PROSPECTING), sent(db, lea, run_id=2)

    assert stop_at_once(db, Stop(key=lea, act_id=act.act_id), secret, NOON)

    events = dict(told(db))
    assert events["automation.stopped"]["automation"] == "welcome"
    assert events["consent.withdrawn"]["channel"] == "email"
    assert suppressions.scopes(db, secret, ["lea@example.org"])
    assert acts.mark_leaving(db, [queued], NOON, NOON + timedelta(minutes=1)) == {}


def test_one_click_on_a_service_letter_leaves_her_other_consents(
    db: Connection, lea: CustomerKey, secret: str
) -> None:
    act = sent(db, lea)
    stop_at_once(db, Stop(key=lea, act_id=act.act_id), secret, NOON)

    assert [name for name, _ in told(db)] == ["automation.stopped"]


def test_clicked_twice_it_is_one_stop(db: Connection, lea: CustomerKey, secret: str) -> None:
    act = sent(db, lea)
    for moment in (NOON, NOON + timedelta(days=1)):
        stop_at_once(db, Stop(key=lea, act_id=act.act_id), secret, moment)

    assert len(told(db)) == 1


def test_a_click_about_no_act_of_ours_stops_nothing(
    db: Connection, lea: CustomerKey, secret: str
) -> None:
    assert not stop_at_once(db, Stop(key=lea, act_id=1), secret, datetime(2026, 11, 22, tzinfo=UTC))
