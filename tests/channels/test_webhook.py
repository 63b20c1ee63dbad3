"""Webhooks to a real receiver: signed, in time, and never told what cannot be known."""

import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace
from standardwebhooks import Webhook, WebhookVerificationError

from terrain.channels.webhook import Call, Caller, Receiver
from terrain.core.outbox import How
from tests.outside import Receiving, answer, where_nobody_listens

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def caller() -> Iterator[Caller]:
    caller = Caller()
    yield caller
    caller.close()


def a_call(receiving: Receiving, key: str = "act_1", seconds: float = 5.0) -> Call:
    receiver = Receiver(
        name="warehouse", url=receiving.url, secret=Webhook(KEY)._whsecret, seconds=seconds
    )
    return Call(receiver=receiver, key=key, body=b'{"order":"A-1"}', at=int(time.time()))


def test_the_receiver_can_tell_that_it_was_us(caller: Caller, receiving: Receiving) -> None:
    caller.call([a_call(receiving)])

    heard = receiving.heard[0]
    assert Webhook(KEY).verify(heard.body, heard.headers) == {"order": "A-1"}
    with pytest.raises(WebhookVerificationError):
        Webhook(KEY).verify(heard.body + b" ", heard.headers)


def test_the_same_act_is_called_under_the_same_key(caller: Caller, receiving: Receiving) -> None:
    caller.call([a_call(receiving)])
    caller.call([a_call(receiving)])

    keys = {heard.headers["idempotency-key"] for heard in receiving.heard}
    assert keys == {"act_1"} == {heard.headers["webhook-id"] for heard in receiving.heard}
    assert receiving.heard[0].path == "/hook?from=terrain"


def test_several_are_on_their_way_at_once(caller: Caller, receiving: Receiving) -> None:
    all_here = threading.Barrier(8, timeout=5)
    receiving.on_request = lambda _: all_here.wait()

    results = caller.call([a_call(receiving, f"act_{n}") for n in range(8)])

    assert [result.how for result in results] == [How.LEFT] * 8


def test_lines_are_used_again(caller: Caller, receiving: Receiving) -> None:
    for _ in range(3):
        caller.call([a_call(receiving, "a"), a_call(receiving, "b")])

    assert receiving.connections == 2


def test_a_line_that_was_hung_up_meanwhile_is_not_spoken_into(
    caller: Caller, receiving: Receiving
) -> None:
    receiving.hangs_up = True
    caller.call([a_call(receiving)])
    time.sleep(0.1)

    assert caller.call([a_call(receiving)])[0].how is How.LEFT


@pytest.mark.parametrize(
    ("said", "how", "because"),
    [
        (answer(204), How.LEFT, ""),
        (answer(400, body="no such order"), How.REFUSED, "receiver_refused"),
        (answer(410), How.REFUSED, "receiver_refused"),
        (
            answer(302, "Location: http://elsewhere.example/\r\n"),
            *(How.REFUSED, "receiver_redirected"),
        ),
        (answer(429), How.NOT_YET, "receiver_is_busy"),
        (answer(503), How.NOT_YET, "receiver_is_busy"),
        (answer(500), How.UNKNOWN, "receiver_failed"),
        (b"", How.UNKNOWN, "receiver_did_not_answer"),
        (b"HTTP/1.1 2", How.UNKNOWN, "receiver_did_not_answer"),
        (b"SSH-2.0-hello\r\n", How.UNKNOWN, "receiver_did_not_answer"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(200), How.LEFT, ""),
    ],
)
def test_an_answer_is_understood(
    caller: Caller, receiving: Receiving, said: bytes, how: How, because: str
) -> None:
    receiving.answers = [said]
    result = caller.call([a_call(receiving)])[0]

    assert (result.how, result.because) == (how, because)
    assert caller.call([a_call(receiving)])[0].how is How.LEFT


def test_the_receiver_says_when_to_come_back(caller: Caller, receiving: Receiving) -> None:
    receiving.answers = [answer(429, "Retry-After: 120\r\n")]

    again = caller.call([a_call(receiving)])[0].again_after

    assert again is not None
    assert again.total_seconds() == 120


def test_an_endless_answer_is_not_listened_to(caller: Caller, receiving: Receiving) -> None:
    receiving.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 300_000]

    assert caller.call([a_call(receiving)])[0].how is How.LEFT


def test_a_receiver_that_sleeps_holds_nobody_up(caller: Caller, receiving: Receiving) -> None:
    receiving.on_request = lambda _: time.sleep(2)
    started = time.monotonic()

    result = caller.call([a_call(receiving, seconds=0.2)])[0]

    assert result.how is How.UNKNOWN
    assert time.monotonic() - started < 1


def to_port(call: Call, port: int) -> Call:
    return replace(call, receiver=replace(call.receiver, url=f"http://127.0.0.1:{port}/"))


def test_where_nobody_listens_it_certainly_was_not_heard(
    caller: Caller, receiving: Receiving
) -> None:
    call = a_call(receiving)
    with where_nobody_listens() as port:
        assert caller.call([to_port(call, port)])[0].how is How.NOT_YET


def test_who_cannot_be_reached_is_left_alone_for_a_while(
    caller: Caller, receiving: Receiving
) -> None:
    call = a_call(receiving)
    with where_nobody_listens() as port:
        nobody = to_port(call, port)
        results = caller.call([nobody, nobody, call])

    assert [result.detail for result in results] == ["ConnectionRefusedError", "rests", ""]


def test_nobody_is_trusted_without_a_certificate(caller: Caller, receiving: Receiving) -> None:
    call = a_call(receiving)
    secure = replace(
        call, receiver=replace(call.receiver, url=f"https://127.0.0.1:{receiving.port}/")
    )

    assert caller.call([secure])[0].how is How.NOT_YET
    assert receiving.heard == []


def test_the_secret_stays_out_of_what_is_said(caller: Caller, receiving: Receiving) -> None:
    caller.call([a_call(receiving)])

    assert KEY.encode() not in msgspec.json.encode(receiving.heard[0].headers)
