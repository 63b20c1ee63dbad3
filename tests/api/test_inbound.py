"""Mail services tell us of bounces and complaints, and are believed only when they signed it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest
from standardwebhooks import Webhook

from terrain.config import read, secret_of
from terrain.core.act import Act
from terrain.core.identifier import Identifier, Kind
from terrain.core.message import message_id_of
from terrain.store import acts
from terrain.store.identifiers import resolve
from tests.api.conftest import Answer, WebProcess
from tests.core.test_returned import OURS, a_bounce
from tests.flow.conftest import a_letter
from tests.people import NOON

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Told = Callable[..., Answer]


@pytest.fixture(scope="module", autouse=True)
def _secret() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERRAIN_INBOUND_SECRET", SECRET)
        yield


@pytest.fixture
def act(web: WebProcess) -> Act:
    """Return a letter that was sent to Léa."""
    address = Identifier(Kind.EMAIL, "lea@example.org")
    with psycopg.connect(web.conninfo) as db:
        letter = a_letter(resolve(db, [address], NOON)[address])
        acts.queue(db, [letter], NOON)
    return letter


@pytest.fixture
def tell(web: WebProcess) -> Told:
    def say(
        body: bytes, kind: str = "application/json", ago: float = 0, secret: str = SECRET
    ) -> Answer:
        at = datetime.now(UTC) - timedelta(seconds=ago)
        signed = {
            "webhook_id": "msg_1",
            "webhook_timestamp": str(int(at.timestamp())),
            "webhook_signature": Webhook(secret).sign("msg_1", at, body.decode()),
        }
        return web.post("/v1/inbound/mail", body, content_type=kind, **signed)

    return say


def name_of(act: Act) -> str:
    return message_id_of(secret_of(read()), act.key, act.act_id, "shop.example")


def events(web: WebProcess) -> list[str]:
    with psycopg.connect(web.conninfo) as db:
        return [name for (name,) in db.execute("SELECT name FROM event ORDER BY name")]


def test_a_bounce_told_by_a_service_is_an_event(web: WebProcess, act: Act, tell: Told) -> None:
    news = {"type": "bounce", "message_id": name_of(act), "recipient": "lea@example.org"}

    assert tell(msgspec.json.encode(news)).status == 204
    assert events(web) == ["message.bounced"]


def test_a_mail_passed_on_whole_is_read(web: WebProcess, act: Act, tell: Told) -> None:
    raw = a_bounce().replace(OURS.encode(), name_of(act).encode())

    assert tell(raw, "message/rfc822").status == 204
    assert events(web) == ["message.bounced"]


def test_without_the_right_signature_nothing_is_believed(
    web: WebProcess, act: Act, tell: Told
) -> None:
    news = msgspec.json.encode({"type": "complaint", "message_id": name_of(act)})

    assert tell(news, secret="whsec_" + "A" * 32).status == 401
    assert tell(news, ago=600).status == 401
    assert web.post("/v1/inbound/mail", news).status == 401
    assert events(web) == []


def test_what_cannot_be_read_is_refused_with_the_reason(tell: Told) -> None:
    answer = tell(b'{"type": "party"}')

    assert answer.status == 400
    assert answer.json["code"] == "inbound_unreadable"


def test_news_of_no_letter_of_ours_waits_in_the_tray(web: WebProcess, tell: Told) -> None:
    assert tell(b'{"type": "bounce", "message_id": "<other@x>"}').status == 204
    with psycopg.connect(web.conninfo) as db:
        assert db.execute("SELECT kind FROM tray").fetchall() == [("mail",)]
